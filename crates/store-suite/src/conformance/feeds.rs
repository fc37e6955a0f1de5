//! Feeds: order, `safe_until`, waking, trimming.

use super::Check;
use super::actions::*;
use std::thread;
use store::*;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("a feed has its records in the order of commits, each commit's in its own order", order),
    ("a feed is paged through a commit, record by record", pages_inside_a_commit),
    ("tail starts behind a cursor, keeps its limit, stops with its visitor", tail_bounds),
    ("safe_until is never overtaken", safe_until),
    ("changed resolves at once, or when a record comes, and for its own feed only", changed),
    ("trim forgets what lies up to a cursor", trim),
    ("trim may end inside a commit", trim_inside_a_commit),
];

const FEED: FeedId = FeedId(1);
const START: FeedCursor = FeedCursor::START;

fn behind(stamp: Stamp) -> FeedCursor {
    FeedCursor::behind(stamp.position)
}

fn append(store: &dyn Store, feed: FeedId, records: &[&[u8]]) -> Stamp {
    let feed = records.iter().map(|bytes| (feed, bytes.to_vec())).collect();
    commit(store, Plan { feed, ..Plan::default() })
}

fn order(store: &dyn Store) {
    let first = append(store, FEED, &[b"a", b"b", b""]);
    append(store, FeedId(2), &[b"elsewhere"]);
    let both = vec![(FEED, b"c".to_vec()), (FeedId(2), b"x".to_vec()), (FEED, b"d".to_vec())];
    let second = commit(store, Plan { feed: both, ..Plan::default() });
    let (records, safe_until) = tail(store, FEED, START, usize::MAX);
    let record = |stamp, index, bytes: &[u8]| Recorded { stamp, index, bytes: bytes.to_vec() };
    let expected = [
        record(first, 0, b"a"),
        record(first, 1, b"b"),
        record(first, 2, b""),
        record(second, 0, b"c"),
        record(second, 1, b"d"),
    ];
    assert_eq!(records, expected);
    assert!(safe_until >= second.position);
    let (records, _) = tail(store, FeedId(2), START, usize::MAX);
    assert_eq!(records.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 0]);
    assert!(tail(store, FeedId(3), START, usize::MAX).0.is_empty());
}

fn tail_bounds(store: &dyn Store) {
    let stamps: Vec<Stamp> = (0..600u32).map(|n| append(store, FEED, &[&n.to_be_bytes()])).collect();
    for (after, limit) in [(0, 10), (299, 1), (0, 0), (10, 500), (598, 10), (599, 10)] {
        let (records, _) = tail(store, FEED, behind(stamps[after]), limit);
        let expected: Vec<Stamp> = stamps[after + 1..].iter().copied().take(limit).collect();
        assert_eq!(
            records.iter().map(|record| record.stamp).collect::<Vec<_>>(),
            expected,
            "after {after}, {limit}"
        );
    }
    let mut seen = 0;
    let visit = &mut |_: FeedRecord<'_>| {
        seen += 1;
        if seen == 300 { Visit::Stop } else { Visit::Continue }
    };
    store.tail(FEED, START, usize::MAX, visit).wait().expect("reads work");
    assert_eq!(seen, 300);
}

const PAGED: u32 = 100;

/// One commit of many records between two of one, and a feed that is written beside it.
fn append_many(store: &dyn Store) -> Stamp {
    append(store, FEED, &[b"before"]);
    let record = |n: u32| [(FEED, n.to_be_bytes().to_vec()), (FeedId(2), b"beside".to_vec())];
    let many = commit(store, Plan { feed: (0..PAGED).flat_map(record).collect(), ..Plan::default() });
    append(store, FEED, &[b"after"]);
    many
}

