//! The storage contract, by the parts of this crate.

use crate::embedded_store::EmbeddedStore;
use crate::read::{point, range};
use crate::trees::feed_record::Place;
use crate::trees::{Bytes, Name, TreeError};
use crate::trees::{feed_record, system_key};
use crate::write::batch::Batch;
use crate::write::{counters, mutate};
use std::future::Future;
use std::ops::Bound;
use std::pin::Pin;
use store::{
    Capabilities, Consistency, CounterId, FeedCursor, FeedId, FeedRecord, Mutation, Pending, Position,
    RangeRead, Reading, Stamp, Store, StoreError, Visit, VisitEntry, VisitKeyed, VisitRecord, VisitRow,
    Watch,
};

/// A cursor with a position as this store counts them; beyond its range nothing was ever written.
fn place(cursor: FeedCursor) -> Place {
    u64::try_from(cursor.position.0).map_or((u64::MAX, u32::MAX), |position| (position, cursor.index))
}

impl EmbeddedStore {
    fn readable<T>(&self, name: Name, result: Result<T, TreeError>) -> Result<T, StoreError> {
        result.map_err(|error| self.core.view.read_error(name, error))
    }

    /// Visits the records of a feed behind a place, as of `at`. Nothing newer ever shadows a feed record,
    /// so nobody needs to announce himself for it.
    fn feed_records(
        &self,
        feed: u64,
        after: Place,
        at: u64,
        visit: &mut dyn FnMut(FeedRecord<'_>) -> Visit,
    ) -> Result<(), TreeError> {
        let (position, index) = after.max(self.core.view.trims.of(feed));
        let (start, end) =
            (feed_record::key(feed, position, index), feed_record::key(feed, u64::MAX, u32::MAX));
        let records =
            self.core.view.trees.range(Name::Feed, Bound::Excluded(&start), Bound::Included(&end), at);
        for record in records {
            let (key, value) = record?;
            let Some((_, position, index)) = feed_record::split_key(&key) else { continue };
            let (time_micros, bytes) = feed_record::split_value(&value);
            let stamp = Stamp { position: Position(position.into()), time_micros };
            if visit(FeedRecord { stamp, index, bytes }) == Visit::Stop {
                return Ok(());
            }
        }
        Ok(())
    }

    fn documents(&self, prefix: &[u8], visit: &mut VisitEntry<'_>) -> Result<(), TreeError> {
        let start = system_key::record(prefix);
        let end = crate::trees::range_tombstones::prefix_end(&start);
        let documents = {
            let reading = self.core.view.readers.enter();
            let end = end.as_ref().map(Vec::as_slice);
            self.core.view.trees.range(Name::System, Bound::Included(&start), end, reading.position)
        };
        for document in documents {
            let (key, document) = document?;
            if visit(system_key::split_record(&key), &document) == Visit::Stop {
                break;
            }
        }
        Ok(())
    }

    fn has_record_after(&self, feed: u64, after: Place) -> bool {
        let mut found = false;
        let at = self.core.view.readers.enter().position;
        let looked = self.feed_records(feed, after, at, &mut |_| {
            found = true;
            Visit::Stop
        });
        // A feed that cannot be read: whoever waits for it hears of that when it reads.
        found || looked.is_err()
    }
}

impl Store for EmbeddedStore {
    fn get<'a>(&'a self, key: &'a [u8], _: Consistency, visit: &'a mut VisitRow<'a>) -> Reading<'a, ()> {
        if let Some(row) = point::cached_row(&self.core.view, key, self.core.view.readers.published()) {
            visit(Some(&row));
            return Reading::ready(Ok(()));
        }
        let row = {
            let reading = self.core.view.readers.enter();
            point::row_to_cache(&self.core.view, key, reading.position)
        };
        Reading::ready(self.readable(Name::Rows, row).map(|row| visit(row.as_deref())))
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let read = range::rows(&self.core.view, read.range, read.direction, visit);
        Reading::ready(self.readable(Name::Rows, read))
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        let (position, rows) = {
            let reading = self.core.view.readers.enter();
            let row = |key: &&[u8]| point::row(&self.core.view, key, reading.position);
            (reading.position, keys.iter().map(row).collect::<Result<Vec<_>, _>>())
        };
        let lend = |rows: Vec<Option<Bytes>>| {
            rows.iter().enumerate().for_each(|(index, row)| visit(index, row.as_deref()));
            Position(position.into())
        };
        Reading::ready(self.readable(Name::Rows, rows).map(lend))
    }

    fn mutate<'a>(&'a self, mut mutation: Mutation<'a>) -> Pending<'a> {
        let pending = mutate::mutate(&self.core.write, &mut mutation);
        self.core.write.queue.announce();
        pending
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        let begin =
            |mut mutation: Mutation<'a>| -> Pending<'a> { mutate::mutate(&self.core.write, &mut mutation) };
        let pending = mutations.into_iter().map(begin).collect();
        self.core.write.queue.announce();
        pending
    }

    fn settled(&self) -> Pending<'_> {
        self.core.write.queue.settled(|| self.core.view.readers.published())
    }

    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a> {
        match mutate::check_prefix(prefix) {
            Ok(()) => mutate::append_own(&self.core.write, Batch::drop_range(prefix)),
            Err(error) => Pending::ready(Err(error)),
        }
    }

    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position> {
        let at = self.core.view.readers.enter().position;
        let mut left = limit;
        let mut visit_some = |record: FeedRecord<'_>| {
            left -= 1;
            if visit(record) == Visit::Stop || left == 0 { Visit::Stop } else { Visit::Continue }
        };
        let read = match limit {
            0 => Ok(()),
            _ => self.feed_records(feed.0, place(after), at, &mut visit_some),
        };
        Reading::ready(self.readable(Name::Feed, read).map(|()| Position(at.into())))
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let next = self.core.view.watchers.watch(feed.0);
                if self.has_record_after(feed.0, place(after)) {
                    return;
                }
                let _ = next.await;
            }
        })
    }

    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_> {
        mutate::append_own(&self.core.write, Batch::trim(feed.0, place(up_to)))
    }

    fn counter(&self, counter: CounterId) -> Reading<'_, i64> {
        let reading = self.core.view.readers.enter();
        let value = counters::read(&self.core.view.trees, reading.position, counter.0);
        Reading::ready(self.readable(Name::System, value))
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        let reading = self.core.view.readers.enter();
        let document = self.core.view.trees.get(Name::System, &system_key::record(key), reading.position);
        let document = self.readable(Name::System, document);
        Reading::ready(document.map(|document| document.map(|document| document.to_vec())))
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        Reading::ready(self.readable(Name::System, self.documents(prefix, visit)))
    }

    fn fence(&self, subject: u64) -> Reading<'_, u64> {
        Reading::ready(Ok(self.core.write.queue.fence(subject)))
    }

    fn watch(&self, prefix: &[u8]) -> Watch {
        self.core.view.watches.watch(prefix)
    }

    fn durable(&self) -> Stamp {
        *self.core.view.newest.lock()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { durable: true, transactions_across_rows: true, shared: false }
    }

    fn health(&self) -> Result<(), StoreError> {
        self.core.write.queue.health()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.shut_down()
    }
}
