//! How changes of the catalog are committed, and seen through to their end whether or not the caller waits.

use super::Catalog;
use crate::engine::Engine;
use crate::table::{Scope, Table};
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use store::{Decision, Fence, Locking, Mutation, Outcome, Pending, Plan, StoreError};
use tokio::sync::oneshot;

/// The right to change the table of one name, until it is dropped.
pub(super) struct Claim {
    engine: Engine,
    scope: Scope,
    name: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let catalog = self.engine.catalog();
        let name = std::mem::take(&mut self.name);
        catalog.changes.lock().underway.remove(&(self.scope.clone(), name));
        catalog.ended.notify_waiters();
    }
}

impl Catalog {
    /// Waits until `ready` returns something; it is asked again whenever a change has ended.
    async fn when<T>(&self, mut ready: impl FnMut(&mut BTreeSet<(Scope, String)>) -> Option<T>) -> T {
        loop {
            let mut ended = pin!(self.ended.notified());
            ended.as_mut().enable();
            let found = ready(&mut self.changes.lock().underway);
            match found {
                Some(found) => return found,
                None => ended.await,
            }
        }
    }

    /// Waits until no change of this name is under way here.
    pub(super) async fn unchanging(&self, scope: &Scope, name: &str) {
        let key = (scope.clone(), name.to_owned());
        self.when(|underway| (!underway.contains(&key)).then_some(())).await;
    }
}

impl Engine {
    /// Waits for the right to change the table of a name.
    pub(super) async fn claim(&self, scope: &Scope, name: &str) -> Claim {
        let key = (scope.clone(), name.to_owned());
        self.catalog().when(|underway| underway.insert(key.clone()).then_some(())).await;
        let (scope, name) = key;
        Claim { engine: self.clone(), scope, name }
    }

    /// Appends what is no item.
    pub(crate) fn commit(&self, fences: &[Fence], plan: Plan) -> Pending {
        let mut plan = Some(plan);
        self.store().mutate(Mutation {
            keys: &[],
            fences,
            locking: Locking::Single,
            decide: &mut |_| plan.take().map_or(Decision::Refuse, Decision::Commit),
        })
    }

    /// Waits until a change is durable or has failed, shows the table as the store has it then, and runs `end`
    /// if the change is durable. A request whose client is gone is dropped, but the change is not: so where
    /// there is something to wait for, the thread of [`Completions`](super::Completions) does it.
    pub(super) async fn see_through<T: Send + 'static>(
        &self,
        claim: Claim,
        pending: Pending,
        end: impl FnOnce(&Engine, Option<Arc<Table>>) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        if matches!(pending, Pending::Ready(_)) {
            return concluded(&claim, pending, end);
        }
        let (sender, receiver) = oneshot::channel();
        self.completions().run(move || {
            let result = concluded(&claim, pending, end);
            drop(claim);
            _ = sender.send(result);
        });
        receiver.await.expect("the thread runs every completion to its end")
    }
}

fn concluded<T>(
    claim: &Claim,
    pending: Pending,
    end: impl FnOnce(&Engine, Option<Arc<Table>>) -> T,
) -> Result<T, StoreError> {
    let committed = committed(pending);
    let Claim { engine, scope, name } = claim;
    let table = engine.catalog().reload(engine.store(), scope, name);
    committed?;
    let table = table?;
    table.iter().for_each(|table| engine.tend(table));
    Ok(end(engine, table))
}

fn committed(pending: Pending) -> Result<(), StoreError> {
    match pending.wait()? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("a change of the catalog ended as {outcome:?}"))),
    }
}
