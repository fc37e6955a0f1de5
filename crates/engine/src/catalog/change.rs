//! Commits changes of the catalog, and completes them whether or not the caller waits.

use super::{Catalog, Underway};
use crate::engine::Engine;
use crate::table::{Provisioned, Scope, Table};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use stdx::future::Boxed;
use store::wait::wait;
use store::{Decision, Fence, Locking, Mutation, OldRows, Outcome, Plan, Store, StoreError, resolved};
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
    /// Waits until `ready` returns something; it is called again after each change.
    async fn when<T>(&self, mut ready: impl FnMut(&mut Underway) -> Option<T>) -> T {
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
        self.when(|underway| (!underway.contains_key(&key)).then_some(())).await;
    }
}

impl Engine {
    /// Waits for the right to change the table of a name.
    pub(super) async fn claim(&self, scope: &Scope, name: &str) -> Claim {
        let key = (scope.clone(), name.to_owned());
        let claim = |underway: &mut Underway| match underway.contains_key(&key) {
            true => None,
            false => {
                underway.insert(key.clone(), Provisioned::default());
                Some(())
            }
        };
        self.catalog().when(claim).await;
        let (scope, name) = key;
        Claim { engine: self.clone(), scope, name }
    }

    /// Appends what is no item.
    pub(crate) async fn commit(&self, fences: &[Fence], plan: Plan) -> Result<Outcome, StoreError> {
        commit(self.store(), fences, plan).await
    }

    /// Begins a change, as far as it goes without waiting.
    pub(super) fn begin(&self, fences: Vec<Fence>, plan: Plan) -> Change {
        let engine = self.clone();
        let mut change: Committing = Box::pin(async move { engine.commit(&fences, plan).await });
        match change.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Change::Ended(outcome),
            Poll::Pending => Change::Underway(change),
        }
    }

    /// Waits until a change is durable or has failed, shows the table as the store has it then, and runs `end`
    /// if the change is durable. A request whose client has disconnected is dropped, but the change is not: so where
    /// there is something to wait for, the thread of [`Completions`](super::Completions) does it. `None`: another
    /// engine on the store was first, and nothing has changed.
    pub(super) async fn see_through<T: Send + 'static>(
        &self,
        claim: Claim,
        change: Change,
        end: impl FnOnce(&Engine, Option<Arc<Table>>) -> T + Send + 'static,
    ) -> Result<Option<T>, StoreError> {
        let (sender, mut receiver) = oneshot::channel();
        let end: End = Box::new(move |engine, table| _ = sender.send(end(engine, table)));
        let is_durable = self.conclude(claim, change, end).await?;
        Ok(if is_durable { receiver.try_recv().ok() } else { None })
    }

    /// The part of it that is compiled once.
    fn conclude(&self, claim: Claim, change: Change, end: End) -> Boxed<'_, Result<bool, StoreError>> {
        Box::pin(async move {
            let (sender, receiver) = oneshot::channel();
            let change = match change {
                Change::Ended(outcome) => return concluded(&claim, outcome, end).await,
                Change::Underway(change) => change,
            };
            self.completions().run(move || {
                let result = wait(async { concluded(&claim, change.await, end).await });
                drop(claim);
                _ = sender.send(result);
            });
            receiver.await.expect("the thread runs every completion to its end")
        })
    }
}

type End = Box<dyn FnOnce(&Engine, Option<Arc<Table>>) + Send>;

/// A change of the catalog that has begun.
pub(super) enum Change {
    Ended(Result<Outcome, StoreError>),
    Underway(Committing),
}

type Committing = Boxed<'static, Result<Outcome, StoreError>>;

/// Appends what is no item.
pub(crate) async fn commit(store: &dyn Store, fences: &[Fence], plan: Plan) -> Result<Outcome, StoreError> {
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    let outcome = store.mutate(Mutation { keys: &[], fences, locking: Locking::Single, decide }).await?;
    Ok(resolved(store, outcome).await)
}

/// Whether the change has been made.
async fn concluded(
    claim: &Claim,
    outcome: Result<Outcome, StoreError>,
    end: End,
) -> Result<bool, StoreError> {
    let Claim { engine, scope, name } = claim;
    let table = engine.catalog().reload(engine.store(), scope, name).await;
    match outcome? {
        Outcome::Committed(_) => {
            let table = table?;
            table.iter().for_each(|table| engine.tend(table));
            end(engine, table);
            Ok(true)
        }
        Outcome::Fenced => Ok(false),
        outcome => Err(StoreError::Unavailable(format!("a change of the catalog ended as {outcome:?}"))),
    }
}
