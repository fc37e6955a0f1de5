//! That what was trimmed leaves nothing: no file, no mark.

use crate::trees::{Name, feed_record, system_key};
use crate::{EmbeddedStore, Options};
use std::ops::Bound;
use std::path::Path;
use std::time::Duration;
use store::{
    CounterId, Decision, Direction, FeedCursor, FeedId, Locking, Mutation, Outcome, Plan, Position, Store,
    Visit,
};

fn open(dir: &Path) -> EmbeddedStore {
    EmbeddedStore::open(dir, Options::default()).unwrap()
}

fn commit(store: &EmbeddedStore, plan: Plan) -> Position {
    let mut plan = Some(plan);
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.take().unwrap());
    match store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide }).wait() {
        Ok(Outcome::Committed(stamp)) => stamp.position,
        other => panic!("{other:?}"),
    }
}

fn append(store: &EmbeddedStore, feed: u64) -> Position {
    commit(store, Plan { feed: vec![(FeedId(feed), vec![7; 100])], ..Plan::default() })
}

fn trim(store: &EmbeddedStore, feed: u64, position: Position) {
    store.trim(FeedId(feed), FeedCursor::behind(position)).wait().unwrap();
}

fn has_feed_files(store: &EmbeddedStore, feed: u64) -> bool {
    let (start, end) = (feed_record::key(feed, 0, 0), feed_record::key(feed, u64::MAX, u32::MAX));
    store.core.view.trees.has_files_within(Name::Feed, &start, Bound::Included(&end))
}

/// The marks on the disk.
fn stored_marks(store: &EmbeddedStore) -> usize {
    let (start, end) = system_key::TRIMS;
    let at = store.core.view.readers.published();
    let bounds = (Bound::Included(start), Bound::Excluded(end));
    store.core.view.trees.range(Name::System, bounds, Direction::Forward, at).rows().count()
}

fn wait_until(what: &str, is: impl Fn() -> bool) {
    for _ in 0..2000 {
        if is() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(10));
    }
    panic!("{what}");
}

fn records(store: &EmbeddedStore, feed: u64) -> usize {
    let mut count = 0;
    let mut visit = |_: store::FeedRecord<'_>| {
        count += 1;
        Visit::Continue
    };
    store.tail(FeedId(feed), FeedCursor::START, usize::MAX, &mut visit).wait().unwrap();
    count
}

#[test]
fn a_trim_that_was_not_reclaimed_before_the_end_is_reclaimed_after_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let newest = append(&store, 7);
    store.flush();
    store.core.maintenance.reclaim.stop();
    trim(&store, 7, newest);
    store.close().unwrap();
    drop(store);
    let store = open(dir.path());
    wait_until("the file of a trimmed feed goes", || !has_feed_files(&store, 7));
}

#[test]
fn a_mark_that_hides_nothing_is_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let forgotten =
        |store: &EmbeddedStore| stored_marks(store) == 0 && store.core.view.trims.feeds().is_empty();
    trim(&store, 7, Position(u128::MAX));
    wait_until("the mark of a feed without records is forgotten", || forgotten(&store));

    append(&store, 7);
    let newest = append(&store, 7);
    trim(&store, 7, newest);
    append(&store, 7);
    assert_eq!(stored_marks(&store), 1, "its records are in memory");
    store.flush();
    trim(&store, 7, newest);
    append(&store, 8);
    store.flush();
    assert_eq!(records(&store, 7), 1);
    drop(store);
    let store = open(dir.path());
    assert_eq!(records(&store, 7), 1);
    trim(&store, 7, Position(u128::MAX));
    wait_until("the mark is forgotten when its last file is gone", || forgotten(&store));
    assert_eq!((records(&store, 7), records(&store, 8)), (0, 1));
    drop(store);
    let store = open(dir.path());
    assert_eq!((records(&store, 7), records(&store, 8)), (0, 1));
}

#[test]
fn a_trim_never_moves_a_mark_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (first, second) = (append(&store, 7), append(&store, 7));
    append(&store, 7);
    trim(&store, 7, second);
    trim(&store, 7, first);
    assert_eq!(records(&store, 7), 1);
    drop(store);
    assert_eq!(records(&open(dir.path()), 7), 1);
}

#[test]
fn a_counter_that_is_zero_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let count = |delta| commit(&store, Plan { counters: vec![(CounterId(3), delta)], ..Plan::default() });
    let stored = || {
        let at = store.core.view.readers.published();
        store.core.view.trees.get(Name::System, &system_key::counter(3), at).unwrap().is_some()
    };
    count(5);
    assert!(stored());
    count(-5);
    assert!(!stored());
    assert_eq!(store.counter(CounterId(3)).wait(), Ok(0));
    count(2);
    assert_eq!(store.counter(CounterId(3)).wait(), Ok(2));
}
