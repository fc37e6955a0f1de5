//! A sign that items are read, for jobs that yield to readers. While no job uses it, it costs a read one load.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct ReadSign {
    /// Nothing was read since a job looked.
    is_quiet: AtomicBool,
}

impl ReadSign {
    /// Items are read.
    pub(crate) fn show(&self) {
        if self.is_quiet.load(Relaxed) {
            self.is_quiet.store(false, Relaxed);
        }
    }

    /// Whether items were read since the last call; true at the first one.
    pub(crate) fn ask(&self) -> bool {
        !self.is_quiet.swap(true, Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_shows_once() {
        let sign = ReadSign::default();
        assert!(sign.ask() && !sign.ask());
        (0..3).for_each(|_| sign.show());
        assert!(sign.ask() && !sign.ask());
    }
}
