//! What is still there after a store was closed and opened again.

#![expect(clippy::disallowed_methods, reason = "a test of real threads and disks takes real time")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, copy, count, image, put, row};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use stdx::{Clock, ManualClock};
use store::{
    CounterId, Decision, FeedCursor, FeedId, FeedRecord, Locking, Mutation, Outcome, Plan, Position,
    RecordWrite, Store, Visit,
};
use store_embedded::{EmbeddedStore, OpenError, Options, Profile};

fn tiny() -> Options {
    let profile = Profile {
        memtable_bytes: [64 << 10, 32 << 10, 16 << 10],
        log_file_bytes: 64 << 10,
        block_cache_bytes: 1 << 20,
        row_cache_bytes: 64 << 10,
        table_bytes: 32 << 10,
        compaction_threads: 1,
    };
    Options { profile, ..Options::default() }
}

fn open(dir: &Path) -> EmbeddedStore {
    EmbeddedStore::open(dir, tiny()).unwrap()
}

fn commit(store: &dyn Store, plan: Plan) -> Position {
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.clone());
    match store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide }).wait() {
        Ok(Outcome::Committed(stamp)) => stamp.position,
        other => panic!("{other:?}"),
    }
}

/// A bit of everything, at one position.
fn everything(number: u8) -> Plan {
    Plan {
        rows: vec![store::RowWrite { key: vec![b'r', number], row: Some(vec![number; 10]) }],
        feed: vec![(FeedId(7), vec![number]), (FeedId(7), vec![number, number])],
        counters: vec![(CounterId(3), 2), (CounterId(4), -1)],
        records: vec![RecordWrite { key: vec![b'd', number], document: Some(vec![number; 3]) }],
        raise: Vec::new(),
    }
}

fn feed(store: &dyn Store, after: FeedCursor) -> Vec<(Position, u32, Vec<u8>)> {
    let mut records = Vec::new();
    let mut visit = |record: FeedRecord<'_>| {
        records.push((record.stamp.position, record.index, record.bytes.to_vec()));
        Visit::Continue
    };
    store.tail(FeedId(7), after, 1000, &mut visit).wait().unwrap();
    records
}

fn check_everything(store: &dyn Store, numbers: u8) {
    check_rows_and_counters(store, numbers);
    assert_eq!(feed(store, FeedCursor::START).len(), 2 * usize::from(numbers));
}

fn check_rows_and_counters(store: &dyn Store, numbers: u8) {
    for number in 1..=numbers {
        assert_eq!(row(store, &[b'r', number]), Some(vec![number; 10]));
        assert_eq!(store.record(&[b'd', number]).wait().unwrap(), Some(vec![number; 3]));
    }
    assert_eq!(store.counter(CounterId(3)).wait().unwrap(), 2 * i64::from(numbers));
    assert_eq!(store.counter(CounterId(4)).wait().unwrap(), -i64::from(numbers));
}

#[test]
fn everything_survives_a_clean_end_and_an_unclean_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut newest = Position(0);
    for number in 1..=6 {
        let store = open(dir.path());
        check_everything(&store, number - 1);
        assert_eq!(store.durable().position, newest);
        newest = commit(&store, everything(number));
        let image = image(dir.path());
        check_everything(&open(image.path()), number);
        match number % 2 {
            0 => store.close().unwrap(),
            _ => store.flush(),
        }
    }
}

#[test]
fn a_commit_may_be_larger_than_a_log_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 0..4u8 {
        assert!(committed(&put(&store, &[b'k', number], &vec![number; 700_000])));
        assert!(committed(&put(&store, &[b's', number], b"small")));
    }
    let image = open_image(&store);
    store.close().unwrap();
    for store in [open(dir.path()), image.0] {
        for number in 0..4u8 {
            assert_eq!(row(&store, &[b'k', number]), Some(vec![number; 700_000]));
            assert_eq!(row(&store, &[b's', number]), Some(b"small".to_vec()));
        }
    }
}

#[test]
fn keys_that_cannot_be_stored_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert!(put(&store, b"", b"row").is_err());
    assert!(put(&store, &[7; 70_000], b"row").is_err());
    assert!(store.drop_range(&[7; 70_000]).wait().is_err());
    assert_eq!(row(&store, &[7; 70_000]), None);
    assert_eq!(row(&store, b""), None);
    assert!(committed(&put(&store, &[7; 60_000], b"row")));
    assert_eq!(row(&store, &[7; 60_000]), Some(b"row".to_vec()));
}

#[test]
fn times_never_go_back() {
    let dir = tempfile::tempdir().unwrap();
    let at = |micros| Options { clock: Arc::new(ManualClock::at(micros)) as Arc<dyn Clock>, ..tiny() };
    let store = EmbeddedStore::open(dir.path(), at(5_000)).unwrap();
    commit(&store, everything(1));
    let image = image(dir.path());
    store.close().unwrap();
    for folder in [dir.path(), image.path()] {
        let store = EmbeddedStore::open(folder, at(1_000)).unwrap();
        assert_eq!(store.durable().time_micros, 5_000);
        commit(&store, everything(2));
        assert_eq!(store.durable().time_micros, 5_000);
    }
}

