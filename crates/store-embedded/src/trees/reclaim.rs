//! The reclaimer: gives back the space of dropped ranges and trimmed feeds, in the background.
//!
//! A dropped range goes in steps. First HEAD says up to where rows are in sorted files, which keeps a replay from
//! bringing back rows of files that are about to go, and the sorted files that lie wholly inside are removed: that
//! needs no room, so it works on a full disk, and makes some. Then the memtables are flushed, and what they held of
//! the range goes in the same way. What is left at the edges is deleted in batches, by commits like any other. When
//! no reader can be older than the last of these, the row cache forgets the range and the drop is forgotten.

use crate::core::Core;
use crate::trees::corruption;
use crate::trees::feed_record;
use crate::trees::range_tombstones::{RangeTombstone, prefix_end};
use crate::trees::{Bytes, Name, TreeError};
use crate::write::batch::Batch;
use crate::write::mutate;
use crate::write::queue::Appending;
use parking_lot::{Condvar, Mutex};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;
use store::{Outcome, StoreError};

const BATCH_ROWS: usize = 500;
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Default)]
struct State {
    drops: bool,
    trims: BTreeSet<u64>,
    stop: bool,
}

/// Tells the reclaimer what there is to do.
#[derive(Default)]
pub(crate) struct Reclaim {
    state: Mutex<State>,
    changed: Condvar,
}

impl Reclaim {
    pub(crate) fn announce_drop(&self) {
        self.state.lock().drops = true;
        self.changed.notify_one();
    }

    pub(crate) fn announce_trim(&self, feed: u64) {
        self.state.lock().trims.insert(feed);
        self.changed.notify_one();
    }

    pub(crate) fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_one();
    }

    fn is_stopping(&self) -> bool {
        self.state.lock().stop
    }

    /// Whether to look at drops, and the feeds to look at; `None` when the store stops.
    fn next(&self) -> Option<(bool, BTreeSet<u64>)> {
        let mut state = self.state.lock();
        while !state.drops && state.trims.is_empty() && !state.stop {
            self.changed.wait(&mut state);
        }
        (!state.stop).then(|| (std::mem::take(&mut state.drops), std::mem::take(&mut state.trims)))
    }

    /// After a failure that may pass: tries again in a while.
    fn retry_later(&self) {
        let mut state = self.state.lock();
        if !state.stop {
            self.changed.wait_for(&mut state, PAUSE);
        }
        state.drops = true;
    }
}

enum Failed {
    /// Full, busy or closing.
    Later,
    /// The files are damaged.
    ForGood(TreeError),
}

impl From<TreeError> for Failed {
    fn from(error: TreeError) -> Self {
        let passes = error.is_full() || error.is_out_of_files();
        if passes { Failed::Later } else { Failed::ForGood(error) }
    }
}

impl From<StoreError> for Failed {
    fn from(_: StoreError) -> Self {
        Failed::Later
    }
}

/// Reclaims until the store stops.
pub(crate) fn run(core: &Core) {
    while let Some((drops, trims)) = core.reclaim.next() {
        let mut result = trims.into_iter().try_for_each(|feed| reclaim_trim(core, feed));
        if drops && result.is_ok() {
            result = reclaim_drops(core);
        }
        match result {
            Ok(()) => {}
            Err(Failed::Later) => {
                core.make_room();
                core.reclaim.retry_later();
            }
            Err(Failed::ForGood(error)) => {
                let what = format!(
                    "the space of dropped tables in {} is not given back: {error}",
                    core.dir.display()
                );
                (core.on_warning)(&what);
                Name::ALL.into_iter().for_each(|name| corruption::note(core, name));
                return;
            }
        }
    }
}

/// Removes the files that hold only trimmed records; compaction leaves out the others.
fn reclaim_trim(core: &Core, feed: u64) -> Result<(), Failed> {
    let (position, index) = core.trims.of(feed);
    let (start, end) = (feed_record::key(feed, 0, 0), feed_record::key(feed, position, index));
    let end = Bound::Included(&end[..]);
    if core.trees.has_files_within(Name::Feed, &start, end) {
        core.trees.drop_files(Name::Feed, &start, end)?;
    }
    Ok(())
}

