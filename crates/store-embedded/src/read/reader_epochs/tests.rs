//! The race the grace period exists for: a reader has announced a position, a newer row is written, flushed
//! and compacted, and only then does the reader look.

use crate::read::point;
use crate::trees::Name;
use crate::{EmbeddedStore, Options};
use std::time::Duration;
use store::{Decision, Locking, Mutation, Plan, RowWrite, Store};

fn put(store: &EmbeddedStore, row: &[u8]) {
    let write = RowWrite { key: b"k".to_vec(), row: Some(row.to_vec()) };
    let plan = Plan { rows: vec![write], ..Plan::default() };
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys: &[b"k"], fences: &[], locking: Locking::Single, decide }).wait().unwrap();
}

/// What a reader finds that announced itself before the newer row was flushed.
fn late_look(grace_period: bool) -> Option<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path(), Options { grace_period, ..Options::default() }).unwrap();
    put(&store, b"old");
    let reading = store.core.view.readers.enter();
    put(&store, b"new");
    store.request_flush();
    // Without the grace period the flush comes to its end; with it, it waits for the reader.
    if grace_period {
        std::thread::park_timeout(Duration::from_millis(200));
    } else {
        store.core.maintenance.memtables.wait_until_flushed(Name::Rows, store.core.view.readers.published());
    }
    let row = point::row(&store.core.view, b"k", reading.position).unwrap();
    drop(reading);
    store.core.maintenance.memtables.wait_until_flushed(Name::Rows, store.core.view.readers.published());
    row.map(|row| row.to_vec())
}

#[test]
fn a_reader_finds_the_row_of_its_position() {
    assert_eq!(late_look(true), Some(b"old".to_vec()));
}

/// The control: without the rule this test would notice.
#[test]
fn without_the_grace_period_it_finds_nothing() {
    assert_eq!(late_look(false), None);
}
