//! Schema versions, checked and raised as mutations are appended. In memory only.

use std::collections::HashMap;
use store::Fence;

/// Versions by subject; a subject that is not in it has version 0.
#[derive(Debug, Default)]
pub(crate) struct Fences(HashMap<u64, u64>);

impl Fences {
    /// Whether all of these are the current versions.
    pub(crate) fn hold(&self, fences: &[Fence]) -> bool {
        fences.iter().all(|fence| self.version(fence.subject) == fence.version)
    }

    /// The version of a subject.
    pub(crate) fn version(&self, subject: u64) -> u64 {
        self.0.get(&subject).copied().unwrap_or(0)
    }

    /// Raises versions, none to a lower one but 0; returns what they were, for [`Fences::restore`].
    pub(crate) fn raise(&mut self, fences: &[Fence]) -> Vec<Fence> {
        let raise = |&Fence { subject, version }: &Fence| {
            let before = self.version(subject);
            if version == 0 || version > before {
                self.set(&Fence { subject, version });
            }
            Fence { subject, version: before }
        };
        fences.iter().map(raise).collect()
    }

    /// Undoes the latest `raise` that is not undone yet.
    pub(crate) fn restore(&mut self, previous: &[Fence]) {
        previous.iter().rev().for_each(|fence| self.set(fence));
    }

    /// Sets a version. Version 0 takes no memory.
    fn set(&mut self, fence: &Fence) {
        match fence.version {
            0 => self.0.remove(&fence.subject),
            version => self.0.insert(fence.subject, version),
        };
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
