//! One write as one mutation of the store.

use super::{Before, Write, Written, apply, collection_row, read_collection};
use crate::engine::Engine;
use crate::error::WriteError;
use crate::keys::{KeyBuf, collection_key};
use crate::row::RowRef;
use crate::table::Table;
use smallvec::SmallVec;
use std::sync::Arc;
use store::{Decision, Locking, Mutation, OldRows, Outcome, Pending, Plan};

/// One try of a write, planned with one descriptor.
pub(super) struct Attempt<'a> {
    pub table: &'a Table,
    pub write: &'a Write,
    pub now: u64,
    /// What came of it; counts once the store says so.
    pub verdict: Option<Result<Written, WriteError>>,
}

impl<'a> Attempt<'a> {
    /// The row of the collection, which the write declares beside the item's.
    pub(super) fn collection(&self) -> Option<KeyBuf> {
        self.table.has_local_index().then(|| collection_key(self.table, self.write.key()))
    }

    /// Decides on the old rows of the item and its collection.
    pub(super) fn decide(&mut self, old: &OldRows<'_>) -> Decision {
        let mut plan = Plan::default();
        let verdict = self.plan(old, &mut plan);
        let commit = verdict.is_ok() && !plan.rows.is_empty();
        self.verdict = Some(verdict);
        if commit { Decision::Commit(plan) } else { Decision::Refuse }
    }

    fn plan(&self, old: &OldRows<'_>, plan: &mut Plan) -> Result<Written, WriteError> {
        let row = old.get(0).map(RowRef::read).transpose()?;
        let collection = self.table.has_local_index().then(|| old.get(1)).flatten();
        let before = Before { row, collection_bytes: read_collection(collection)? };
        let change = apply(self.table, self.write, before, self.now)?;
        if let Some(bytes) = change.collection_bytes.filter(|bytes| *bytes != before.collection_bytes) {
            plan.rows.push(collection_row(self.table, self.write, bytes));
        }
        Ok(change.add_to(plan))
    }

    /// What the caller learns once the store has said how the mutation ended. `None`: plan again.
    pub(super) fn conclude(
        verdict: Option<Result<Written, WriteError>>,
        outcome: Outcome,
    ) -> Option<Result<Written, WriteError>> {
        match outcome {
            Outcome::Committed(_) | Outcome::Refused => Some(verdict.unwrap_or(Err(WriteError::Unknown))),
            Outcome::Conflict(_) => Some(Err(WriteError::TransactionConflict)),
            Outcome::Fenced => None,
            Outcome::Unknown => Some(Err(WriteError::Unknown)),
        }
    }
}

impl Engine {
    /// Writes one item. Resolves when the outcome, refusals included, is durable.
    pub async fn write(&self, table: &Arc<Table>, write: &Write) -> Result<Written, WriteError> {
        let mut table = Arc::clone(table);
        for _ in 0..Engine::PLANS_MAX {
            let (verdict, pending) = self.begin_write(&table, write);
            if let Some(result) = Attempt::conclude(verdict, pending.await?) {
                return result;
            }
            table = self.catalog().settled(&table).ok_or(WriteError::TableNotFound)?;
        }
        Err(WriteError::Store(Engine::table_keeps_changing()))
    }

    fn begin_write(&self, table: &Table, write: &Write) -> (Option<Result<Written, WriteError>>, Pending) {
        let mut attempt = Attempt { table, write, now: self.now_micros(), verdict: None };
        let collection = attempt.collection();
        let mut keys: SmallVec<[&[u8]; 2]> = SmallVec::new();
        keys.push(write.key().as_bytes());
        keys.extend(collection.as_deref());
        let pending = self.store().mutate(Mutation {
            keys: &keys,
            fences: &[table.fence()],
            locking: Locking::Single,
            decide: &mut |old| attempt.decide(old),
        });
        (attempt.verdict, pending)
    }
}
