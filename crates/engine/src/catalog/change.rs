//! How changes of the catalog are committed, and seen through to their end whether or not the caller waits.

use crate::engine::Engine;
use store::{Decision, Fence, Locking, Mutation, Outcome, Pending, Plan, StoreError};
use tokio::sync::oneshot;

impl Engine {
    /// Appends a change; the caller holds the catalog's lock.
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
        pending: Pending,
        end: impl FnOnce(&Engine, Result<(), StoreError>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if matches!(pending, Pending::Ready(_)) {
            return end(self, committed(pending));
        }
        let (sender, receiver) = oneshot::channel();
        let engine = self.clone();
        let run = move || drop(sender.send(end(&engine, committed(pending))));
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
