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
            let version = self.set(fence);
            Fence { subject: fence.subject, version }
        };
        fences.iter().map(raise).collect()
    }

    /// Undoes the latest `raise` that is not undone yet.
    pub(crate) fn restore(&mut self, previous: &[Fence]) {
        previous.iter().rev().for_each(|fence| _ = self.set(fence));
    }

    /// Sets a version; returns the one before. Version 0 takes no memory.
    fn set(&mut self, fence: &Fence) -> u64 {
        let before = match fence.version {
            0 => self.0.remove(&fence.subject),
            version => self.0.insert(fence.subject, version),
        };
        before.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_that_is_forgotten_takes_no_memory_and_comes_back_when_that_is_undone() {
        let mut fences = Fences::default();
        let fence = |version| Fence { subject: 7, version };
        fences.raise(&[fence(3)]);
        let before = fences.raise(&[fence(0)]);
        assert!(fences.0.is_empty() && !fences.hold(&[fence(3)]));
        fences.restore(&before);
        assert!(fences.hold(&[fence(3)]));
    }
}
