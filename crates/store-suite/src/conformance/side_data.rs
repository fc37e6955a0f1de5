//! Counters and documents.

use super::Check;
use super::actions::*;
use std::thread;
use store::*;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("counters sum up, also below zero and twice in a plan", counters),
    ("concurrent deltas of a counter lose nothing", concurrent_deltas),
    ("documents are put, replaced, deleted and listed by prefix", documents),
    ("a watch tells which documents below its prefix have changed, and wakes who waits", watch),
    ("rows and documents of the same key are different things", apart),
];

fn count(store: &dyn Store, deltas: &[(u64, i64)]) {
    let counters = deltas.iter().map(|(id, delta)| (CounterId(*id), *delta)).collect();
    commit(store, Plan { counters, ..Plan::default() });
}

fn value(store: &dyn Store, counter: u64) -> i64 {
    store.counter(CounterId(counter)).wait().expect("reads work")
}

fn counters(store: &dyn Store) {
    assert_eq!(value(store, 1), 0);
    count(store, &[(1, 5), (2, -7), (1, 10)]);
    count(store, &[(1, -20)]);
    assert_eq!((value(store, 1), value(store, 2), value(store, 3)), (-5, -7, 0));
}

fn concurrent_deltas(store: &dyn Store) {
    thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..100).for_each(|_| count(store, &[(1, thread), (2, 1)])));
        }
    });
    assert_eq!((value(store, 1), value(store, 2)), (600, 400));
}

fn document(key: &[u8], document: Option<&[u8]>) -> RecordWrite {
    RecordWrite { key: key.to_vec(), document: document.map(<[u8]>::to_vec) }
}

fn save(store: &dyn Store, records: Vec<RecordWrite>) {
    commit(store, Plan { records, ..Plan::default() });
}

fn listed(store: &dyn Store, prefix: &[u8], limit: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    let visit = &mut |key: &[u8], document: &[u8]| {
        found.push((key.to_vec(), document.to_vec()));
        if found.len() == limit { Visit::Stop } else { Visit::Continue }
    };
    store.records(prefix, visit).wait().expect("reads work");
    found
}

fn documents(store: &dyn Store) {
    let keys: [&[u8]; 5] = [b"a\0", b"a\0x", b"a\0y", b"b", b"\xff\xff"];
    save(store, keys.iter().rev().map(|key| document(key, Some(key))).collect());
    let found =
        |prefix: &[u8]| listed(store, prefix, usize::MAX).into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(found(b""), keys);
    assert_eq!(found(b"a\0"), keys[..3]);
    assert_eq!(found(b"\xff"), keys[4..]);
    assert!(found(b"c").is_empty());
    assert_eq!(listed(store, b"a", 2).len(), 2);
    save(store, vec![document(b"b", Some(b"new")), document(b"a\0x", None)]);
    assert_eq!(store.record(b"b").wait(), Ok(Some(b"new".to_vec())));
    assert_eq!(store.record(b"a\0x").wait(), Ok(None));
    assert_eq!(found(b"a\0"), [keys[0], keys[2]]);
}

fn watch(store: &dyn Store) {
    let watched = store.watch(b"a\0");
    put(store, b"a\0", b"a row");
    save(store, vec![document(b"a", Some(b"beside"))]);
    assert!(watched.version() == 0 && !is_ready(watched.changed(0)));
    save(store, vec![document(b"a\0x", Some(b"1")), document(b"b", Some(b"beside"))]);
    save(store, vec![document(b"a\0y", None)]);
    let keys = [b"a\0x".to_vec(), b"a\0y".to_vec()];
    assert!(is_ready(watched.changed(0)));
    assert_eq!(watched.take(), Changed::Keys(keys.into()));
    assert_eq!(watched.take(), Changed::NOTHING);
    let seen = watched.version();
    assert!(!is_ready(watched.changed(seen)));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait_for(watched.changed(seen), "a watch"));
        save(store, vec![document(b"a\0z", Some(b"2"))]);
        waiting.join().expect("the waiting watch was woken");
    });
    let many = (0..10_000u32).map(|n| document(&[b"a\0", &n.to_be_bytes()[..]].concat(), Some(b"3")));
    save(store, many.collect());
    assert_eq!(watched.take(), Changed::Any);
}

fn apart(store: &dyn Store) {
    put(store, b"k", b"row");
    assert_eq!(store.record(b"k").wait(), Ok(None));
    save(store, vec![document(b"k", Some(b"document"))]);
    assert_eq!(read(store, b"k").as_deref(), Some(&b"row"[..]));
    committed(store.drop_range(b"k").wait().expect("the store takes writes"));
    assert_eq!(store.record(b"k").wait(), Ok(Some(b"document".to_vec())));
}
