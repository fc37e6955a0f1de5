//! TransactWriteItems as one mutation: the token's row, the rows of all items, the rows of their collections.

use super::token::{TransactToken, remembered};
use super::{TransactError, TransactReason, Transacted};
use crate::engine::{Engine, Plans};
use crate::error::WriteError;
use crate::index::{Marks, mark_count, mark_keys};
use crate::jobs::{Job, SweepTokens};
use crate::keys::{KeyBuf, collection_key};
use crate::replication::tombstone::{self, Tombstone};
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use crate::write::{Before, Write, Written, apply, collection_row, read_collection};
use crate::write_stamps::Stamping;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use stdx::limits::IDEMPOTENCY_WINDOW_MICROS;
use store::{Decision, Fence, Locking, Mutation, OldRows, Outcome, Plan, Store, StoreError, resolved};

type Verdict = Result<Transacted, TransactError>;

/// One try of a transaction, planned with one descriptor per table.
struct Attempt<'a> {
    actions: &'a [(Arc<Table>, Write)],
    token: Option<&'a TransactToken>,
    now: u64,
    keys: Keys,
}

/// The keys a transaction declares: the first one, which is the token's, those of the items in order, those of their
/// collections, the items' marks in indexes that are being built, their tombstones.
pub(super) struct Keys {
    first: Option<KeyBuf>,
    collections: Vec<KeyBuf>,
    /// Which of `collections` each action belongs to.
    collection_of: Vec<Option<usize>>,
    /// Those of all actions, in order.
    marks: Vec<KeyBuf>,
    /// Those of all actions on tables with replicas, in order.
    tombstones: Vec<KeyBuf>,
}

impl Engine {
    /// Does all of the writes or none. With a token, a request that was done already is not done again.
    pub async fn transact_write(
        &self,
        actions: &[(Arc<Table>, Write)],
        token: Option<&TransactToken>,
    ) -> Verdict {
        check_distinct(actions)?;
        let stamping = self.options().stamp(actions.iter().map(|(table, write)| (&**table, write)));
        let mut replanned;
        let mut actions = actions;
        let (mut plans, mut waits, mut since) = (Plans::default(), 0, None);
        loop {
            if let Some(at) = actions.iter().position(|(table, _)| table.is_strong()) {
                return Err(TransactError::StrongTable(at));
            }
            let (attempt, verdict, outcome) = self.try_transaction(actions, token).await?;
            if waits < Engine::WAITS_MAX
                && attempt.only_collections_are_busy(&outcome)
                && self.wait_for_holder(&mut since).await?
            {
                waits += 1;
                continue;
            }
            if let Some(result) = attempt.conclude(verdict, outcome) {
                Stamping::conclude(stamping);
                self.sweep_tokens(&result, token);
                if result.is_ok() {
                    actions.iter().for_each(|(table, write)| self.note_write(table, write));
                }
                return result;
            }
            let newer = self.plan_again(actions).await?;
            let changed =
                newer.iter().zip(actions).any(|(newer, old)| newer.0.schema_version > old.0.schema_version);
            if !self.may_plan_again(&mut plans, changed).await? {
                return Err(TransactError::Store(Engine::table_keeps_changing()));
            }
            replanned = newer;
            actions = &replanned;
        }
    }

    async fn try_transaction<'a>(
        &self,
        actions: &'a [(Arc<Table>, Write)],
        token: Option<&'a TransactToken>,
    ) -> Result<(Attempt<'a>, Option<Verdict>, Outcome), StoreError> {
        let attempt = Attempt {
            actions,
            token,
            now: self.now_micros(),
            keys: Keys::of(actions, token.map(TransactToken::key)),
        };
        let decide = |old: &OldRows<'_>, plan: &mut Plan| attempt.decide(old, plan);
        let (verdict, outcome) = mutate(self.store(), &attempt.keys, actions, decide).await?;
        Ok((attempt, verdict, outcome))
    }

    /// The same actions on the newest descriptors of their tables.
    async fn plan_again(
        &self,
        actions: &[(Arc<Table>, Write)],
    ) -> Result<Vec<(Arc<Table>, Write)>, TransactError> {
        let mut newer = Vec::with_capacity(actions.len());
        for (at, (table, write)) in actions.iter().enumerate() {
            let table = self.newer_table(table).await?.ok_or(TransactError::TableNotFound(at))?;
            newer.push((table, write.clone()));
        }
        Ok(newer)
    }

    /// Looks for expired tokens once per window, if tokens are used at all.
    fn sweep_tokens(&self, result: &Verdict, token: Option<&TransactToken>) {
        if token.is_none() || result.is_err() {
            return;
        }
        let (now, swept) = (self.now_micros(), self.tokens_swept_micros());
        let last = swept.load(Ordering::Relaxed);
        let due = now.saturating_sub(last) >= IDEMPOTENCY_WINDOW_MICROS;
        if due && swept.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.jobs().start(Job::SweepTokens(SweepTokens::default()));
        }
    }
}

