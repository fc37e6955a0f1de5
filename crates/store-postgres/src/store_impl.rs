//! The storage contract, by the parts of this crate.

use crate::postgres_store::{Core, PostgresStore};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use store::wait::wait;
use store::{
    Capabilities, CommitId, Consistency, CounterId, FeedCursor, FeedId, Measure, Mutation, Outcome, Pending,
    Position, RangeRead, Reading, Stamp, Store, StoreError, VisitEntry, VisitKeyed, VisitMany, VisitRecord,
    VisitRow, Watch,
};

impl PostgresStore {
    /// Goes on whether or not the caller waits.
    fn anyway<F>(&self, write: impl FnOnce(Arc<Core>) -> F) -> Pending<'_>
    where
        F: Future<Output = Result<Outcome, StoreError>> + Send + 'static,
    {
        let (flight, running) = (self.core.flights.begin(), write(Arc::clone(&self.core)));
        let running = self.core.connector.runtime().spawn(async move {
            let outcome = running.await;
            drop(flight);
            outcome
        });
        Pending::running(async move {
            running.await.unwrap_or_else(|_| Err(StoreError::Unavailable("it is closing".to_owned())))
        })
    }
}

impl Store for PostgresStore {
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()> {
        Reading::waiting(self.core.get(key, consistency, visit))
    }

    fn get_many<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        consistency: Consistency,
        visit: &'a mut VisitMany<'a>,
    ) -> Reading<'a, ()> {
        Reading::waiting(self.core.get_many(keys, consistency, visit))
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        Reading::waiting(self.core.range(read, visit))
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        Reading::waiting(self.core.read_at_one_position(keys, visit))
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        Pending::running(self.core.mutate(mutation))
    }

    /// The database shares one sync among transactions that commit at the same time.
    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        mutations.into_iter().map(|mutation| self.mutate(mutation)).collect()
    }

    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        Reading::waiting(self.core.resolve(commit))
    }

    fn settled(&self) -> Pending<'_> {
        Pending::running(async move {
            self.core.open()?;
            self.core.flights.ended().await;
            Ok(Outcome::Refused)
        })
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        let prefix = prefix.to_vec();
        self.anyway(move |core| async move { core.drop_range(&prefix).await })
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        Reading::waiting(self.core.tail(feed, after, limit, visit))
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.core.changed(feed, after))
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        self.anyway(move |core| async move { core.trim(feed, up_to).await })
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        Reading::waiting(self.core.counter(counter))
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        Reading::waiting(self.core.document(key))
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        Reading::waiting(self.core.documents(prefix, visit))
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        Reading::waiting(self.core.fence(subject))
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.core.watches.watch(prefix)
    }

    /// The newest that this process knows of: its own, and what others have told.
    fn durable(&self) -> Stamp {
        self.core.newest.stamp()
    }

    fn newest(&self) -> Reading<'_, Position> {
        Reading::waiting(self.core.newest())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: true, transactions_across_rows: true, shared: true }
    }

    fn health(&self) -> Result<(), StoreError> {
        self.core.open()?;
        self.core.connector.failure().map_or(Ok(()), Err)?;
        self.core.connector.primary().may_write()
    }

    fn measures(&self) -> Pin<Box<dyn Future<Output = Vec<Measure>> + Send + '_>> {
        Box::pin(self.core.measures())
    }

    fn close(&self) -> Result<(), StoreError> {
        self.core.closed.store(true, Ordering::Release);
        wait(self.core.flights.ended());
        self.core.writers.close();
        wait(self.core.readers.close());
        wait(self.core.replicas.close());
        Ok(())
    }
}
