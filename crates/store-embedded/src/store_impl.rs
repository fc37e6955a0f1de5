//! The storage contract, by the parts of this crate.

use crate::embedded_store::EmbeddedStore;
use crate::read::range::Walk;
use crate::read::read_view::ReadView;
use crate::read::{lend, point, range};
use crate::trees::feed_record::Place;
use crate::trees::{Bytes, Name, Range, TreeError};
use crate::trees::{feed_record, range_tombstones, system_key};
use crate::write::batch::Batch;
use crate::write::{counters, mutate};
use std::future::Future;
use std::ops::Bound;
use std::pin::Pin;
use store::{
    Capabilities, CommitId, Consistency, CounterId, Direction, FeedCursor, FeedId, FeedRecord, KeyRange,
    Mutation, Pending, Position, RangeRead, Reading, Stamp, Store, StoreError, Visit, VisitEntry, VisitKeyed,
    VisitRecord, VisitRow, Watch,
};

/// A cursor with a position as this store counts them; beyond its range nothing was ever written.
fn place(cursor: FeedCursor) -> Place {
    u64::try_from(cursor.position.0).map_or((u64::MAX, u32::MAX), |position| (position, cursor.index))
}

impl EmbeddedStore {
    fn readable<T>(&self, name: Name, result: Result<T, TreeError>) -> Result<T, StoreError> {
        result.map_err(|error| self.core.view.read_error(name, error))
    }

    /// A read that may have to wait for the disk: here where a place is free, otherwise as the result is polled, of
    /// copies of what the caller lends.
    fn cold<'a, R: Send + 'static, T, O>(
        &'a self,
        name: Name,
        here: impl FnOnce(&ReadView) -> Result<R, TreeError>,
        owned: impl FnOnce() -> O,
        lend: impl FnOnce(R) -> T + Send + 'a,
    ) -> Reading<'a, T>
    where
        O: FnOnce(&ReadView) -> Result<R, TreeError> + Send + 'static,
    {
        let view = &self.core.view;
        if let Some(_place) = view.cold_reads.here() {
            return Reading::ready(self.readable(name, here(view)).map(lend));
        }
        let (read, owner) = (owned(), view.clone());
        Reading::waiting(async move {
            let read = view.cold_reads.elsewhere(move || read(&owner)).await?;
            self.readable(name, read).map(lend)
        })
    }

    /// A walk over a range: here where a place is free, and while it is short; otherwise as the result is polled.
    fn walk<'a, T: Send + 'a, O>(
        &'a self,
        name: Name,
        begin: impl FnOnce(&ReadView) -> Walk,
        owned: impl FnOnce() -> O,
        rows_expected: usize,
        mut visit: impl FnMut(&[u8], &[u8]) -> Visit + Send + 'a,
        at_its_end: T,
    ) -> Reading<'a, T>
    where
        O: FnOnce(&ReadView) -> Walk + Send + 'static,
    {
        let view = &self.core.view;
        let begun = match view.cold_reads.here() {
            None => None,
            Some(_place) => match lend::here(view, begin(view), &mut visit) {
                Ok(Some(rest)) => Some(rest),
                ended => return Reading::ready(self.readable(name, ended.map(|_| at_its_end))),
            },
        };
        let owned = owned();
        Reading::waiting(async move {
            let begin = move |view: &ReadView| begun.unwrap_or_else(|| owned(view));
            let lent = lend::from_elsewhere(view, begin, rows_expected, &mut visit).await?;
            self.readable(name, lent.map(|()| at_its_end))
        })
    }

    fn has_record_after(&self, feed: u64, after: Place) -> Reading<'_, bool> {
        let has_record = move |view: &ReadView| {
            let at = view.readers.enter().position;
            feed_records(view, feed, after, at).rows().next().transpose().map(|record| record.is_some())
        };
        self.cold(Name::Feed, has_record, || has_record, |found| found)
    }
}

/// The records of a feed behind a place, as of `at`. Nothing newer ever shadows a feed record, so no reader slot is
/// needed.
fn feed_records(view: &ReadView, feed: u64, after: Place, at: u64) -> Range {
    let (position, index) = after.max(view.trims.of(feed));
    let (start, end) = (feed_record::key(feed, position, index), feed_record::key(feed, u64::MAX, u32::MAX));
    view.trees.range(Name::Feed, (Bound::Excluded(&start), Bound::Included(&end)), Direction::Forward, at)
}

/// A record of a feed as the tree has it.
fn lent_record<'a>(key: &[u8], value: &'a [u8]) -> Option<FeedRecord<'a>> {
    let (_, position, index) = feed_record::split_key(key)?;
    let (time_micros, bytes) = feed_record::split_value(value);
    let stamp = Stamp { position: Position(position.into()), time_micros };
    Some(FeedRecord { stamp, index, bytes })
}

fn documents(view: &ReadView, prefix: &[u8]) -> Walk {
    let start = system_key::record(prefix);
    let end = range_tombstones::prefix_end(&start);
    let reading = view.readers.enter();
    let end = end.as_ref().map(Vec::as_slice);
    let bounds = (Bound::Included(&start[..]), end);
    range::whole(view.trees.range(Name::System, bounds, Direction::Forward, reading.position))
}