fn pages_inside_a_commit(store: &dyn Store) {
    append_many(store);
    let whole = tail(store, FEED, START, usize::MAX).0;
    assert_eq!(whole.len(), PAGED as usize + 2);
    for limit in [1, 7] {
        let (mut paged, mut cursor) = (Vec::new(), START);
        loop {
            let page = tail(store, FEED, cursor, limit).0;
            assert!(page.len() <= limit, "a page of {limit} has {} records", page.len());
            let Some(last) = page.last() else { break };
            assert!(is_ready(store.changed(FEED, cursor)), "there is a record behind {cursor:?}");
            cursor = last.cursor();
            paged.extend(page);
        }
        assert_eq!(paged, whole, "pages of {limit}");
        assert!(!is_ready(store.changed(FEED, cursor)), "there is none behind {cursor:?}");
    }
}

fn trim_inside_a_commit(store: &dyn Store) {
    let many = append_many(store);
    let whole = tail(store, FEED, START, usize::MAX).0;
    for index in [41, 10] {
        let up_to = FeedCursor { position: many.position, index };
        store.trim(FEED, up_to).wait().expect("the store takes writes");
        assert_eq!(tail(store, FEED, START, usize::MAX).0, whole[1 + 42..], "a trim moves forward only");
    }
    store.trim(FEED, behind(many)).wait().expect("the store takes writes");
    assert_eq!(tail(store, FEED, START, usize::MAX).0, whole[1 + PAGED as usize..]);
    assert_eq!(tail(store, FeedId(2), START, usize::MAX).0.len(), PAGED as usize);
}

fn safe_until(store: &dyn Store) {
    const WRITERS: usize = 3;
    const RECORDS: usize = 150;
    const ALONE: usize = 3;
    for _ in 0..ALONE {
        let (_, safe_until) = tail(store, FEED, START, usize::MAX);
        let next = append(store, FEED, &[b"next"]);
        assert!(next.position > safe_until, "a record came at {next:?}, safe until {safe_until:?}");
    }
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                (0..RECORDS).for_each(|_| {
                    append(store, FEED, &[b"1", b"2"]);
                })
            });
        }
        let mut seen = Vec::new();
        let mut cursor = START;
        while seen.len() < ALONE + 2 * WRITERS * RECORDS {
            wait_for(store.changed(FEED, cursor), "a tailing reader");
            let (records, safe_until) = tail(store, FEED, cursor, usize::MAX);
            assert!(safe_until >= cursor.position, "safe_until went back");
            seen.extend(records.into_iter().filter(|record| record.stamp.position <= safe_until));
            cursor = FeedCursor::behind(safe_until);
        }
        assert_eq!(seen, tail(store, FEED, START, usize::MAX).0);
    });
}

fn changed(store: &dyn Store) {
    assert!(!is_ready(store.changed(FEED, START)));
    let stamp = append(store, FEED, &[b"a"]);
    wait_for(store.changed(FEED, START), "a reader behind a record");
    assert!(!is_ready(store.changed(FEED, behind(stamp))));
    assert!(!is_ready(store.changed(FeedId(2), START)));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait_for(store.changed(FEED, behind(stamp)), "a waiting reader"));
        append(store, FEED, &[b"b"]);
        waiting.join().expect("the waiting reader was woken");
    });
}

fn trim(store: &dyn Store) {
    let stamps: Vec<Stamp> = (0..10u8).map(|n| append(store, FEED, &[&[n]])).collect();
    append(store, FeedId(2), &[b"stays"]);
    let left = |store: &dyn Store| tail(store, FEED, START, usize::MAX).0.len();
    store.trim(FEED, START).wait().expect("the store takes writes");
    assert_eq!(left(store), 10);
    store.trim(FEED, behind(stamps[3])).wait().expect("the store takes writes");
    assert_eq!(left(store), 6);
    assert_eq!(tail(store, FEED, START, 1).0[0].stamp, stamps[4]);
    store.trim(FEED, behind(stamps[9])).wait().expect("the store takes writes");
    assert_eq!(left(store), 0);
    append(store, FEED, &[b"new"]);
    assert_eq!(left(store), 1);
    assert_eq!(tail(store, FeedId(2), START, usize::MAX).0.len(), 1);
}
