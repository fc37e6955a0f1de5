//! Sorted files that are not what was written, or are of another time.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, copy, put, row};
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use store::{Store, StoreError};
use store_embedded::{EmbeddedStore, OpenError, Options, Profile};

/// Small enough that a few hundred rows make several sorted files, and nothing stays in the cache.
fn options() -> Options {
    let profile = Profile {
        memtable_bytes: [64 << 10, 32 << 10, 16 << 10],
        log_file_bytes: 64 << 10,
        block_cache_bytes: 0,
        row_cache_bytes: 0,
        table_bytes: 32 << 10,
        compaction_threads: 1,
    };
    Options { profile, ..Options::default() }
}

fn fill(store: &EmbeddedStore, from: u32, to: u32) {
    for number in from..to {
        assert!(committed(&put(store, &number.to_be_bytes(), &number.to_be_bytes().repeat(200))));
    }
}

/// A folder that was closed with 400 rows.
fn closed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path(), options()).unwrap();
    fill(&store, 0, 400);
    store.close().unwrap();
    dir
}

fn flip(path: &Path, at: u64) {
    let file = fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

fn largest(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
}

/// The list of sorted files of a tree, whatever its number.
fn list(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.find(|path| path.file_name().unwrap().to_str().unwrap().starts_with('v')).unwrap()
}

#[test]
fn a_damaged_file_is_named_and_everything_else_goes_on() {
    let dir = closed();
    let file = largest(&dir.path().join("rows/tables"));
    flip(&file, 1000);
    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = told.clone();
    let on_warning = Arc::new(move |what: &str| hear.lock().unwrap().push(what.to_owned()));
    let on_fatal = Arc::new(|why: &str| panic!("{why}"));
    let store = EmbeddedStore::open(dir.path(), Options { on_warning, on_fatal, ..options() }).unwrap();

    let mut unreadable = 0;
    for number in 0..400u32 {
        let visit = &mut |row: Option<&[u8]>| assert!(row.is_some());
        match store.get(&number.to_be_bytes(), store::Consistency::Strong, visit).wait() {
            Ok(()) => {}
            Err(StoreError::Corrupt(_)) => unreadable += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!((1..100).contains(&unreadable), "{unreadable}");
    while told.lock().unwrap().is_empty() {
        std::thread::yield_now();
    }
    fill(&store, 1000, 1400);
    assert!(row(&store, &1399u32.to_be_bytes()).is_some());
    store.close().unwrap();
    let told = told.lock().unwrap().join("\n");
    assert!(told.contains(file.to_str().unwrap()) && told.contains("restore a backup"), "{told}");
}

#[test]
fn a_damaged_list_of_files_is_named() {
    let dir = closed();
    for tree in ["rows", "feed", "system"] {
        let list = list(&dir.path().join(tree));
        let name = list.file_name().unwrap();
        for at in (0..fs::metadata(&list).unwrap().len()).step_by(7) {
            let image = tempfile::tempdir().unwrap();
            copy(dir.path(), image.path());
            let damaged = image.path().join(tree).join(name);
            flip(&damaged, at);
            let error = EmbeddedStore::open(image.path(), options()).unwrap_err();
            assert!(matches!(error, OpenError::DamagedTree { .. }), "{error}");
            assert!(error.to_string().contains(damaged.to_str().unwrap()), "{error}");
        }
    }
}

#[test]
fn an_older_copy_of_a_tree_is_noticed() {
    let dir = closed();
    let older = tempfile::tempdir().unwrap();
    copy(dir.path(), older.path());
    let store = EmbeddedStore::open(dir.path(), options()).unwrap();
    fill(&store, 400, 500);
    store.close().unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("rows")).unwrap();
    copy(&older.path().join("rows"), &dir.path().join("rows"));
    let error = EmbeddedStore::open(dir.path(), options()).unwrap_err();
    assert!(matches!(error, OpenError::DamagedTree { .. }), "{error}");
    assert!(error.to_string().contains("older copy"), "{error}");
}
