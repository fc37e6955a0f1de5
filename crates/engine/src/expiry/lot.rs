//! A lot of items whose time to live is over: found at the head of the time index, deleted by the write path.

use super::{oldest, read_time_row};
use crate::error::WriteError;
use crate::feed::Principal;
use crate::keys::{seconds_of, successor, times_from, times_prefix};
use crate::options::EngineOptions;
use crate::row::RowFault;
use crate::table::{Table, TimeToLive};
use crate::write::{Presence, Provenance, Write, try_each};
use crate::write_stamps::Stamping;
use std::ops::Bound;
use std::sync::Arc;
use store::lease::Lease;
use store::wait::wait;
use store::{Consistency, Direction, KeyRange, Outcome, RangeRead, Store, StoreError, Visit};

const MICROS_PER_SECOND: u64 = 1_000_000;

/// Items of one table that have expired.
#[derive(Debug, Default)]
pub(crate) struct Lot {
    writes: Vec<(Arc<Table>, Write)>,
    /// Behind which row of the time index the next lot begins; `None` if this is the last for now.
    pub after: Option<Vec<u8>>,
    /// When the next item expires that has not yet, if there is one and this is the last lot.
    pub next_micros: Option<u64>,
    failure: Option<StoreError>,
}

/// What became of a lot.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    pub deleted: u64,
    /// Items that a transaction holds, or whose table has changed: to be looked for again.
    pub busy: u64,
    /// Why the first of those items that are damaged could not be deleted.
    pub failure: Option<StoreError>,
}

impl Swept {
    pub(crate) fn add(&mut self, other: Swept) {
        self.deleted += other.deleted;
        self.busy += other.busy;
        self.failure = self.failure.take().or(other.failure);
    }
}

impl Lot {
    /// Reads no further than the first item that has not expired.
    pub(crate) fn read(
        store: &dyn Store,
        table: &Arc<Table>,
        time_to_live: &TimeToLive,
        after: Option<&[u8]>,
        now_micros: u64,
        items_max: usize,
    ) -> Result<Lot, StoreError> {
        let now_seconds = now_micros / MICROS_PER_SECOND;
        let since = time_to_live.since_version;
        let first = times_from(table.id, since, oldest(now_seconds));
        let end = successor(&times_prefix(table.id, since));
        let start = after.map_or(Bound::Included(&first[..]), Bound::Excluded);
        let mut lot = Lot::default();
        let visit = &mut |key: &[u8], row: &[u8]| {
            let seconds = seconds_of(key).unwrap_or_default();
            if seconds >= now_seconds {
                lot.next_micros = Some((seconds + 1).saturating_mul(MICROS_PER_SECOND));
                return Visit::Stop;
            }
            match expiry(table, row, now_seconds) {
                Ok(write) => lot.writes.push((Arc::clone(table), write)),
                Err(fault) => lot.failure = Some(fault.into()),
            }
            if lot.writes.len() < items_max {
                return Visit::Continue;
            }
            lot.after = Some(key.to_vec());
            Visit::Stop
        };
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let (direction, consistency) = (Direction::Forward, Consistency::Eventual);
        store.range(RangeRead { range, direction, consistency, rows_expected: items_max }, visit).wait()?;
        Ok(lot)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// Deletes the items that still are expired; one that was changed meanwhile stays.
    pub(crate) fn delete(
        self,
        store: &dyn Store,
        now_micros: u64,
        options: &EngineOptions,
    ) -> Result<Swept, StoreError> {
        let mut swept = Swept { failure: self.failure, ..Swept::default() };
        let stamping = options.stamp(self.writes.iter().map(|(table, write)| (&**table, write)));
        let tried = wait(try_each(store, now_micros, &self.writes, &Lease::NotNeeded));
        Stamping::conclude(stamping);
        for (verdict, outcome) in tried {
            match (outcome?, verdict) {
                (Outcome::Committed(_), _) => swept.deleted += 1,
                (Outcome::Refused, Some(Err(WriteError::Store(error)))) => swept.failure = Some(error),
                (Outcome::Refused, _) => {}
                (Outcome::Conflict(_) | Outcome::Fenced | Outcome::Unknown(_), _) => swept.busy += 1,
            }
        }
        Ok(swept)
    }
}

/// The write that deletes the item of a row of the time index on the service's behalf, if its time to live is over.
fn expiry(table: &Table, row: &[u8], now_seconds: u64) -> Result<Write, RowFault> {
    let write = Write::delete(table, read_time_row(row)?).map_err(|_| RowFault::OtherKey)?;
    let write = write.with_presence(Presence::MustBeExpired(now_seconds));
    Ok(write.with_provenance(Provenance::of(Principal::Ttl)))
}