fn document(view: &ReadView, key: &[u8]) -> Result<Option<Bytes>, TreeError> {
    let reading = view.readers.enter();
    view.trees.get(Name::System, &system_key::record(key), reading.position)
}

/// The row of a key that the row cache has not.
fn uncached_row(view: &ReadView, key: &[u8]) -> Result<Option<Bytes>, TreeError> {
    let reading = view.readers.enter();
    point::row_to_cache(view, key, reading.position)
}

type Rows = Vec<Option<Bytes>>;

fn rows_at_one_position<K: AsRef<[u8]>>(view: &ReadView, keys: &[K]) -> Result<(u64, Rows), TreeError> {
    let reading = view.readers.enter();
    let row = |key: &K| point::row(view, key.as_ref(), reading.position);
    Ok((reading.position, keys.iter().map(row).collect::<Result<_, _>>()?))
}

/// The same if the row cache has all of them.
fn cached_rows(view: &ReadView, keys: &[&[u8]]) -> Option<(u64, Rows)> {
    let at = view.readers.published();
    let row = |key: &&[u8]| point::cached_row(view, key, at).map(Some);
    Some((at, keys.iter().map(row).collect::<Option<_>>()?))
}

impl Store for EmbeddedStore {
    fn get<'a>(&'a self, key: &'a [u8], _: Consistency, visit: &'a mut VisitRow<'a>) -> Reading<'a, ()> {
        if let Some(row) = point::cached_row(&self.core.view, key, self.core.view.readers.published()) {
            visit(Some(&row));
            return Reading::ready(Ok(()));
        }
        let owned = || {
            let key = key.to_vec();
            move |view: &ReadView| uncached_row(view, &key)
        };
        let here = |view: &ReadView| uncached_row(view, key);
        self.cold(Name::Rows, here, owned, move |row: Option<Bytes>| visit(row.as_deref()))
    }

    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let RangeRead { range, direction, rows_expected, .. } = read;
        let owned = || {
            let (start, end) = (range.start.map(<[u8]>::to_vec), range.end.map(<[u8]>::to_vec));
            move |view: &ReadView| {
                let (start, end) = (start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice));
                range::rows(view, KeyRange { start, end }, direction)
            }
        };
        let begin = |view: &ReadView| range::rows(view, range, direction);
        self.walk(Name::Rows, begin, owned, rows_expected, visit, ())
    }

    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position> {
        let mut lend = move |(position, rows): (u64, Rows)| {
            rows.iter().enumerate().for_each(|(index, row)| visit(index, row.as_deref()));
            Position(position.into())
        };
        if let Some(rows) = cached_rows(&self.core.view, keys) {
            return Reading::ready(Ok(lend(rows)));
        }
        let owned = || {
            let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
            move |view: &ReadView| rows_at_one_position(view, &keys)
        };
        let here = |view: &ReadView| rows_at_one_position(view, keys);
        self.cold(Name::Rows, here, owned, lend)
    }

    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a> {
        let pending = mutate::mutate(&self.core.write, mutation);
        self.core.write.queue.announce();
        pending
    }

    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>> {
        let begin = |mutation| mutate::mutate(&self.core.write, mutation);
        let pending = mutations.into_iter().map(begin).collect();
        self.core.write.queue.announce();
        pending
    }

    /// An outcome is unknown only where the store has failed. What the log has of it shows at the next open.
    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>> {
        let known = || Err(StoreError::Unavailable(format!("{commit:?} was not unknown")));
        Reading::ready(self.core.env.failure.check().and_then(|()| known()))
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
        let safe_until = Position(at.into());
        if limit == 0 {
            return Reading::ready(Ok(safe_until));
        }
        let mut left = limit;
        let visit_some = move |key: &[u8], value: &[u8]| {
            let Some(record) = lent_record(key, value) else { return Visit::Continue };
            left -= 1;
            if visit(record) == Visit::Stop || left == 0 { Visit::Stop } else { Visit::Continue }
        };
        let begin = move |view: &ReadView| range::whole(feed_records(view, feed.0, place(after), at));
        self.walk(Name::Feed, begin, || begin, limit, visit_some, safe_until)
    }

    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let next = self.core.view.watchers.watch(feed.0);
                // A feed that cannot be read: its reader gets the error from its next read.
                if self.has_record_after(feed.0, place(after)).await.unwrap_or(true) {
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
        let read = move |view: &ReadView| {
            let reading = view.readers.enter();
            counters::read(&view.trees, reading.position, counter.0)
        };
        self.cold(Name::System, read, || read, |value| value)
    }

    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>> {
        let owned = || {
            let key = key.to_vec();
            move |view: &ReadView| document(view, &key)
        };
        let here = |view: &ReadView| document(view, key);
        self.cold(Name::System, here, owned, |document| document.map(|document| document.to_vec()))
    }

    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()> {
        let owned = || {
            let prefix = prefix.to_vec();
            move |view: &ReadView| documents(view, &prefix)
        };
        let begin = |view: &ReadView| documents(view, prefix);
        let visit = |key: &[u8], document: &[u8]| visit(system_key::split_record(key), document);
        self.walk(Name::System, begin, owned, usize::MAX, visit, ())
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
