//! Rows and records, lot by lot in their order: what is there already is passed over, then everything is compared.

use std::ops::Bound;
use store::{Consistency, Direction, FeedCursor, FeedId, KeyRange, RangeRead, Store, StoreError, Visit};
use store_embedded::EmbeddedStore;
use store_postgres::filling::{Appended, Entry, Filling};

/// How much there is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) rows: u64,
    pub(super) records: u64,
}

/// A lot ends behind so many bytes or entries.
const LOT_BYTES: usize = 1 << 20;
const LOT: usize = 1_000;

/// Copies what is not there yet, and compares all of it.
pub(super) fn copy(store: &EmbeddedStore, filling: &Filling) -> Result<Copied, StoreError> {
    let feeds = store.feeds()?;
    copy_rows(store, filling)?;
    feeds.iter().try_for_each(|feed| copy_records(store, filling, *feed))?;
    let mut copied = Copied { rows: compare_rows(store, filling)?, records: 0 };
    for feed in feeds {
        copied.records += compare_records(store, filling, feed)?;
    }
    Ok(copied)
}

fn copy_rows(store: &EmbeddedStore, filling: &Filling) -> Result<(), StoreError> {
    let mut after = filling.last_row()?;
    loop {
        let rows = rows(store, after.as_deref())?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        filling.put_rows(&rows)?;
        after = Some(last.clone());
    }
}

fn copy_records(store: &EmbeddedStore, filling: &Filling, feed: FeedId) -> Result<(), StoreError> {
    let mut after = filling.last_record(feed)?;
    loop {
        let records = records(store, feed, after)?;
        let Some(last) = records.last() else { return Ok(()) };
        filling.append(feed, &records)?;
        after = last.at;
    }
}

fn compare_rows(store: &EmbeddedStore, filling: &Filling) -> Result<u64, StoreError> {
    let (mut after, mut count) = (None::<Vec<u8>>, 0);
    loop {
        let rows = rows(store, after.as_deref())?;
        if filling.rows(after.as_deref(), rows.len().max(1))? != rows {
            return Err(StoreError::Corrupt("rows are not as they were written".to_owned()));
        }
        let Some((last, _)) = rows.last() else { return Ok(count) };
        count += rows.len() as u64;
        after = Some(last.clone());
    }
}

fn compare_records(store: &EmbeddedStore, filling: &Filling, feed: FeedId) -> Result<u64, StoreError> {
    let (mut after, mut count) = (FeedCursor::START, 0);
    loop {
        let records = records(store, feed, after)?;
        if filling.records(feed, after, records.len().max(1))? != records {
            return Err(StoreError::Corrupt(format!("records of {feed:?} are not as they were written")));
        }
        let Some(last) = records.last() else { return Ok(count) };
        count += records.len() as u64;
        after = last.at;
    }
}

/// A lot of rows behind a key.
fn rows(store: &EmbeddedStore, after: Option<&[u8]>) -> Result<Vec<Entry>, StoreError> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    let visit = &mut |key: &[u8], row: &[u8]| {
        bytes += key.len() + row.len();
        rows.push((key.to_vec(), row.to_vec()));
        if bytes < LOT_BYTES && rows.len() < LOT { Visit::Continue } else { Visit::Stop }
    };
    let range = KeyRange { start: after.map_or(Bound::Unbounded, Bound::Excluded), end: Bound::Unbounded };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    store.range(RangeRead { range, direction, consistency, rows_expected: LOT }, visit).wait()?;
    Ok(rows)
}