#[test]
fn a_folder_belongs_to_one_store() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let second = EmbeddedStore::open(dir.path(), tiny()).map(|_| ()).unwrap_err();
    assert!(matches!(second, OpenError::Locked { .. }), "{second}");
    store.close().unwrap();
    drop(open(dir.path()));
}

#[test]
fn a_file_is_no_data_directory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = EmbeddedStore::open(file.path(), tiny()).map(|_| ()).unwrap_err();
    assert!(matches!(error, OpenError::Unusable { .. }), "{error}");
}

#[test]
fn a_store_that_nobody_wrote_to_leaves_no_log() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).close().unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("log")).unwrap().count(), 0);
    drop(open(dir.path()));
}

#[test]
fn the_log_does_not_grow_without_end() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for number in 0..2_000u32 {
        assert!(committed(&put(&store, &(number % 100).to_be_bytes(), &[1; 1000])));
    }
    store.flush();
    let files = std::fs::read_dir(dir.path().join("log")).unwrap().count();
    assert!(files < 12, "{files} files of 64 KB for 2 MB of rows in memtables of 64 KB");
}

fn wait_until(what: &str, mut is: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < end, "{what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// Rows under `a`, `b`, `c`, some of them in sorted files.
fn three_tables(store: &EmbeddedStore) {
    for number in 0..600u32 {
        for table in [b'a', b'b', b'c'] {
            let key = [&[table][..], &number.to_be_bytes()].concat();
            common::put_later(store, &key, Some(&[table; 200]));
        }
    }
    commit(store, Plan::default());
}

#[test]
fn a_dropped_range_stays_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    three_tables(&store);
    store.drop_range(b"b").wait().unwrap();
    let counts = |store: &dyn Store| [b"a", b"b", b"c"].map(|table| count(store, table));
    assert_eq!(counts(&store), [600, 0, 600]);
    assert!(committed(&put(&store, b"b-new", b"1")));
    assert_eq!(counts(&store), [600, 1, 600], "what is written after the drop is there");
    // Replays of every stage: right after the drop, in between, and when all is reclaimed.
    for _ in 0..5 {
        let reopened = open_image(&store);
        assert_eq!(counts(&reopened.0), [600, 1, 600]);
        wait_until("the range is reclaimed", || reopened.0.ranges_to_reclaim() == 0);
        assert_eq!(counts(&reopened.0), [600, 1, 600]);
    }
    wait_until("the range is reclaimed", || store.ranges_to_reclaim() == 0);
    store.close().unwrap();
    assert_eq!(counts(&open(dir.path())), [600, 1, 600]);
}

/// What an open finds if the process ends now. A copy of a folder in use misses files that go meanwhile, so
/// this is a checkpoint, which is read back in the same way.
fn open_image(store: &EmbeddedStore) -> (EmbeddedStore, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let image = dir.path().join("image");
    store.checkpoint(&image).unwrap();
    (open(&image), dir)
}

#[test]
fn whole_files_of_a_dropped_range_go_at_once_and_do_not_come_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    three_tables(&store);
    assert!(committed(&put(&store, b"a-read", b"1")));
    store.flush();
    assert_eq!(row(&store, b"a-read"), Some(b"1".to_vec()));
    store.drop_range(b"").wait().unwrap();
    assert_eq!(count(&store, b""), 0);
    wait_until("the range is reclaimed", || store.ranges_to_reclaim() == 0);
    assert_eq!(row(&store, b"a-read"), None, "what was in the row cache is gone too");
    let files = || std::fs::read_dir(dir.path().join("rows/tables")).unwrap().count();
    wait_until("the space is free", || files() == 0);
    assert!(committed(&put(&store, b"a-new", b"1")));
    assert_eq!(count(&open_image(&store).0, b""), 1);
    store.close().unwrap();
    assert_eq!(count(&open(dir.path()), b""), 1);
}

#[test]
fn a_trimmed_feed_stays_trimmed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let positions: Vec<_> = (1..=15).map(|number| commit(&store, everything(number))).collect();
    store.flush();
    store.trim(FeedId(7), FeedCursor::behind(positions[4])).wait().unwrap();
    let left = |store: &dyn Store| feed(store, FeedCursor::START).len();
    assert_eq!(left(&store), 20);
    assert_eq!(left(&open_image(&store).0), 20);
    let inside = FeedCursor { position: positions[9], index: 0 };
    store.trim(FeedId(7), inside).wait().unwrap();
    assert_eq!(left(&open_image(&store).0), 11);
    store.close().unwrap();
    assert_eq!(left(&open(dir.path())), 11);
}

