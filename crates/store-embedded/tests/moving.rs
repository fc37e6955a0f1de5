//! A store that is moved away: its log is kept, copies are made of it while it goes on, and then it is not served.

#![expect(clippy::disallowed_methods, reason = "a test of real threads and disks takes real time")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};
use store::{Consistency, Decision, Locking, Mutation, OldRows, Plan, RowWrite, Store, StoreError};
use store_embedded::{Asked, Change, EmbeddedStore, Moved, Moving, OpenError, Options, Profile, Purpose};

fn open_for(dir: &Path, purpose: Purpose) -> Result<EmbeddedStore, OpenError> {
    let profile = Profile { log_file_bytes: 64 << 10, block_cache_bytes: 1 << 20, ..Profile::local() };
    EmbeddedStore::open(dir, Options { profile, purpose, ..Options::default() })
}

fn open(dir: &Path) -> EmbeddedStore {
    open_for(dir, Purpose::Serve).unwrap()
}

/// Position `n` writes row `n`.
fn put(store: &EmbeddedStore, numbers: RangeInclusive<u64>) {
    for number in numbers {
        let row = RowWrite { key: number.to_be_bytes().to_vec(), row: Some(vec![number as u8; 700]) };
        let plan = Plan { rows: vec![row], ..Plan::default() };
        let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
        let mutation = Mutation { keys: &[], fences: &[], locking: Locking::Single, decide };
        store.mutate(mutation).wait().unwrap();
        assert_eq!(store.durable().position.0, u128::from(number));
    }
}

fn has(store: &EmbeddedStore, number: u64) -> bool {
    let mut is_there = false;
    let visit = &mut |row: Option<&[u8]>| is_there = row.is_some();
    store.get(&number.to_be_bytes(), Consistency::Strong, visit).wait().unwrap();
    is_there
}

/// The positions of the log behind one up to another, each with its row.
fn read(moving: &Moving, after: u64, up_to: u64) -> Vec<u64> {
    let mut read = Vec::new();
    let visit = &mut |position: u64, change: Change<'_>| -> Result<(), StoreError> {
        let row = vec![position as u8; 700];
        assert_eq!(change, Change::Put { key: &position.to_be_bytes(), row: &row });
        read.push(position);
        Ok(())
    };
    moving.changes().read(after, up_to, visit).unwrap();
    read
}

fn copy(moving: &Moving) -> std::path::PathBuf {
    moving.ask().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match moving.copy().unwrap() {
            Asked::Copy(path) => return path,
            Asked::Waiting => assert!(Instant::now() < deadline, "no copy"),
            Asked::Refused(why) => panic!("{why}"),
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

#[test]
fn the_log_is_kept_from_the_beginning_to_the_end_of_a_move() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 1..=300);
    store.flush();
    let moving = Moving::begin(dir.path()).unwrap();
    let series = moving.series().unwrap();
    put(&store, 301..=600);
    store.flush();
    put(&store, 601..=700);
    assert_eq!(read(&moving, 300, 700), (301..=700).collect::<Vec<_>>());
    store.close().unwrap();
    drop(store);
    let store = open(dir.path());
    put(&store, 701..=900);
    store.flush();
    assert_eq!(read(&moving, 450, 900), (451..=900).collect::<Vec<_>>());
    moving.changes().forget(600).unwrap();
    assert_eq!(read(&moving, 600, 900), (601..=900).collect::<Vec<_>>());
    assert!(moving.changes().read(300, 900, &mut |_, _| Ok(())).is_err(), "it was forgotten");

    drop(moving);
    let moving = Moving::begin(dir.path()).unwrap();
    assert_eq!(moving.series().unwrap(), series, "it goes on");
    assert!(matches!(Moving::begin(dir.path()), Err(OpenError::Locked { .. })), "one at a time");
    moving.end().unwrap();
    put(&store, 901..=1200);
    store.flush();
    put(&store, 1201..=1300);
    assert!(!dir.path().join("moving").exists());
    store.close().unwrap();
    drop(store);
    let store = open(dir.path());
    assert!((1..=1300).all(|number| has(&store, number)));
}

#[test]
fn a_file_that_a_crash_has_left_behind_is_kept_by_the_next_open() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let moving = Moving::begin(dir.path()).unwrap();
    moving.series().unwrap();
    put(&store, 1..=300);
    store.flush();
    store.close().unwrap();
    drop(store);
    // As if HEAD had been written, and nothing put away.
    for (number, entry) in std::fs::read_dir(dir.path().join("moving/log")).unwrap().flatten().enumerate() {
        if entry.path().extension().is_some_and(|extension| extension == "log") {
            std::fs::rename(entry.path(), dir.path().join(format!("log/{:08}.log", 500 + number))).unwrap();
        }
    }
    let store = open(dir.path());
    put(&store, 301..=600);
    store.flush();
    assert_eq!(read(&moving, 0, 600), (1..=600).collect::<Vec<_>>());
}

#[test]
fn a_copy_has_what_was_committed_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 1..=300);
    let moving = Moving::begin(dir.path()).unwrap();
    moving.series().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut last = 300;
            while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                last += 1;
                put(&store, last..=last);
            }
            last
        });
        for _ in 0..5 {
            let before = store.durable().position.0 as u64;
            let path = copy(&moving);
            let ends: Vec<u64> = (0..3)
                .map(|_| {
                    let copied = open_for(&path, Purpose::ReadCopy).unwrap();
                    let end = copied.durable().position.0 as u64;
                    assert!(end >= before && has(&copied, end) && !has(&copied, end + 1));
                    copied.close().unwrap();
                    end
                })
                .collect();
            assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
            assert_eq!(read(&moving, 300, ends[0]).len() as u64, ends[0] - 300, "the log leads there");
            moving.forget_copy().unwrap();
        }
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        let last = writer.join().unwrap();
        assert_eq!(read(&moving, 300, last).len() as u64, last - 300);
    });
}

#[test]
fn a_store_that_was_moved_is_not_served() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    put(&store, 1..=3);
    store.close().unwrap();
    drop(store);
    let moving = Moving::begin(dir.path()).unwrap();
    let moved = Moved { to: "postgres://there/db".to_owned(), id: "7".to_owned() };
    moving.mark_moved(&moved).unwrap();
    moving.end().unwrap();
    let refused = open_for(dir.path(), Purpose::Serve).unwrap_err().to_string();
    let expected = "was moved to postgres://there/db: start servers with --store";
    assert!(
        refused.contains(expected) && refused.contains("remove") && refused.contains("MOVED"),
        "{refused}"
    );
    assert_eq!(store_embedded::moved(dir.path()).unwrap(), Some(moved));
    let store = open_for(dir.path(), Purpose::Move).unwrap();
    assert!(has(&store, 3));
    drop(store);
    std::fs::remove_file(dir.path().join("MOVED")).unwrap();
    assert!(has(&open(dir.path()), 3), "taken back");
}
