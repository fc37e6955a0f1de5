//! The contract's suite and its random test, over folders on a disk and in memory.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};
use store::Store;
use store_embedded::{Durability, EmbeddedStore, Options, Profile};
use store_suite::random_test::{Length, RandomTest};

/// Sizes so small that everything rotates, flushes and compacts all the time.
fn tiny() -> Options {
    let profile = Profile {
        memtable_bytes: [64 << 10, 32 << 10, 16 << 10],
        log_file_bytes: 256 << 10,
        block_cache_bytes: 1 << 20,
        row_cache_bytes: 64 << 10,
        table_bytes: 32 << 10,
        compaction_threads: 2,
    };
    Options { profile, ..Options::default() }
}

fn passes_the_suite(parent: &Path, options: &Options) {
    let dir = tempfile::tempdir_in(parent).unwrap();
    let stores = AtomicU64::new(0);
    store_suite::conformance::run(&mut || {
        let folder = dir.path().join(stores.fetch_add(1, Ordering::SeqCst).to_string());
        Arc::new(EmbeddedStore::open(&folder, options.clone()).unwrap())
    });
}

#[test]
fn conformance() {
    passes_the_suite(&std::env::temp_dir(), &Options::default());
}

#[test]
fn conformance_with_tiny_files() {
    passes_the_suite(&std::env::temp_dir(), &tiny());
}

#[test]
fn conformance_when_the_operating_system_may_sync_later() {
    passes_the_suite(&std::env::temp_dir(), &Options { durability: Durability::Os, ..tiny() });
}

/// A file system without O_DIRECT.
#[test]
fn conformance_on_a_memory_file_system() {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() {
        passes_the_suite(shm, &tiny());
    }
}

/// Opens a folder and keeps the store, so that the test's hooks find it.
fn open(dir: &Path, options: &Options, open: &Mutex<Weak<EmbeddedStore>>) -> Arc<dyn Store> {
    let store = Arc::new(EmbeddedStore::open(dir, options.clone()).unwrap());
    *open.lock().unwrap() = Arc::downgrade(&store);
    store
}

fn random_test(seed: u64, options: Options) {
    let seconds = std::env::var("STATOR_RANDOM_TEST_SECONDS").ok().and_then(|s| s.parse().ok());
    let length = seconds.map_or(Length::Operations(2_000), Length::Seconds);
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("data");
    let current = Mutex::new(Weak::new());
    let reopen = |store: Arc<dyn Store>| {
        store.close().unwrap();
        drop(store);
        open(&path, &options, &current)
    };
    let flush = |_: &dyn Store| {
        if let Some(store) = current.lock().unwrap().upgrade() {
            store.request_flush();
        }
    };
    let mut test = RandomTest::new(seed, length);
    test.reopen = Some(&reopen);
    test.flush = Some(&flush);
    let report = test.run(open(&path, &options, &current));
    println!("{} operations, {} reopens", report.operations, report.reopens);
    assert_eq!(report.wrong, 0, "{:#?}", report.descriptions);
}

#[test]
fn random_operations() {
    random_test(1, tiny());
}

#[test]
fn random_operations_when_the_operating_system_may_sync_later() {
    random_test(2, Options { durability: Durability::Os, ..tiny() });
}