#[test]
fn a_checkpoint_opens_with_everything_committed_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("live"));
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0u32.. {
                if stop.load(std::sync::atomic::Ordering::SeqCst) {
                    break;
                }
                let key = [b"w", &(number % 500).to_be_bytes()[..]].concat();
                assert!(committed(&put(&store, &key, &[3; 700])));
            }
        });
        for number in 1..=8 {
            commit(&store, everything(number));
            let to = dir.path().join(format!("copy-{number}"));
            store.checkpoint(&to).unwrap();
            let copied = open(&to);
            check_everything(&copied, number);
            assert!(committed(&put(&copied, b"in the copy only", b"1")));
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    assert_eq!(row(&store, b"in the copy only"), None);
    store.close().unwrap();
    check_everything(&open(&dir.path().join("live")), 8);
}

#[test]
fn a_tree_without_its_list_of_files_is_damaged_and_not_empty() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert!(committed(&put(&store, b"a", b"1")));
    store.close().unwrap();
    drop(store);
    for tree in ["rows", "feed", "system"] {
        for damage in [None, Some(&b""[..]), Some(b"damaged, and longer than a number")] {
            let image = tempfile::tempdir().unwrap();
            copy(dir.path(), image.path());
            let list = image.path().join(tree).join("current");
            match damage {
                None => std::fs::remove_file(&list).unwrap(),
                Some(bytes) => std::fs::write(&list, bytes).unwrap(),
            }
            let error = EmbeddedStore::open(image.path(), tiny()).unwrap_err().to_string();
            assert!(error.contains(tree) && error.contains("restore a backup"), "{tree} {damage:?}: {error}");
        }
    }
    assert_eq!(row(&open(dir.path()), b"a"), Some(b"1".to_vec()));
}

fn fixture(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version)
}

/// A fixture opens, is written to, and opens again.
fn check_fixture(version: &str, check: impl Fn(&EmbeddedStore)) {
    let dir = tempfile::tempdir().unwrap();
    copy(&fixture(version), dir.path());
    let store = open(dir.path());
    assert_eq!(store.durable().time_micros, 1_700_000_000_000_000);
    assert_eq!(row(&store, b"dropped"), None);
    check(&store);
    assert!(committed(&put(&store, b"later", b"1")));
    store.close().unwrap();
    check(&open(dir.path()));
}

/// A folder written by format version 1 must open for ever; no build writes it any more.
#[test]
fn format_version_1_opens() {
    check_fixture("v1", |store| check_everything(store, 4));
}

/// `STATOR_WRITE_FIXTURE=1` writes it anew.
#[test]
fn format_version_2_opens() {
    if std::env::var_os("STATOR_WRITE_FIXTURE").is_some() {
        write_fixture(&fixture("v2"));
    }
    check_fixture("v2", |store| {
        check_rows_and_counters(store, 4);
        assert_eq!(
            feed(store, FeedCursor::START).len(),
            5,
            "trimmed behind the first record of the second commit"
        );
    });
}

/// Two commits and a trim of the first in sorted files, two commits, a drop and a trim inside a commit in the log.
fn write_fixture(fixture: &Path) {
    let dir = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(1_700_000_000_000_000));
    let mut options = Options { clock, ..tiny() };
    options.profile.log_file_bytes = 16 << 10;
    let store = EmbeddedStore::open(dir.path(), options).unwrap();
    let [first, second] = [1, 2].map(|number| commit(&store, everything(number)));
    assert!(committed(&put(&store, b"dropped", b"1")));
    store.trim(FeedId(7), FeedCursor::behind(first)).wait().unwrap();
    store.flush();
    std::thread::park_timeout(Duration::from_millis(300));
    for number in 3..=4 {
        commit(&store, everything(number));
    }
    store.drop_range(b"dropped").wait().unwrap();
    store.trim(FeedId(7), FeedCursor { position: second, index: 0 }).wait().unwrap();
    let _ = std::fs::remove_dir_all(fixture);
    copy(dir.path(), fixture);
}

/// A list of sorted files counts the runs in front of the levels in one byte.
#[test]
fn a_tree_that_is_never_compacted_is_read_again() {
    const COMMITS: i64 = 600;
    let dir = tempfile::tempdir().unwrap();
    let mut never = tiny();
    never.profile = Profile { compaction_threads: 0, memtable_bytes: [1; 3], ..never.profile };
    let store = EmbeddedStore::open(dir.path(), never).unwrap();
    for number in 0..COMMITS {
        commit(&store, everything(number as u8));
    }
    store.close().unwrap();
    for _ in 0..2 {
        let store = open(dir.path());
        assert_eq!(store.counter(CounterId(3)).wait().unwrap(), 2 * COMMITS);
        assert_eq!(feed(&store, FeedCursor::START).len() as i64, 1000.min(2 * COMMITS));
        for number in 0..=u8::MAX {
            assert_eq!(row(&store, &[b'r', number]), Some(vec![number; 10]));
        }
        store.flush();
        store.close().unwrap();
    }
}
