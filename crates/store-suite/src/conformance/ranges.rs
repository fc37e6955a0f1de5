//! Ranges: bounds, directions, cursors, and the deletion of whole ones.

use super::actions::*;
use super::{Check, actions};
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use store::*;

pub(super) const CHECKS: &[(&str, Check)] = &[
    ("every kind of bound, both directions, agrees with a sorted list", bounds),
    ("pages by cursor miss and repeat nothing", cursors),
    ("a visitor stops when it says so", stops),
    ("get_many lends rows in the order of the keys", many),
    ("empty and inverted ranges are empty", empty),
    ("drop_range deletes the prefix and nothing beside it", drop_range),
    ("drop_range of a large range", drop_large_range),
];

/// Short keys, keys that are prefixes of others, and runs that differ behind a long common beginning.
fn sample() -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> =
        [&b"\0"[..], b"a", b"ab", b"ab\0", b"abcde", b"abcdef", b"b", b"\xff\xff\xff\xff\xff\xff"]
            .map(<[u8]>::to_vec)
            .to_vec();
    for table in [b"t\0\0\0\x01", b"t\0\0\0\x02"] {
        for number in 0..40u8 {
            keys.push(
                [&table[..], &[9; 60], &[number / 4, number % 4][..usize::from(number % 3 != 0) + 1]]
                    .concat(),
            );
        }
    }
    keys.sort();
    keys.dedup();
    keys
}

fn fill(store: &dyn Store, keys: &[Vec<u8>]) {
    commit(store, rows(keys.iter().map(|key| row(key, key)).collect()));
}

fn many(store: &dyn Store) {
    let keys = sample();
    fill(store, &keys);
    let asked: [&[u8]; 5] = [b"b", b"none", b"a", b"ab", b"b"];
    let mut seen = Vec::new();
    let mut read = |keys: &[&[u8]], stop: usize| {
        seen.clear();
        let visit = &mut |index: usize, row: Option<&[u8]>| {
            seen.push((index, row.map(<[u8]>::to_vec)));
            if index == stop { Visit::Stop } else { Visit::Continue }
        };
        store.get_many(keys, Consistency::Strong, visit).wait().expect("reads work");
        std::mem::take(&mut seen)
    };
    let row = |key: &[u8]| (key != b"none").then(|| key.to_vec());
    let expected: Vec<_> = asked.iter().map(|key| row(key)).enumerate().collect();
    assert_eq!(read(&asked, 9), expected);
    assert_eq!(read(&asked, 2), expected[..3]);
    assert_eq!(read(&[], 9), []);
}

fn bounds(store: &dyn Store) {
    let keys = sample();
    fill(store, &keys);
    // Points that are keys, lie between keys, and lie outside.
    let mut points: Vec<Vec<u8>> = keys.iter().step_by(5).cloned().collect();
    points
        .extend([&b""[..], b"aa", b"abc", b"t\0\0\0\x01", b"t\0\0\0\x01\x09\x09", b"zz"].map(<[u8]>::to_vec));
    let ends: Vec<Bound<&[u8]>> =
        points.iter().flat_map(|p| [Included(&p[..]), Excluded(&p[..])]).chain([Unbounded]).collect();
    for &start in &ends {
        for &end in &ends {
            let mut expected: Vec<Vec<u8>> =
                keys.iter().filter(|key| within(key, start, end)).cloned().collect();
            assert_eq!(scan(store, start, end, Direction::Forward), expected, "{start:?} to {end:?}");
            expected.reverse();
            assert_eq!(
                scan(store, start, end, Direction::Reverse),
                expected,
                "{start:?} to {end:?}, reversed"
            );
        }
    }
}

fn within(key: &[u8], start: Bound<&[u8]>, end: Bound<&[u8]>) -> bool {
    let above = match start {
        Included(start) => key >= start,
        Excluded(start) => key > start,
        Unbounded => true,
    };
    let below = match end {
        Included(end) => key <= end,
        Excluded(end) => key < end,
        Unbounded => true,
    };
    above && below
}