fn reclaim_drops(core: &Core) -> Result<(), Failed> {
    let published = core.readers.published();
    for range in core.tombstones.snapshot().iter().flat_map(|list| list.iter()) {
        if range.position <= published {
            reclaim_drop(core, range)?;
        }
    }
    Ok(())
}

fn reclaim_drop(core: &Core, range: &Arc<RangeTombstone>) -> Result<(), Failed> {
    let end = prefix_end(&range.prefix);
    let end = end.as_ref().map(Vec::as_slice);
    if core.trees.has_files_within(Name::Rows, &range.prefix, end) && !range.is_rewritten() {
        drop_files(core, range, end)?;
        core.queue.request_rotation();
        if !core.memtables.wait_until_flushed(Name::Rows, range.position) {
            return Err(Failed::Later);
        }
        drop_files(core, range, end)?;
    }
    delete_rest(core, range, end)?;
    let finished = committed(mutate::append_own(core, Batch::finish_drop(range.position)))?;
    core.readers.wait_for_older(finished);
    core.row_cache.forget(&range.prefix);
    core.tombstones.remove(range.position);
    Ok(())
}

fn drop_files(core: &Core, range: &RangeTombstone, end: Bound<&[u8]>) -> Result<(), Failed> {
    let _nothing_is_installed = core.installing.lock();
    if !core.write_head() {
        return Err(Failed::Later);
    }
    if !range.is_rewritten() {
        core.trees.drop_files(Name::Rows, &range.prefix, end)?;
    }
    Ok(())
}

/// Deletes what is still there of a dropped range, batch by batch.
fn delete_rest(core: &Core, range: &RangeTombstone, end: Bound<&[u8]>) -> Result<(), Failed> {
    let mut start = Bound::Included(range.prefix.clone());
    while !core.reclaim.is_stopping() {
        let rows = {
            let reading = core.readers.enter();
            core.trees.range(Name::Rows, start.as_ref().map(Vec::as_slice), end, reading.position)
        };
        let keys: Vec<Bytes> =
            rows.take(BATCH_ROWS).map(|row| row.map(|(key, _)| key)).collect::<Result<_, _>>()?;
        let Some(last) = keys.last() else { return Ok(()) };
        start = Bound::Excluded(last.to_vec());
        delete_older(core, range, &keys)?;
    }
    Err(Failed::Later)
}

/// Deletes the rows of these keys that are older than the drop. Holds no keys, which a transaction would meet;
/// a row that is written meanwhile under the prefix refuses the batch, and it is made again.
fn delete_older(core: &Core, range: &RangeTombstone, keys: &[Bytes]) -> Result<(), Failed> {
    while !core.reclaim.is_stopping() {
        let (epoch, writes) = (core.queue.epoch(), range.writes());
        let mut batch = Batch::default();
        for key in keys {
            if is_older(core, range, key)? {
                batch.rows.push((key.clone(), None));
            }
        }
        if batch.rows.is_empty() {
            return Ok(());
        }
        core.queue.admit()?;
        let appending = Appending { unless_rewritten: Some((range, writes)), ..Appending::own(batch, epoch) };
        match mutate::append_now(core, appending).wait()? {
            Outcome::Committed(_) => return Ok(()),
            Outcome::Fenced => {}
            _ => return Err(Failed::Later),
        }
    }
    Err(Failed::Later)
}

/// Whether the newest row of a key is there and older than the drop.
fn is_older(core: &Core, range: &RangeTombstone, key: &[u8]) -> Result<bool, TreeError> {
    if core.overlay.get(key).is_some_and(|(position, _)| position > range.position) {
        return Ok(false);
    }
    let reading = core.readers.enter();
    let row = core.trees.get_with_position(Name::Rows, key, reading.position)?;
    Ok(row.is_some_and(|(position, _)| position <= range.position))
}

fn committed(pending: store::Pending) -> Result<u64, Failed> {
    match pending.wait()? {
        Outcome::Committed(stamp) => Ok(stamp.position.0 as u64),
        _ => Err(Failed::Later),
    }
}
