//! What happens when the disk fails.

#![expect(clippy::disallowed_methods, reason = "a test of real threads and disks takes real time")]
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, image, put, put_later, row};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use store::{Decision, Fence, Locking, Mutation, OldRows, Outcome, Plan, Store, StoreError};
use store_embedded::files::faulty::{Failure, Faults, FaultyFiles};
use store_embedded::{EmbeddedStore, Options, Profile};

struct Failing {
    store: EmbeddedStore,
    faults: Arc<Faults>,
    /// How often the process would have ended.
    ends: Arc<AtomicU64>,
}

fn options() -> Options {
    let profile = Profile { log_file_bytes: 128 << 10, ..Profile::local() };
    Options { profile, ..Options::default() }
}

fn open(dir: &Path) -> Failing {
    let (files, faults) = FaultyFiles::new();
    let ends = Arc::new(AtomicU64::new(0));
    let counted = ends.clone();
    let on_fatal = Arc::new(move |_: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    let options = Options { files: Arc::new(files), on_fatal, ..options() };
    Failing { store: EmbeddedStore::open(dir, options).unwrap(), faults, ends }
}

/// Ten commits succeed, the disk fails, and the store is lost; nothing acknowledged is.
fn check_poison(fail: impl Fn(&Faults)) {
    let dir = tempfile::tempdir().unwrap();
    let failing = open(dir.path());
    for number in 0..10u8 {
        assert!(committed(&put(&failing.store, &[b'k', number], &[number; 3000])));
    }
    std::thread::park_timeout(Duration::from_millis(150));
    fail(&failing.faults);
    let in_flight: Vec<_> =
        (10..14u8).map(|number| put_later(&failing.store, &[b'k', number], Some(&[number; 6000]))).collect();
    let outcomes: Vec<_> = in_flight.into_iter().map(|pending| pending.wait()).collect();
    let lost = |outcome: &_| matches!(outcome, Ok(Outcome::Unknown(_)) | Err(StoreError::Poisoned(_)));
    assert!(outcomes.iter().all(lost), "{outcomes:?}");
    assert!(matches!(put(&failing.store, b"later", b"x"), Err(StoreError::Poisoned(_))));
    assert!(matches!(failing.store.health(), Err(StoreError::Poisoned(_))));
    let Ok(Outcome::Unknown(commit)) = outcomes[0] else { panic!("{:?}", outcomes[0]) };
    assert!(matches!(failing.store.resolve(commit).wait(), Err(StoreError::Poisoned(_))));
    assert_eq!(row(&failing.store, b"k\x09"), Some(vec![9; 3000]), "reads go on");
    assert_eq!(failing.ends.load(Ordering::SeqCst), 1);
    assert!(failing.store.close().is_err());
    drop(failing);
    let store = EmbeddedStore::open(dir.path(), options()).unwrap();
    for number in 0..10u8 {
        assert_eq!(row(&store, &[b'k', number]), Some(vec![number; 3000]));
    }
    assert!(committed(&put(&store, b"later", b"x")));
}

#[test]
fn a_failed_write_poisons() {
    for failure in [Failure::Refused, Failure::Short, Failure::Torn, Failure::NoSpace] {
        check_poison(|faults| faults.fail_write(0, failure));
    }
}

#[test]
fn a_failed_sync_poisons() {
    check_poison(|faults| faults.fail_sync(0));
}

/// Writes rows of 4 KB until one is refused; returns how many were taken.
fn fill(store: &dyn Store, prefix: u8) -> u8 {
    for number in 0..200 {
        let outcome = put(store, &[prefix, number], &[number; 4096]);
        if !committed(&outcome) {
            assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}");
            return number;
        }
    }
    panic!("the disk is full, and nobody noticed");
}

fn raise_fence(store: &dyn Store) -> Result<Outcome, StoreError> {
    let raise = vec![Fence { subject: 1, version: 1 }];
    let plan = Plan { raise, ..Plan::default() };
    let mut decide = |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide: &mut decide }).wait()
}

#[test]
fn a_full_disk_refuses_writes_reads_go_on_and_writes_resume() {
    let dir = tempfile::tempdir().unwrap();
    let failing = open(dir.path());
    let store = &failing.store;
    assert!(committed(&put(store, b"first", b"1")));
    std::thread::park_timeout(Duration::from_millis(150));
    failing.faults.fill_disk(true);
    let taken = fill(store, b'a');
    assert_eq!(row(store, &[b'a', taken - 1]), Some(vec![taken - 1; 4096]));
    assert_eq!(row(store, &[b'a', taken]), None);
    let refused: Vec<_> =
        (0..20u8).map(|number| put_later(store, &[b'b', number], Some(&[1; 4096]))).collect();
    for pending in refused {
        assert!(matches!(pending.wait(), Err(StoreError::Full(_))));
    }
    assert!(matches!(store.health(), Err(StoreError::Full(_))));
    assert!(committed(&raise_fence(store)), "what needs no place on the disk is done");
    failing.faults.fill_disk(false);
    let resumed = Instant::now() + Duration::from_secs(5);
    while !committed(&put(store, b"later", b"2")) {
        assert!(Instant::now() < resumed, "writes resume when there is space");
    }
    assert!(store.health().is_ok());
    assert_eq!(failing.ends.load(Ordering::SeqCst), 0);
    let image = image(dir.path());
    let reopened = EmbeddedStore::open(image.path(), options()).unwrap();
    assert_eq!(common::count(&reopened, b"a"), usize::from(taken));
    assert_eq!(common::count(&reopened, b"b"), 0, "what was refused never comes back");
    assert_eq!(row(&reopened, b"later"), Some(b"2".to_vec()));
    store.close().unwrap();
}

/// On a real small file system, named by `STATOR_SMALL_DISK` (some 40 MB, such as a tmpfs of its own).
#[test]
fn a_small_disk_fills_up_and_is_freed() {
    let Some(disk) = std::env::var_os("STATOR_SMALL_DISK") else { return };
    let (disk, options) = (Path::new(&disk), Options::default());
    let filler = disk.join("filler");
    std::fs::write(&filler, vec![1; 12 << 20]).unwrap();
    let store = EmbeddedStore::open(&disk.join("data"), options.clone()).unwrap();
    let mut taken = 0u32;
    let write = |number: u32| put(&store, &number.to_be_bytes(), &number.to_be_bytes().repeat(2000));
    while committed(&write(taken)) {
        taken += 1;
    }
    assert!(matches!(write(taken), Err(StoreError::Full(_))));
    let check = |store: &EmbeddedStore, rows: u32| {
        (0..rows).for_each(|n| assert_eq!(row(store, &n.to_be_bytes()), Some(n.to_be_bytes().repeat(2000))));
    };
    check(&store, taken);
    assert_eq!(row(&store, &taken.to_be_bytes()), None);
    std::fs::remove_file(&filler).unwrap();
    let resumed = Instant::now() + Duration::from_secs(10);
    while !committed(&write(taken)) {
        assert!(Instant::now() < resumed, "writes resume when there is space");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    store.close().unwrap();
    check(&EmbeddedStore::open(&disk.join("data"), options).unwrap(), taken + 1);
}