fn check_distinct(actions: &[(Arc<Table>, Write)]) -> Result<(), TransactError> {
    let mut seen = HashMap::with_capacity(actions.len());
    for (at, (_, write)) in actions.iter().enumerate() {
        if let Some(first) = seen.insert(write.key().as_bytes(), at) {
            return Err(TransactError::SameItem(first, at));
        }
    }
    Ok(())
}

/// One mutation of all that some actions touch. Returns what was decided last; what is refused, and what has nothing to
/// write, is not committed.
pub(super) async fn mutate<T: Send, E: Send>(
    store: &dyn Store,
    keys: &Keys,
    actions: &[(Arc<Table>, Write)],
    mut decide: impl FnMut(&OldRows<'_>, &mut Plan) -> Result<T, E> + Send,
) -> Result<(Option<Result<T, E>>, Outcome), StoreError> {
    let (keys, fences): (Vec<&[u8]>, _) = (keys.all(actions).collect(), fences(actions));
    let mut verdict = None;
    let decide = &mut |old: &OldRows<'_>| {
        let mut plan = Plan::default();
        let decided = decide(old, &mut plan);
        let commit = decided.is_ok() && !plan.rows.is_empty();
        verdict = Some(decided);
        if commit { Decision::Commit(plan) } else { Decision::Refuse }
    };
    let mutation = Mutation { keys: &keys, fences: &fences, locking: Locking::Transaction, decide };
    let outcome = resolved(store, store.mutate(mutation).await?).await;
    Ok((verdict, outcome))
}

fn fences(actions: &[(Arc<Table>, Write)]) -> Vec<Fence> {
    let mut fences: Vec<Fence> = actions.iter().map(|(table, _)| table.fence()).collect();
    fences.sort_unstable_by_key(|fence| (fence.subject, fence.version));
    fences.dedup();
    fences
}

impl Keys {
    pub(super) fn of(actions: &[(Arc<Table>, Write)], first: Option<KeyBuf>) -> Keys {
        let mut keys = Keys {
            first,
            collections: Vec::new(),
            collection_of: Vec::new(),
            marks: Vec::new(),
            tombstones: Vec::new(),
        };
        for (table, write) in actions {
            let key = table.has_local_index().then(|| collection_key(table, write.key()));
            let at = key.map(|key| keys.collection(key));
            keys.collection_of.push(at);
            keys.marks.extend(mark_keys(table, write.key().as_bytes()));
            keys.tombstones.extend(tombstone::key_of(table, write.key()));
        }
        keys
    }

    fn collection(&mut self, key: KeyBuf) -> usize {
        let known = self.collections.iter().position(|known| *known == key);
        known.unwrap_or_else(|| {
            self.collections.push(key);
            self.collections.len() - 1
        })
    }

    pub(super) fn all<'k>(&'k self, actions: &'k [(Arc<Table>, Write)]) -> impl Iterator<Item = &'k [u8]> {
        let items = actions.iter().map(|(_, write)| write.key().as_bytes());
        self.first.iter().map(|key| key.as_slice()).chain(items).chain(
            self.collections.iter().chain(&self.marks).chain(&self.tombstones).map(|key| key.as_slice()),
        )
    }

    /// Where the items begin among all keys.
    pub(super) fn items_at(&self) -> usize {
        usize::from(self.first.is_some())
    }

    /// What the actions find, to be asked for in their order.
    pub(super) fn found(&self) -> FoundRows<'_> {
        let marks_at = self.items_at() + self.collection_of.len() + self.collections.len();
        FoundRows { keys: self, at: 0, marks_at, tombstones_at: marks_at + self.marks.len() }
    }
}

/// Reads what actions find, one after the other.
pub(super) struct FoundRows<'k> {
    keys: &'k Keys,
    at: usize,
    marks_at: usize,
    tombstones_at: usize,
}

impl FoundRows<'_> {
    /// What the next action finds, the size of its collection aside.
    pub(super) fn next<'o>(&mut self, table: &Table, old: &OldRows<'o>) -> Result<Before<'o>, RowFault> {
        let row = old.get(self.keys.items_at() + self.at).map(RowRef::read).transpose()?;
        let marks = Marks::read(table, old.0[self.marks_at..].iter().copied());
        let tombstone = table.tombstones_since().and_then(|_| old.get(self.tombstones_at));
        self.at += 1;
        self.marks_at += mark_count(table);
        self.tombstones_at += usize::from(table.tombstones_since().is_some());
        let tombstone = tombstone.map(Tombstone::read).transpose()?;
        Ok(Before { row, collection_bytes: 0, marks, tombstone })
    }
}

