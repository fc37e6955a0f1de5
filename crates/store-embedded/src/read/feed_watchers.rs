//! Readers that wait for the next record of a feed.

use parking_lot::Mutex;
use std::collections::HashMap;
use tokio::sync::oneshot;

/// Readers at the end of a feed. A feed has an entry only while a reader waits.
#[derive(Debug, Default)]
pub(crate) struct Watchers(Mutex<HashMap<u64, Vec<oneshot::Sender<()>>>>);

impl Watchers {
    /// Resolves at the feed's next record. The caller looks once more after this call and before it waits.
    pub(crate) fn watch(&self, feed: u64) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut watchers = self.0.lock();
        let waiting = watchers.entry(feed).or_default();
        waiting.retain(|sender| !sender.is_closed());
        waiting.push(sender);
        receiver
    }

    /// Wakes the readers that wait for one of these feeds.
    pub(crate) fn wake(&self, feeds: impl Iterator<Item = u64>) {
        let mut watchers = self.0.lock();
        if watchers.is_empty() {
            return;
        }
        for sender in feeds.filter_map(|feed| watchers.remove(&feed)).flatten() {
            let _ = sender.send(());
        }
    }
}
