//! The reclaimer: gives back the space of dropped ranges and trimmed feeds, in the background.
//!
//! A dropped range goes in steps. First HEAD records up to where rows are in sorted files, which keeps a replay from
//! bringing back rows of files that are about to go, and the sorted files that lie wholly inside are removed: that
//! needs no room, so it works on a full disk, and makes some. Then the memtables are flushed, and what they held of
//! the range goes in the same way. What is left at the edges is deleted in batches, by commits like any other. When
//! no reader can be older than the last of these, the row cache forgets the range and the drop is forgotten.

use crate::environment::Environment;
use crate::read::read_view::ReadView;
use crate::trees::feed_record::{self, Place};
use crate::trees::feed_trim::NO_MARK;
use crate::trees::maintenance::Maintenance;
use crate::trees::range_tombstones::{RangeTombstone, prefix_end};
use crate::trees::reclaim_queue::Due;
use crate::trees::{Bytes, Name, TreeError};
use crate::write::batch::Batch;
use crate::write::entry::Appending;
use crate::write::mutate;
use crate::write::write_path::WritePath;
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use store::wait::wait;
use store::{Direction, Outcome, StoreError};

const BATCH_ROWS: usize = 500;

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

/// Gives back the space of dropped ranges and trimmed feeds.
pub(crate) struct Reclaimer {
    pub(crate) env: Arc<Environment>,
    pub(crate) write: Arc<WritePath>,
    pub(crate) view: Arc<ReadView>,
    pub(crate) maintenance: Arc<Maintenance>,
}

impl Reclaimer {
    /// Reclaims until the store stops.
    pub(crate) fn run(self) {
        while let Some(mut due) = self.maintenance.reclaim.next() {
            match self.reclaim(&mut due) {
                Ok(()) => {}
                Err(Failed::Later) => {
                    self.maintenance.make_room(&self.env);
                    self.maintenance.reclaim.retry_later(due);
                }
                Err(Failed::ForGood(error)) => {
                    let dir = self.env.dir.display();
                    (self.env.on_warning)(&format!(
                        "the space of dropped tables in {dir} is not given back: {error}"
                    ));
                    Name::ALL.into_iter().for_each(|name| self.view.corruption.note(name));
                    return;
                }
            }
        }
    }

    /// Does what is due; what is left in `due` then could not be done.
    fn reclaim(&self, due: &mut Due) -> Result<(), Failed> {
        self.reclaim_trims(&mut due.trims)?;
        if due.drops {
            self.reclaim_drops()?;
            due.drops = false;
        }
        Ok(())
    }

    fn reclaim_trims(&self, feeds: &mut BTreeSet<u64>) -> Result<(), Failed> {
        let mut unneeded = Vec::new();
        for &feed in feeds.iter() {
            let mark = self.view.trims.of(feed);
            if mark != NO_MARK && !self.reclaim_trim(feed, mark)? {
                unneeded.push((feed, mark));
            }
        }
        unneeded.chunks(BATCH_ROWS).try_for_each(|marks| self.forget_marks(marks))?;
        feeds.clear();
        Ok(())
    }

    /// Removes the files that hold only trimmed records; compaction leaves out the others. Whether there are others.
    fn reclaim_trim(&self, feed: u64, (position, index): Place) -> Result<bool, Failed> {
        let (start, end) = (feed_record::key(feed, 0, 0), feed_record::key(feed, position, index));
        let (trees, end) = (&self.view.trees, Bound::Included(&end[..]));
        if trees.has_files_within(Name::Feed, &start, end) {
            trees.drop_files(Name::Feed, &start, end)?;
        }
        let published = self.view.readers.published();
        let bounds = (Bound::Included(&start[..]), end);
        let first = trees.range(Name::Feed, bounds, Direction::Forward, published).rows().next();
        Ok(first.transpose()?.is_some())
    }

    /// Removes marks that hide nothing. First HEAD records up to where feeds are in sorted files: a replay would bring
    /// the trimmed records back, and nothing would hide them.
    fn forget_marks(&self, marks: &[(u64, Place)]) -> Result<(), Failed> {
        if !self.maintenance.head_writer.write() {
            return Err(Failed::Later);
        }
        committed(mutate::append_own(&self.write, Batch::forget_marks(marks))).map(drop)
    }

