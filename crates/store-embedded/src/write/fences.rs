//! Schema versions, checked and raised as mutations are appended. In memory only.

use std::collections::HashMap;
use store::Fence;

/// Versions by subject; a subject that is not in it has version 0.
#[derive(Debug, Default)]
pub(crate) struct Fences(HashMap<u64, u64>);

impl Fences {
    /// Whether all of these are the current versions.
    pub(crate) fn hold(&self, fences: &[Fence]) -> bool {
        fences.iter().all(|fence| self.0.get(&fence.subject).copied().unwrap_or(0) == fence.version)
    }

    /// Raises versions; returns what they were, for [`Fences::restore`].
    pub(crate) fn raise(&mut self, fences: &[Fence]) -> Vec<Fence> {
        let raise = |fence: &Fence| {
            let version = self.0.insert(fence.subject, fence.version).unwrap_or(0);
            Fence { subject: fence.subject, version }
        };
        fences.iter().map(raise).collect()
    }

    /// Undoes the latest `raise` that is not undone yet.
    pub(crate) fn restore(&mut self, previous: &[Fence]) {
        for fence in previous.iter().rev() {
            self.0.insert(fence.subject, fence.version);
        }
    }
}