fn cursors(store: &dyn Store) {
    let keys = sample();
    fill(store, &keys);
    let reversed: Vec<Vec<u8>> = keys.iter().rev().cloned().collect();
    for page_rows in [1, 2, 7, 1_000] {
        assert_eq!(paged(store, Direction::Forward, page_rows), keys, "pages of {page_rows}");
        assert_eq!(paged(store, Direction::Reverse, page_rows), reversed, "reversed pages of {page_rows}");
    }
}

fn paged(store: &dyn Store, direction: Direction, page_rows: usize) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        let cursor = all.last().cloned();
        let cursor = cursor.as_deref().map_or(Unbounded, Excluded);
        let range = match direction {
            Direction::Forward => KeyRange { start: cursor, end: Unbounded },
            Direction::Reverse => KeyRange { start: Unbounded, end: cursor },
        };
        let mut page = Vec::new();
        let visit = &mut |key: &[u8], row: &[u8]| {
            assert_eq!(key, row, "a row of another key");
            page.push(key.to_vec());
            if page.len() == page_rows { Visit::Stop } else { Visit::Continue }
        };
        actions::range(store, range, direction, visit);
        if page.is_empty() {
            return all;
        }
        all.append(&mut page);
    }
}

fn stops(store: &dyn Store) {
    fill(store, &sample());
    for direction in [Direction::Forward, Direction::Reverse] {
        for wanted in [1, 20, 50] {
            let mut seen = 0;
            let visit = &mut |_: &[u8], _: &[u8]| {
                seen += 1;
                if seen == wanted { Visit::Stop } else { Visit::Continue }
            };
            range(store, KeyRange { start: Unbounded, end: Unbounded }, direction, visit);
            assert_eq!(seen, wanted);
        }
    }
}

fn empty(store: &dyn Store) {
    let none: Vec<Vec<u8>> = Vec::new();
    assert_eq!(scan(store, Unbounded, Unbounded, Direction::Forward), none);
    fill(store, &sample());
    for direction in [Direction::Forward, Direction::Reverse] {
        for (start, end) in [
            (Included(&b"b"[..]), Included(&b"a"[..])),
            (Excluded(b"a"), Excluded(b"a")),
            (Included(b"a"), Excluded(b"a")),
            (Excluded(b"b"), Included(b"a")),
            (Included(b"m"), Included(b"n")),
        ] {
            assert_eq!(scan(store, start, end, direction), none, "{start:?} to {end:?}");
        }
    }
}

fn drop_range(store: &dyn Store) {
    for prefix in
        [&b"t\0\0\0\x01"[..], b"t\0\0\0\x01\x09\x09\x09", b"a", b"ab", b"abcdef", b"\xff\xff", b"none"]
    {
        let mut keys = sample();
        fill(store, &keys);
        let before = store.durable();
        let stamp = committed(store.drop_range(prefix).wait().expect("the store takes writes"));
        assert!(stamp.position > before.position);
        keys.retain(|key| !key.starts_with(prefix));
        assert_eq!(scan(store, Unbounded, Unbounded, Direction::Forward), keys, "without {prefix:?}");
        let dropped = [prefix, b"\x09"].concat();
        assert_eq!(seen_by_decide(store, &[&dropped]), [None]);
    }
    put(store, b"t\0\0\0\x01again", b"v");
    assert!(read(store, b"t\0\0\0\x01again").is_some(), "a dropped range takes rows again");
}

fn drop_large_range(store: &dyn Store) {
    let key = |table: u8, number: u32| [&[1, 0, 0, 0, table][..], &number.to_be_bytes()].concat();
    for chunk in 0..20u32 {
        let numbers = chunk * 250..(chunk + 1) * 250;
        let plan = numbers.flat_map(|n| [1, 2, 3].map(|table| row(&key(table, n), &[table; 60]))).collect();
        commit(store, rows(plan));
    }
    committed(store.drop_range(&[1, 0, 0, 0, 2]).wait().expect("the store takes writes"));
    put(store, &key(3, u32::MAX), b"new");
    let keys = scan(store, Unbounded, Unbounded, Direction::Reverse);
    assert_eq!(keys.len(), 10_001);
    assert!(keys.iter().all(|key| key[4] != 2));
}
