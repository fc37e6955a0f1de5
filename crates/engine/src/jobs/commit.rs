//! What jobs hand to the store, waited for.

use super::lease::Lease;
use crate::keys::KeyBuf;
use smallvec::SmallVec;
use store::wait::wait;
use store::{
    Decision, Fence, Locking, Mutation, OldRows, Outcome, Pending, Plan, RowWrite, Store, StoreError,
};

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

/// Single mutations under one group commit, one for each list of keys; outcomes in order. `decide` is told which.
pub(super) fn mutate_lot<'k, K: AsRef<[&'k [u8]]>>(
    store: &dyn Store,
    fences: &[Fence],
    keys: &[K],
    decide: impl Fn(usize, &OldRows<'_>) -> Decision + Sync,
) -> Result<Vec<Outcome>, StoreError> {
    let decide = &decide;
    let mut deciders: Vec<_> = (0..keys.len()).map(|at| move |old: &OldRows<'_>| decide(at, old)).collect();
    let mutations: Vec<Mutation<'_>> = deciders
        .iter_mut()
        .zip(keys)
        .map(|(decide, keys)| Mutation { keys: keys.as_ref(), fences, locking: Locking::Single, decide })
        .collect();
    wait(Pending::all(store.mutate_each(mutations))).into_iter().collect()
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
