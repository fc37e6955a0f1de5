//! What jobs hand to the store, waited for.

use super::lease::Lease;
use crate::keys::KeyBuf;
use smallvec::SmallVec;
use store::wait::wait;
use store::{Decision, Locking, Mutation, OldRows, Outcome, Pending, Plan, RowWrite, Store, StoreError};

/// Commits a plan that touches no rows but that of the lease, if the lease still holds.
pub(super) fn commit(store: &dyn Store, lease: &Lease, now: u64, plan: Plan) -> Result<bool, StoreError> {
    let key = lease.key();
    let keys: SmallVec<[&[u8]; 1]> = key.map(|key| &key[..]).into_iter().collect();
    let decide = &mut |old: &OldRows<'_>| match lease.check(old, now) {
        Some(renewed) => {
            let mut plan = plan.clone();
            plan.rows.extend(renewed.filter(|_| plan.rows.is_empty())); // the end of the lease is a row
            Decision::Commit(plan)
        }
        None => Decision::Refuse,
    };
    match store.mutate(Mutation { keys: &keys, fences: &[], locking: Locking::Single, decide }).wait()? {
        Outcome::Committed(_) => Ok(true),
        Outcome::Refused => Ok(false),
        outcome => Err(unexpected(&outcome)),
    }
}

/// Changes one row if `decide` says how.
pub(super) fn change_row(
    store: &dyn Store,
    key: &KeyBuf,
    mut decide: impl FnMut(Option<&[u8]>) -> Option<Vec<u8>> + Send,
) -> Result<(), StoreError> {
    let decide = &mut |old: &OldRows<'_>| match decide(old.get(0)) {
        None => Decision::Refuse,
        Some(row) => Decision::Commit(Plan {
            rows: vec![RowWrite { key: key.to_vec(), row: Some(row) }],
            ..Plan::default()
        }),
    };
    let mutation = Mutation { keys: &[key], fences: &[], locking: Locking::Single, decide };
    store.mutate(mutation).wait().map(|_| ())
}

/// Mutations of one row each, under one group commit. Those that meet a transaction are left out.
pub(super) fn mutate_lot(
    store: &dyn Store,
    keys: &[Vec<u8>],
    decide: impl Fn(&[u8], &OldRows<'_>) -> Decision + Sync,
) -> Result<(), StoreError> {
    let decide = &decide;
    let each: Vec<[&[u8]; 1]> = keys.iter().map(|key| [&key[..]]).collect();
    let mut deciders: Vec<_> = keys.iter().map(|key| move |old: &OldRows<'_>| decide(key, old)).collect();
    let mutations: Vec<Mutation<'_>> = deciders
        .iter_mut()
        .zip(&each)
        .map(|(decide, keys)| Mutation { keys, fences: &[], locking: Locking::Single, decide })
        .collect();
    wait(Pending::all(store.mutate_each(mutations))).into_iter().try_for_each(|outcome| outcome.map(drop))
}

/// Waits for what can only be committed.
pub(super) fn committed(pending: Pending<'_>) -> Result<(), StoreError> {
    match pending.wait()? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(unexpected(&outcome)),
    }
}

fn unexpected(outcome: &Outcome) -> StoreError {
    StoreError::Unavailable(format!("a commit of a job ended as {outcome:?}"))
}
