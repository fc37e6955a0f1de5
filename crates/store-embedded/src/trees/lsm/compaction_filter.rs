//! What a compaction leaves out, and how it is ended early.

use crate::trees::feed_trim::TrimMarks;
use lsm_tree::compaction::filter::Context;
use lsm_tree::compaction::{CompactionFilter, Factory, ItemAccessor, Verdict};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Leaves trimmed feed records out of compacted files (a feed record is written once, so nothing older can
/// come back), and ends a compaction when the store closes.
pub(super) struct Reclaim {
    /// Of the tree of feeds.
    pub(super) trims: Option<Arc<TrimMarks>>,
    pub(super) stopping: Arc<AtomicBool>,
}

impl UnwindSafe for Reclaim {}
impl RefUnwindSafe for Reclaim {}

impl Factory for Reclaim {
    fn name(&self) -> &str {
        "reclaim"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Reclaim { trims: self.trims.clone(), stopping: self.stopping.clone() })
    }
}

impl CompactionFilter for Reclaim {
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> lsm_tree::Result<Verdict> {
        if self.stopping.load(Ordering::Relaxed) {
            return Err(lsm_tree::Error::Io(std::io::ErrorKind::Interrupted.into()));
        }
        let trimmed = self.trims.as_ref().is_some_and(|trims| trims.covers_key(item.key()));
        Ok(if trimmed { Verdict::Destroy } else { Verdict::Keep })
    }
}
