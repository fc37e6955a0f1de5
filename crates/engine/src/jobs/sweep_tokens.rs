//! Removes idempotency tokens that have expired, in lots of one commit each, and runs again as long as there are
//! others. Started with the engine and by transactions, so it never runs where no tokens are used.

use super::commit::mutate_lot;
use super::{Step, Surroundings};
use crate::keys::{TOKENS_PREFIX, successor};
use crate::transact::is_expired;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use stdx::limits::IDEMPOTENCY_WINDOW_MICROS;
use store::{
    Consistency, Decision, Direction, KeyRange, Plan, RangeRead, RowWrite, Store, StoreError, Visit,
};

/// Tokens read in one step.
const LOT_MAX: usize = 256;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SweepTokens {
    /// Behind which token the next lot begins.
    after: Option<Vec<u8>>,
    /// Whether this round has seen tokens that will expire.
    others: bool,
    removed: u64,
}

impl SweepTokens {
    pub(super) fn done(&self) -> u64 {
        self.removed
    }

    pub(super) fn step(&mut self, around: &Surroundings) -> Result<Step, StoreError> {
        let now = around.clock.now_micros();
        let lot = Lot::read(around.store(), self.after.as_deref(), now)?;
        lot.remove(around.store(), now)?;
        self.removed += lot.expired.len() as u64;
        self.others |= lot.others;
        self.after = lot.last;
        if self.after.is_some() {
            return Ok(Step::Progress(Plan::default()));
        }
        match std::mem::take(&mut self.others) {
            true => Ok(Step::WaitUntil(now + IDEMPOTENCY_WINDOW_MICROS)),
            false => Ok(Step::Done(Plan::default())),
        }
    }
}

/// What one look has found.
#[derive(Default)]
struct Lot {
    expired: Vec<Vec<u8>>,
    /// There were tokens that count.
    others: bool,
    seen: usize,
    /// Where the next lot begins, if there may be one.
    last: Option<Vec<u8>>,
}

impl Lot {
    fn read(store: &dyn Store, after: Option<&[u8]>, now: u64) -> Result<Lot, StoreError> {
        let end = successor(TOKENS_PREFIX);
        let start = after.map_or(Bound::Included(TOKENS_PREFIX), Bound::Excluded);
        let range = KeyRange { start, end: Bound::Excluded(&end) };
        let mut lot = Lot::default();
        let visit = &mut |key: &[u8], row: &[u8]| {
            lot.seen += 1;
            match is_expired(row, now) {
                true => lot.expired.push(key.to_vec()),
                false => lot.others = true,
            }
            if lot.seen < LOT_MAX {
                return Visit::Continue;
            }
            lot.last = Some(key.to_vec());
            Visit::Stop
        };
        let (direction, consistency) = (Direction::Forward, Consistency::Eventual);
        store.range(RangeRead { range, direction, consistency, rows_expected: LOT_MAX }, visit).wait()?;
        Ok(lot)
    }

    /// A token that is used again in the meantime stays, and so does one that is in use just now.
    fn remove(&self, store: &dyn Store, now: u64) -> Result<(), StoreError> {
        let keys: Vec<[&[u8]; 1]> = self.expired.iter().map(|key| [&key[..]]).collect();
        let outcomes = mutate_lot(store, &[], &keys, |at, old| {
            match old.get(0).is_some_and(|row| is_expired(row, now)) {
                false => Decision::Refuse,
                true => Decision::Commit(Plan {
                    rows: vec![RowWrite { key: self.expired[at].clone(), row: None }],
                    ..Plan::default()
                }),
            }
        });
        outcomes.map(drop)
    }
}
