//! A store that is copied while it goes on, into a schema of a real server: interrupted, followed, ended.

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
        match Filling::begin(&options, "one") {
            Ok(filling) => break filling,
            Err(OpenError::Failed(why)) => assert!(why.contains("another process fills"), "{why}"),
            Err(other) => panic!("{other}"),
        }
    };
    let open = || PostgresStore::open(options.clone());
    let interrupted = begin();
    interrupted.put_rows(&rows(&store, behind(None)).expect("rows")).expect("it takes them");
    let some = records(&store, FeedId(3), FeedCursor::START).expect("records");
    interrupted.append(FeedId(3), &some[..150]).expect("it takes them");
    assert!(matches!(Filling::begin(&options, "one"), Err(OpenError::Failed(_))), "one at a time");
    drop(interrupted);
    assert!(matches!(open().map(drop), Err(OpenError::Filling { .. })), "no server is let in");

    let filling = begin();
    assert!(matches!(Filling::begin(&options, "other").map(drop), Err(OpenError::OtherSource { .. })));
    let copied = copy(&store, &filling).expect("it copies");
    assert_eq!(copied, Copied { rows: 1_500, records: 1_500, replaced: 0 });
    filling.put_rows(&[(vec![7], vec![7])]).expect("it takes it");
    filling.remove_records(FeedId(3), FeedCursor::START, Some(some[20].at)).expect("it takes it");
    filling.append(FeedId(u64::MAX), &some[..2]).expect("it takes it");
    let again = copy(&store, &filling).expect("it copies");
    assert_eq!(again, Copied { replaced: 3, ..copied }, "what is not there, or should not be, is made good");
    assert_eq!(copy(&store, &filling).expect("it copies").replaced, 0);
    let rest = Rest {
        documents: vec![(b"d".to_vec(), 1_400_u32.to_be_bytes().to_vec())],
        counters: store.counters().expect("counters"),
        fences: vec![store::Fence { subject: 9, version: 4 }],
    };
    let id = filling.id().to_owned();
    filling.end(&rest, || Ok(())).expect("it ends");
    assert!(matches!(Filling::begin(&options, "one").map(drop), Err(OpenError::NotEmpty { .. })));
    assert!(matches!(Filling::resume(&options, &id), Ok(None)));
    assert!(matches!(Filling::resume(&options, "another").map(drop), Err(OpenError::NoSchema { .. })));

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
