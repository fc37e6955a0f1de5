//! Removes idempotency tokens that have expired. Started by transactions, so there is none when idle.

use crate::keys::{TOKENS_PREFIX, successor};
use crate::transact::is_expired;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use stdx::Clock;
use store::{Decision, Direction, KeyRange, Locking, Mutation, Plan, RowWrite, Store, StoreError, Visit};

/// Tokens looked at in one go.
const LOT_MAX: usize = 256;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SweepTokens {}

impl SweepTokens {
    pub(super) fn run(&self, store: &dyn Store, clock: &dyn Clock) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let now = clock.now_micros();
            let lot = read_lot(store, after.as_deref(), now)?;
            lot.expired.iter().try_for_each(|key| remove(store, key, now))?;
            after = lot.last;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// What one look has found.
#[derive(Default)]
struct Lot {
    expired: Vec<Vec<u8>>,
    seen: usize,
    /// Where the next lot begins, if there may be one.
    last: Option<Vec<u8>>,
}

fn read_lot(store: &dyn Store, after: Option<&[u8]>, now: u64) -> Result<Lot, StoreError> {
    let end = successor(TOKENS_PREFIX);
    let start = after.map_or(Bound::Included(TOKENS_PREFIX), Bound::Excluded);
    let range = KeyRange { start, end: Bound::Excluded(&end) };
    let mut lot = Lot::default();
    store.range(range, Direction::Forward, &mut |key, row| {
        lot.seen += 1;
        if is_expired(row, now) {
            lot.expired.push(key.to_vec());
        }
        if lot.seen < LOT_MAX {
            return Visit::Continue;
        }
        lot.last = Some(key.to_vec());
        Visit::Stop
    })?;
    Ok(lot)
}

/// A token that is used again in the meantime stays, and so does one that is in use just now.
fn remove(store: &dyn Store, key: &[u8], now: u64) -> Result<(), StoreError> {
    let pending = store.mutate(Mutation {
        keys: &[key],
        fences: &[],
        locking: Locking::Single,
        decide: &mut |old| match old.get(0).is_some_and(|row| is_expired(row, now)) {
            false => Decision::Refuse,
            true => Decision::Commit(Plan {
                rows: vec![RowWrite { key: key.to_vec(), row: None }],
                ..Plan::default()
            }),
        },
    });
    pending.wait().map(|_| ())
}
