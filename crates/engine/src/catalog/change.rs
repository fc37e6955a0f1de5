//! How changes of the catalog are committed, and seen through to their end whether or not the caller waits.

use crate::engine::Engine;
use std::sync::atomic::Ordering;
use store::{Decision, Fence, Locking, Mutation, Outcome, Pending, Plan, StoreError};
use tokio::sync::oneshot;

/// An appended change of the catalog.
pub(super) struct Change {
    pending: Pending,
    underway: Underway,
}

/// Counted among the changes under way while it is there.
struct Underway(Engine);

impl Underway {
    fn begin(engine: &Engine) -> Self {
        engine.catalog().underway.fetch_add(1, Ordering::SeqCst);
        Underway(engine.clone())
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        self.0.catalog().underway.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Engine {
    /// Waits until no answer shows a change of the catalog that is not durable: the catalog shows changes from
    /// when they are appended, so that later ones build on them.
    pub async fn settle_catalog(&self) -> Result<(), StoreError> {
        match self.catalog().underway.load(Ordering::SeqCst) {
            0 => Ok(()),
            _ => self.next_commit().await,
        }
    }

    /// Appends a change; the caller holds the catalog's lock and shows it afterwards.
    pub(super) fn begin_change(&self, fences: &[Fence], plan: Plan) -> Change {
        let underway = Underway::begin(self);
        Change { pending: self.commit(fences, plan), underway }
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

    /// Runs `end` once the change is durable or has failed. A request whose client is gone is dropped, but
    /// the change is not: so where there is something to wait for, a thread does it.
    pub(super) async fn see_through<T, E>(
        &self,
        change: Change,
        end: impl FnOnce(&Engine, Result<(), StoreError>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let Change { pending, underway } = change;
        if matches!(pending, Pending::Ready(_)) {
            return end(self, committed(pending));
        }
        let (sender, receiver) = oneshot::channel();
        let engine = self.clone();
        let run = move || {
            let ended = end(&engine, committed(pending));
            drop(underway);
            _ = sender.send(ended);
        };
        let lost = |why: String| E::from(StoreError::Unavailable(why));
        std::thread::Builder::new()
            .name("catalog".to_owned())
            .spawn(run)
            .map_err(|error| lost(error.to_string()))?;
        receiver
            .await
            .unwrap_or_else(|_| Err(lost("a change of the catalog was not seen through".to_owned())))
    }
}

fn committed(pending: Pending) -> Result<(), StoreError> {
    match pending.wait()? {
        Outcome::Committed(_) => Ok(()),
        outcome => Err(StoreError::Unavailable(format!("a change of the catalog ended as {outcome:?}"))),
    }
}