impl Attempt<'_> {
    fn decide(&self, old: &OldRows<'_>, plan: &mut Plan) -> Verdict {
        if let (Some(token), Some(row)) = (self.token, self.token.and_then(|_| old.get(0))) {
            match remembered(row, self.now)? {
                Some(known) if token.is_same_request(&known) => {
                    return Ok(Transacted { actions: known.actions, replayed: true });
                }
                Some(_) => return Err(TransactError::TokenMismatch),
                None => {}
            }
        }
        let actions = self.apply_all(old, plan)?;
        plan.rows.extend(self.token.map(|token| token.row(&actions, self.now)));
        Ok(Transacted { actions, replayed: false })
    }

    /// Applies every action, whatever becomes of the others.
    fn apply_all(&self, old: &OldRows<'_>, plan: &mut Plan) -> Result<Vec<Written>, TransactError> {
        let before = self.collections(old)?;
        let mut collections = before.clone();
        let (mut written, mut reasons) = (Vec::new(), Vec::new());
        let mut found = self.keys.found();
        for (at, (table, write)) in self.actions.iter().enumerate() {
            let collection = self.keys.collection_of[at].map(|at| &mut collections[at]);
            let collection_bytes = collection.as_deref().copied().unwrap_or(0);
            let before = Before { collection_bytes, ..found.next(table, old)? };
            let change = match apply(table, write, before, self.now) {
                Ok(change) => change,
                Err(error) => {
                    reasons.resize(at, None);
                    reasons.push(Some(TransactReason::Refused(refusal(error)?)));
                    continue;
                }
            };
            if let (Some(collection), Some(bytes)) = (collection, change.collection_bytes) {
                *collection = bytes;
            }
            written.push(change.add_to(plan));
        }
        if !reasons.is_empty() {
            reasons.resize(self.actions.len(), None);
            return Err(TransactError::Cancelled(reasons));
        }
        self.put_collections(&before, &collections, plan);
        Ok(written)
    }

    /// Sizes of the collections before the transaction.
    fn collections(&self, old: &OldRows<'_>) -> Result<Vec<u64>, TransactError> {
        let first = self.keys.items_at() + self.actions.len();
        let size = |at| read_collection(old.get(first + at)).map_err(TransactError::from);
        (0..self.keys.collections.len()).map(size).collect()
    }

    fn put_collections(&self, before: &[u64], after: &[u64], plan: &mut Plan) {
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            let member = self.keys.collection_of.iter().position(|of| *of == Some(at));
            let member = member.expect("a collection was declared by one of its items");
            if before != after {
                let (table, write) = &self.actions[member];
                plan.rows.push(collection_row(table, write, *after));
            }
        }
    }

    /// The caller's result for an outcome of the mutation. `None`: plan again.
    fn conclude(&self, verdict: Option<Verdict>, outcome: Outcome) -> Option<Verdict> {
        match outcome {
            Outcome::Committed(_) | Outcome::Refused => Some(verdict.unwrap_or(Err(TransactError::Unknown))),
            Outcome::Conflict(busy) => Some(Err(self.conflict(&busy))),
            Outcome::Fenced => None,
            Outcome::Unknown(_) => Some(Err(TransactError::Unknown)),
        }
    }

    /// A holder of a collection and of none of the items writes other items: it is waited for.
    fn only_collections_are_busy(&self, outcome: &Outcome) -> bool {
        let first = self.keys.items_at() + self.actions.len();
        matches!(outcome, Outcome::Conflict(busy) if !busy.is_empty() && busy.iter().all(|key| *key >= first))
    }

    fn conflict(&self, busy: &[usize]) -> TransactError {
        let items_at = self.keys.items_at();
        if busy.iter().any(|at| *at < items_at) {
            return TransactError::InProgress;
        }
        // A store that cannot name the busy key: one of the items is.
        let is_busy = |key: usize| busy.contains(&key) || (busy.is_empty() && key == items_at);
        let reason = |at: usize| {
            let collection = self.keys.collection_of[at];
            let collection = collection.is_some_and(|of| is_busy(items_at + self.actions.len() + of));
            (is_busy(items_at + at) || collection).then_some(TransactReason::Conflict)
        };
        TransactError::Cancelled((0..self.actions.len()).map(reason).collect())
    }
}

/// What stopped an action, if it was a rule; otherwise the transaction fails as a whole.
fn refusal(error: WriteError) -> Result<crate::write::Refusal, TransactError> {
    match error {
        WriteError::Refused(refusal) => Ok(refusal),
        WriteError::Store(error) => Err(TransactError::Store(error)),
        WriteError::TableNotFound
        | WriteError::TransactionConflict
        | WriteError::ReplicatedWriteConflict
        | WriteError::Unknown => Err(TransactError::Unknown),
    }
}
