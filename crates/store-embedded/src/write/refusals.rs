//! Refusals that wait until the rows they were computed from are durable: no reply leaves before.

use crate::write::entry::Reply;
use store::{Outcome, StoreError};
use tokio::sync::oneshot;

/// Futures of refused writers, by the position that each waits for.
#[derive(Default)]
pub(super) struct Refusals(Vec<(u64, Reply)>);

impl Refusals {
    /// A future that resolves once `position` is published.
    pub(super) fn wait_for(&mut self, position: u64) -> oneshot::Receiver<Result<Outcome, StoreError>> {
        let (reply, receiver) = oneshot::channel();
        self.0.push((position, reply));
        receiver
    }

    /// Takes those out that wait for a position up to this one.
    pub(super) fn take_up_to(&mut self, published: u64) -> Self {
        Self(self.0.extract_if(.., |(position, _)| *position <= published).collect())
    }

    pub(super) fn resolve(self, outcome: impl Fn() -> Result<Outcome, StoreError>) {
        for (_, reply) in self.0 {
            let _ = reply.send(outcome());
        }
    }
}
