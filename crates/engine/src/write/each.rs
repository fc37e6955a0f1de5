//! Independent writes under one group commit: BatchWriteItem.

use super::single::{Attempt, Verdict};
use super::{Write, Written};
use crate::engine::Engine;
use crate::error::WriteError;
use crate::table::Table;
use crate::write_stamps::Stamping;
use smallvec::SmallVec;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use store::lease::Lease;
use store::{Locking, Mutation, OldRows, Outcome, Pending, Store, StoreError, resolved};

impl Engine {
    /// Does each of the writes, in any order, independently; results in the order given. One disk
    /// synchronisation serves them all, but those that are made in all replicas at once.
    pub async fn write_each(&self, writes: &[(Arc<Table>, Write)]) -> Vec<Result<Written, WriteError>> {
        if writes.iter().any(|(table, _)| table.is_strong()) {
            return self.write_apart(writes).await;
        }
        let stamping = self.options().stamp(writes.iter().map(|(table, write)| (&**table, write)));
        let mut results = Vec::with_capacity(writes.len());
        for ((table, write), (verdict, outcome)) in
            writes.iter().zip(try_each(self.store(), self.now_micros(), writes, &Lease::NotNeeded).await)
        {
            results.push(match outcome {
                // A single write distinguishes a busy item from a busy collection, and waits for the latter.
                Ok(Outcome::Conflict(_)) => self.write(table, write).await,
                Ok(outcome) => match Attempt::conclude(verdict, outcome) {
                    Some(result) => {
                        result.iter().for_each(|_| self.note_write(table, write));
                        result
                    }
                    None => self.write_replanned(table, write).await,
                },
                Err(error) => Err(error.into()),
            });
        }
        Stamping::conclude(stamping);
        results
    }

    /// Does each as a write of its own, all at the same time.
    async fn write_apart(&self, writes: &[(Arc<Table>, Write)]) -> Vec<Result<Written, WriteError>> {
        let mut running: Vec<_> =
            writes.iter().map(|(table, write)| Some(Box::pin(self.write(table, write)))).collect();
        let mut results: Vec<_> = writes.iter().map(|_| Err(WriteError::Unknown)).collect();
        poll_fn(|cx| {
            for (slot, result) in running.iter_mut().zip(&mut results) {
                if let Some(write) = slot
                    && let Poll::Ready(ended) = write.as_mut().poll(cx)
                {
                    (*slot, *result) = (None, ended);
                }
            }
            if running.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        results
    }

    /// A write whose table has changed since it was planned.
    async fn write_replanned(&self, table: &Arc<Table>, write: &Write) -> Result<Written, WriteError> {
        let table = self.newer_table(table).await?.ok_or(WriteError::TableNotFound)?;
        self.write(&table, write).await
    }
}

/// What became of a write that was tried: what it decided, and how its mutation ended.
pub(crate) type Tried = (Verdict, Result<Outcome, StoreError>);

/// Tries each of the writes once, with the descriptor it comes with, under a lease.
pub(crate) async fn try_each(
    store: &dyn Store,
    now: u64,
    writes: &[(Arc<Table>, Write)],
    lease: &Lease,
) -> Vec<Tried> {
    let mut attempts: Vec<Attempt<'_>> =
        writes.iter().map(|(table, write)| Attempt { table, write, now, lease, verdict: None }).collect();
    let companions: Vec<_> = attempts.iter().map(Attempt::companions).collect();
    let keys: Vec<SmallVec<[&[u8]; 2]>> = writes
        .iter()
        .zip(&companions)
        .map(|((_, write), companions)| {
            std::iter::once(write.key().as_bytes()).chain(companions.iter().map(|key| &key[..])).collect()
        })
        .collect();
    let fences: Vec<_> = writes.iter().map(|(table, _)| [table.fence()]).collect();
    let mut deciders: Vec<_> =
        attempts.iter_mut().map(|attempt| |old: &OldRows<'_>| attempt.decide(old)).collect();
    let mutations: Vec<Mutation<'_>> = deciders
        .iter_mut()
        .zip(keys.iter().zip(&fences))
        .map(|(decide, (keys, fences))| Mutation { keys, fences, locking: Locking::Single, decide })
        .collect();
    let mut outcomes = Pending::all(store.mutate_each(mutations)).await;
    drop(deciders);
    for outcome in outcomes.iter_mut().flatten() {
        *outcome = resolved(store, std::mem::replace(outcome, Outcome::Fenced)).await;
    }
    attempts.into_iter().map(|attempt| attempt.verdict).zip(outcomes).collect()
}