/// A lot of a feed's records behind a place.
fn records(store: &EmbeddedStore, feed: FeedId, after: FeedCursor) -> Result<Vec<Appended>, StoreError> {
    let (mut records, mut bytes) = (Vec::new(), 0);
    let visit = &mut |record: store::FeedRecord<'_>| {
        bytes += record.bytes.len();
        records.push(Appended {
            at: record.cursor(),
            time_micros: record.stamp.time_micros,
            bytes: record.bytes.to_vec(),
        });
        if bytes < LOT_BYTES { Visit::Continue } else { Visit::Stop }
    };
    store.tail(feed, after, LOT, visit).wait()?;
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{CounterId, Decision, Locking, Mutation, OldRows, Plan, RecordWrite, RowWrite};
    use store_embedded::Options;
    use store_postgres::filling::Rest;
    use store_postgres::test_server::TestServer;
    use store_postgres::{OpenError, PostgresStore};

    /// More than a lot of rows, of a feed's records, and what goes with them.
    fn filled(folder: &std::path::Path) -> EmbeddedStore {
        let store = EmbeddedStore::open(folder, Options::default()).expect("it opens");
        for commit in 0_u32..15 {
            let key = |row: u32| (commit * 100 + row).to_be_bytes().to_vec();
            let rows = (0..100).map(|row| RowWrite { key: key(row), row: Some(vec![7; 300]) }).collect();
            let feed = (0..100).map(|record| (FeedId(3), key(record))).collect();
            let document = RecordWrite { key: b"d".to_vec(), document: Some(key(0)) };
            let counters = vec![(CounterId(5), 100)];
            let plan = Plan { rows, feed, records: vec![document], counters, ..Plan::default() };
            let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
            let mutation = Mutation { keys: &[], fences: &[], locking: Locking::Single, decide };
            store.mutate(mutation).wait().expect("it commits");
        }
        store
    }

    #[test]
    fn a_copy_that_was_interrupted_is_continued_and_opens_when_it_is_whole() {
        let Some(server) = TestServer::shared() else { return };
        let folder = tempfile::tempdir().expect("a folder");
        let store = filled(&folder.path().join("data"));
        let of_url = store_postgres::Options::of(&server.url());
        let options = store_postgres::Options { schema: TestServer::new_schema(), ..of_url };
        // The lock of one that was dropped is held until the database notices.
        let begin = || loop {
            match Filling::begin(&options) {
                Ok(filling) => break filling,
                Err(OpenError::Failed(why)) => assert!(why.contains("another process"), "{why}"),
                Err(other) => panic!("{other}"),
            }
        };
        let open = || PostgresStore::open(options.clone());
        let interrupted = begin();
        interrupted.put_rows(&rows(&store, None).expect("rows")).expect("it takes them");
        let some = records(&store, FeedId(3), FeedCursor::START).expect("records");
        interrupted.append(FeedId(3), &some[..150]).expect("it takes them");
        assert!(matches!(Filling::begin(&options), Err(OpenError::Failed(_))), "one at a time");
        drop(interrupted);
        assert!(matches!(open().map(drop), Err(OpenError::Filling { .. })), "no server is let in");

        let filling = begin();
        let copied = copy(&store, &filling).expect("it copies");
        assert_eq!(copied, Copied { rows: 1_500, records: 1_500 });
        let rest = Rest {
            documents: vec![(b"d".to_vec(), 1_400_u32.to_be_bytes().to_vec())],
            counters: store.counters().expect("counters"),
            fences: vec![store::Fence { subject: 9, version: 4 }],
        };
        filling.end(&rest).expect("it ends");
        assert!(matches!(Filling::begin(&options).map(drop), Err(OpenError::NotEmpty { .. })));

        let open = open().expect("servers are let in");
        assert_eq!(open.counter(CounterId(5)).wait(), Ok(1_500));
        assert_eq!(open.fence(9).wait(), Ok(4));
        let put = RowWrite { key: b"new".to_vec(), row: Some(b"new".to_vec()) };
        let plan = Plan { rows: vec![put], feed: vec![(FeedId(3), b"new".to_vec())], ..Plan::default() };
        let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
        let mutation = Mutation { keys: &[b"new"], fences: &[], locking: Locking::Single, decide };
        open.mutate(mutation).wait().expect("it commits");
        let mut last = Vec::new();
        let visit = &mut |record: store::FeedRecord<'_>| {
            last = record.bytes.to_vec();
            Visit::Continue
        };
        open.tail(FeedId(3), some[0].at, usize::MAX, visit).wait().expect("it is read");
        assert_eq!(last, b"new", "behind all that was there");
    }
}
