//! One write as one mutation of the store.

use super::{Before, Write, Written, apply, collection_row, read_collection};
use crate::engine::{Engine, Plans};
use crate::error::WriteError;
use crate::index::{Marks, mark_count, mark_keys};
use crate::keys::{KeyBuf, collection_key};
use crate::replication::tombstone::{self, Tombstone};
use crate::row::RowRef;
use crate::table::Table;
use crate::write_stamps::Stamping;
use smallvec::SmallVec;
use std::sync::Arc;
use store::lease::Lease;
use store::{Decision, Locking, Mutation, OldRows, Outcome, Plan, StoreError, resolved};

/// The index of the item among the keys of a write; its companions follow.
const ITEM: usize = 0;

/// What a plan came to, if it came to be decided.
pub(crate) type Verdict = Option<Result<Written, WriteError>>;

/// One try of a write, planned with one descriptor.
pub(super) struct Attempt<'a> {
    pub table: &'a Table,
    pub write: &'a Write,
    pub now: u64,
    /// Under which it is made, where that is needed: without it nothing is written, and there is no verdict.
    pub lease: &'a Lease,
    /// The verdict of the last `decide`; valid once the outcome is known.
    pub verdict: Verdict,
}

impl<'a> Attempt<'a> {
    /// The rows that the write declares beside the item's: that of its collection, its marks in the indexes that are
    /// being built, its tombstone, and that of the lease under which it is made.
    pub(super) fn companions(&self) -> SmallVec<[KeyBuf; 1]> {
        let mut keys = mark_keys(self.table, self.write.key().as_bytes());
        if self.table.has_local_index() {
            keys.insert(0, collection_key(self.table, self.write.key()));
        }
        keys.extend(tombstone::key_of(self.table, self.write.key()));
        keys.extend(self.lease.key().map(KeyBuf::from_slice));
        keys
    }

    /// Decides on the old rows of the item and its companions.
    pub(super) fn decide(&mut self, old: &OldRows<'_>) -> Decision {
        let mut plan = Plan::default();
        let Some(renewed) = self.lease.check(old.0.last().copied().flatten(), self.now) else {
            self.verdict = None;
            return Decision::Refuse;
        };
        let verdict = self.plan(old, &mut plan);
        if !plan.rows.is_empty() {
            plan.rows.extend(renewed);
        }
        let commit = verdict.is_ok() && !plan.rows.is_empty();
        self.verdict = Some(verdict);
        if commit { Decision::Commit(plan) } else { Decision::Refuse }
    }

    fn plan(&self, old: &OldRows<'_>, plan: &mut Plan) -> Result<Written, WriteError> {
        let row = old.get(0).map(RowRef::read).transpose()?;
        let has_collection = self.table.has_local_index();
        let collection = has_collection.then(|| old.get(1)).flatten();
        let marks_at = 1 + usize::from(has_collection);
        let marks = Marks::read(self.table, old.0[marks_at..].iter().copied());
        let tombstone =
            self.table.tombstones_since().and_then(|_| old.get(marks_at + mark_count(self.table)));
        let tombstone = tombstone.map(Tombstone::read).transpose()?;
        let before = Before { row, collection_bytes: read_collection(collection)?, marks, tombstone };
        let change = apply(self.table, self.write, before, self.now)?;
        if let Some(bytes) = change.collection_bytes.filter(|bytes| *bytes != before.collection_bytes) {
            plan.rows.push(collection_row(self.table, self.write, bytes));
        }
        Ok(change.add_to(plan))
    }

    /// The caller's result for an outcome of the mutation. `None`: plan again.
    pub(super) fn conclude(verdict: Verdict, outcome: Outcome) -> Option<Result<Written, WriteError>> {
        match outcome {
            Outcome::Committed(_) | Outcome::Refused => Some(verdict.unwrap_or(Err(WriteError::Unknown))),
            Outcome::Conflict(_) => Some(Err(WriteError::TransactionConflict)),
            Outcome::Fenced => None,
            Outcome::Unknown(_) => Some(Err(WriteError::Unknown)),
        }
    }
}

impl Engine {
    /// Writes one item, in all replicas of a strongly consistent global table. Resolves when the outcome, refusals
    /// included, is durable.
    pub async fn write(&self, table: &Arc<Table>, write: &Write) -> Result<Written, WriteError> {
        let stamping = self.options().stamp(std::iter::once((&**table, write)));
        let (mut table, mut plans) = (Arc::clone(table), Plans::default());
        loop {
            let (verdict, outcome) = match table.is_strong() {
                true => Box::pin(self.attempt_everywhere(&table, write)).await?,
                false => self.attempt_write(&table, write).await?,
            };
            if let Some(result) = Attempt::conclude(verdict, outcome) {
                Stamping::conclude(stamping);
                result.iter().for_each(|_| self.note_write(&table, write));
                return result;
            }
            let newer = self.newer_table(&table).await?.ok_or(WriteError::TableNotFound)?;
            if !self.may_plan_again(&mut plans, newer.schema_version > table.schema_version).await? {
                return Err(WriteError::Store(Engine::table_keeps_changing()));
            }
            table = newer;
        }
    }

    /// One plan of a write. A transaction that only holds the item's collection is about other items, so it is
    /// waited for.
    async fn attempt_write(&self, table: &Table, write: &Write) -> Result<(Verdict, Outcome), WriteError> {
        let mut since = None;
        for _ in 0..Engine::WAITS_MAX {
            match self.try_write(table, write).await? {
                (_, Outcome::Conflict(busy)) if !busy.is_empty() && !busy.contains(&ITEM) => {
                    if !self.wait_for_holder(&mut since).await? {
                        break;
                    }
                }
                ended => return Ok(ended),
            }
        }
        Ok((None, Outcome::Conflict(vec![ITEM])))
    }

    async fn try_write(&self, table: &Table, write: &Write) -> Result<(Verdict, Outcome), StoreError> {
        let mut attempt =
            Attempt { table, write, now: self.now_micros(), lease: &Lease::NotNeeded, verdict: None };
        let companions = attempt.companions();
        let mut keys: SmallVec<[&[u8]; 2]> = SmallVec::new();
        keys.push(write.key().as_bytes());
        keys.extend(companions.iter().map(|key| &key[..]));
        let fences = [table.fence()];
        let decide = &mut |old: &OldRows<'_>| attempt.decide(old);
        let mutation = Mutation { keys: &keys, fences: &fences, locking: Locking::Single, decide };
        let outcome = resolved(self.store(), self.store().mutate(mutation).await?).await;
        Ok((attempt.verdict, outcome))
    }
}
