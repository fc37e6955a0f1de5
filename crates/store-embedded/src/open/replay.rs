//! The log replayed into the memtables, and the drops and trims of the system tree.

use crate::format::LOG_FOLDER;
use crate::log::head::Head;
use crate::log::operation::Operation;
use crate::log::recovery::{self, Recovered};
use crate::open::error::OpenError;
use crate::open::options::{Options, Purpose};
use crate::trees::feed_trim::{self, TrimMarks};
use crate::trees::range_tombstones::RangeTombstones;
use crate::trees::{Name, TreeError, Trees, system_key};
use crate::write::redo;
use std::ops::Bound;
use std::path::Path;
use store::Direction;

/// The log, and what its replay put into the memtables.
pub(super) struct Replayed {
    pub(super) log: Recovered,
    pub(super) first: [u64; 3],
    pub(super) flushed: [u64; 3],
    pub(super) sizes: [u64; 3],
}

impl Replayed {
    pub(super) fn run(
        dir: &Path,
        options: &Options,
        head: Option<Head>,
        trees: &Trees,
    ) -> Result<Self, OpenError> {
        let in_head = head.unwrap_or_default().flushed;
        let flushed: [u64; 3] = std::array::from_fn(|i| in_head[i].max(trees.persisted(Name::ALL[i])));
        let (mut first, mut sizes) = ([0; 3], [0; 3]);
        let mut apply = |position: u64, time_micros: u64, operation: Operation<'_>| {
            let tree = redo::tree_of(&operation) as usize;
            if position > flushed[tree] {
                sizes[tree] = redo::apply(trees, &operation, position, time_micros);
                if first[tree] == 0 {
                    first[tree] = position;
                }
            }
        };
        let end = match (options.purpose, head) {
            (Purpose::ReadCopy, Some(head)) => head.durable,
            _ => u64::MAX,
        };
        let told = recovery::Told { head, end, accept_loss: options.accept_loss };
        let mut log = recovery::replay(&dir.join(LOG_FOLDER), &options.files, told, &mut apply)?;
        check_trees(dir, options, &flushed, &mut log)?;
        Ok(Self { log, first, flushed, sizes })
    }

    pub(super) fn published(&self) -> u64 {
        self.log.next - 1
    }
}

/// Sorted files never know more than the log and HEAD.
fn check_trees(
    dir: &Path,
    options: &Options,
    flushed: &[u64; 3],
    log: &mut Recovered,
) -> Result<(), OpenError> {
    let highest = flushed.iter().copied().max().unwrap_or(0);
    if highest < log.next {
        return Ok(());
    }
    if !options.accept_loss {
        return Err(OpenError::positions_missing(&dir.join(LOG_FOLDER), log.next, highest));
    }
    log.next = highest + 1;
    log.lost = true;
    Ok(())
}

pub(super) fn load_trims(trees: &Trees, trims: &TrimMarks, at: u64) -> Result<(), TreeError> {
    let (start, end) = system_key::TRIMS;
    let bounds = (Bound::Included(start), Bound::Excluded(end));
    for entry in trees.range(Name::System, bounds, Direction::Forward, at).rows() {
        let (key, value) = entry?;
        if let Some(feed) = system_key::number(&key) {
            trims.raise(feed, feed_trim::decode(&value).unwrap_or_default());
        }
    }
    Ok(())
}

/// Whether rows were written under a prefix after it was dropped is not stored, so it is assumed.
pub(super) fn load_tombstones(trees: &Trees, at: u64) -> Result<RangeTombstones, TreeError> {
    let dropped = RangeTombstones::default();
    let (start, end) = system_key::DROPS;
    let bounds = (Bound::Included(start), Bound::Excluded(end));
    for entry in trees.range(Name::System, bounds, Direction::Forward, at).rows() {
        let (key, prefix) = entry?;
        if let Some(position) = system_key::number(&key) {
            dropped.add(prefix.to_vec(), position, true);
        }
    }
    Ok(dropped)
}