    fn reclaim_drops(&self) -> Result<(), Failed> {
        let published = self.view.readers.published();
        let drops = self.view.tombstones.snapshot().map_or_else(Vec::new, |drops| drops.in_order());
        for range in drops {
            if range.position <= published {
                self.reclaim_drop(&range)?;
            }
        }
        Ok(())
    }

    fn reclaim_drop(&self, range: &Arc<RangeTombstone>) -> Result<(), Failed> {
        let end = prefix_end(&range.prefix);
        let end = end.as_ref().map(Vec::as_slice);
        if self.view.trees.has_files_within(Name::Rows, &range.prefix, end) && !range.is_rewritten() {
            self.drop_files(range, end)?;
            self.write.queue.request_rotation();
            if !self.maintenance.memtables.wait_until_flushed(Name::Rows, range.position) {
                return Err(Failed::Later);
            }
            self.drop_files(range, end)?;
        }
        self.delete_rest(range, end)?;
        let finished = committed(mutate::append_own(&self.write, Batch::finish_drop(range.position)))?;
        self.view.readers.wait_for_older(finished);
        self.view.row_cache.forget(&range.prefix);
        self.view.tombstones.remove(&range.prefix, range.position);
        Ok(())
    }

    fn drop_files(&self, range: &RangeTombstone, end: Bound<&[u8]>) -> Result<(), Failed> {
        let _nothing_is_installed = self.maintenance.installing.lock();
        if !self.maintenance.head_writer.write() {
            return Err(Failed::Later);
        }
        if !range.is_rewritten() {
            self.view.trees.drop_files(Name::Rows, &range.prefix, end)?;
        }
        Ok(())
    }

    /// Deletes what is still there of a dropped range, batch by batch.
    fn delete_rest(&self, range: &RangeTombstone, end: Bound<&[u8]>) -> Result<(), Failed> {
        let mut start = Bound::Included(range.prefix.clone());
        while !self.maintenance.reclaim.is_stopping() {
            let rows = {
                let reading = self.view.readers.enter();
                let bounds = (start.as_ref().map(Vec::as_slice), end);
                self.view.trees.range(Name::Rows, bounds, Direction::Forward, reading.position).rows()
            };
            let keys: Vec<Bytes> =
                rows.take(BATCH_ROWS).map(|row| row.map(|(key, _)| key)).collect::<Result<_, _>>()?;
            let Some(last) = keys.last() else { return Ok(()) };
            start = Bound::Excluded(last.to_vec());
            self.delete_older(range, &keys)?;
        }
        Err(Failed::Later)
    }

    /// Deletes the rows of these keys that are older than the drop. Holds no keys, which a transaction would meet;
    /// a row that is written meanwhile under the prefix refuses the batch, and it is made again.
    fn delete_older(&self, range: &RangeTombstone, keys: &[Bytes]) -> Result<(), Failed> {
        while !self.maintenance.reclaim.is_stopping() {
            let (epoch, writes) = (self.write.queue.epoch(), range.writes());
            let mut batch = Batch::default();
            for key in keys {
                if self.is_older(range, key)? {
                    batch.rows.push((key.clone(), None));
                }
            }
            if batch.rows.is_empty() {
                return Ok(());
            }
            wait(self.write.queue.admitted())?;
            let appending =
                Appending { unless_rewritten: Some((range, writes)), ..Appending::own(batch, epoch) };
            match mutate::append_now(&self.write, appending).wait()? {
                Outcome::Committed(_) => return Ok(()),
                Outcome::Fenced => {}
                _ => return Err(Failed::Later),
            }
        }
        Err(Failed::Later)
    }

    /// Whether the newest row of a key is there and older than the drop.
    fn is_older(&self, range: &RangeTombstone, key: &[u8]) -> Result<bool, TreeError> {
        if self.write.overlay.get(key).is_some_and(|(position, _)| position > range.position) {
            return Ok(false);
        }
        let reading = self.view.readers.enter();
        let row = self.view.trees.get_with_position(Name::Rows, key, reading.position)?;
        Ok(row.is_some_and(|(position, _)| position <= range.position))
    }
}

fn committed(pending: store::Pending<'_>) -> Result<u64, Failed> {
    match pending.wait()? {
        Outcome::Committed(stamp) => Ok(stamp.position.0 as u64),
        _ => Err(Failed::Later),
    }
}

#[cfg(test)]
mod tests;
