//! Commits of jobs, waited for.

use super::Surroundings;
use crate::catalog::change;
use crate::catalog::document;
use crate::table::Table;
use smallvec::SmallVec;
use store::lease::Lease;
use store::wait::wait;
use store::{
    CounterId, Decision, FeedCursor, FeedId, Fence, Locking, Mutation, OldRows, Outcome, Pending, Plan,
    RowWrite, Store, StoreError, resolved,
};

/// Commits a plan that touches no rows but that of the lease. False if the lease no longer holds, or nothing happened.
pub(super) fn commit(store: &dyn Store, lease: &Lease, now: u64, plan: Plan) -> Result<bool, StoreError> {
    commit_and(store, lease, now, &[], plan, || ())
}

/// The same under fences, and something else while the store commits.
pub(super) fn commit_and(
    store: &dyn Store,
    lease: &Lease,
    now: u64,
    fences: &[Fence],
    plan: Plan,
    meanwhile: impl FnOnce(),
) -> Result<bool, StoreError> {
    let key = lease.key();
    let keys: SmallVec<[&[u8]; 1]> = key.into_iter().collect();
    let decide = &mut |old: &OldRows<'_>| match lease.check(old.0.first().copied().flatten(), now) {
        Some(renewed) => {
            let mut plan = plan.clone();
            let ends = |lease: &RowWrite| plan.rows.iter().any(|write| write.key == lease.key);
            plan.rows.extend(renewed.filter(|lease| !ends(lease)));
            Decision::Commit(plan)
        }
        None => Decision::Refuse,
    };
    let pending = store.mutate(Mutation { keys: &keys, fences, locking: Locking::Single, decide }).begun();
    meanwhile();
    match outcome(store, pending)? {
        Outcome::Committed(_) => Ok(true),
        Outcome::Refused | Outcome::Fenced => Ok(false),
        outcome => Err(unexpected(&outcome)),
    }
}

/// Replaces a descriptor if it still is the one that was read, and applies the plan in the same commit.
/// False: the table was changed meanwhile.
pub(super) fn alter(
    around: &Surroundings,
    read: &Table,
    mut plan: Plan,
    alter: impl FnOnce(&mut Table),
) -> Result<bool, StoreError> {
    let mut table = read.clone();
    table.schema_version += 1;
    alter(&mut table);
    plan.records.push(document::put_table(&table));
    plan.raise.push(table.fence());
    match wait(change::commit(around.store(), &[read.fence()], plan))? {
        Outcome::Committed(_) => {
            wait(around.catalog.reload(around.store(), &table.scope, &table.name))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The deltas that bring counters to zero; no other writer changes them any more.
pub(super) fn to_zero(
    store: &dyn Store,
    counters: impl Iterator<Item = CounterId>,
) -> Result<Vec<(CounterId, i64)>, StoreError> {
    let mut changes = Vec::new();
    for counter in counters {
        match store.counter(counter).wait()? {
            0 => {}
            value => changes.push((counter, -value)),
        }
    }
    Ok(changes)
}

/// Single mutations under one group commit, one for each list of keys; outcomes in order. `decide` gets the index.
pub(super) fn mutate_lot<'k, K: AsRef<[&'k [u8]]>>(
    store: &dyn Store,
    fences: &[Fence],
    keys: &[K],
    decide: impl Fn(usize, &OldRows<'_>) -> Decision + Sync,
) -> Result<Vec<Outcome>, StoreError> {
    mutate_lot_and(store, fences, keys, decide, || ()).map(|(outcomes, ())| outcomes)
}

/// The same, and something else while the store commits.
pub(super) fn mutate_lot_and<'k, K: AsRef<[&'k [u8]]>, R>(
    store: &dyn Store,
    fences: &[Fence],
    keys: &[K],
    decide: impl Fn(usize, &OldRows<'_>) -> Decision + Sync,
    meanwhile: impl FnOnce() -> R,
) -> Result<(Vec<Outcome>, R), StoreError> {
    let decide = &decide;
    let mut deciders: Vec<_> = (0..keys.len()).map(|at| move |old: &OldRows<'_>| decide(at, old)).collect();
    let mutations: Vec<Mutation<'_>> = deciders
        .iter_mut()
        .zip(keys)
        .map(|(decide, keys)| Mutation { keys: keys.as_ref(), fences, locking: Locking::Single, decide })
        .collect();
    let pending = store.mutate_each(mutations);
    let result = meanwhile();
    let outcomes = wait(Pending::all(pending));
    let outcomes = outcomes.into_iter().map(|outcome| Ok(wait(resolved(store, outcome?))));
    Ok((outcomes.collect::<Result<_, StoreError>>()?, result))
}

/// How often a drop or a trim is begun again where the store has lost it.
const LOSSES_MAX: u32 = 10;

/// Deletes the rows under a prefix.
pub(super) fn drop_range(store: &dyn Store, prefix: &[u8]) -> Result<(), StoreError> {
    committed(store, || store.drop_range(prefix))
}

/// Deletes the records of a feed up to a cursor.
pub(super) fn trim(store: &dyn Store, feed: FeedId, up_to: FeedCursor) -> Result<(), StoreError> {
    committed(store, || store.trim(feed, up_to))
}

/// Commits what may be begun again.
fn committed<'s>(store: &dyn Store, begin: impl Fn() -> Pending<'s>) -> Result<(), StoreError> {
    for _ in 0..LOSSES_MAX {
        match outcome(store, begin())? {
            Outcome::Committed(_) => return Ok(()),
            Outcome::Fenced => {} // lost, and nothing of it happened
            outcome => return Err(unexpected(&outcome)),
        }
    }
    Err(unexpected(&Outcome::Fenced))
}

/// The outcome of a mutation, resolved where the store answered unknown.
fn outcome(store: &dyn Store, pending: Pending<'_>) -> Result<Outcome, StoreError> {
    Ok(wait(resolved(store, pending.wait()?)))
}

fn unexpected(outcome: &Outcome) -> StoreError {
    StoreError::Unavailable(format!("a commit of a job ended as {outcome:?}"))
}
