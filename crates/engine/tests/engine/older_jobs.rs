//! Jobs that an older program has left under way: stores as it left them, and what comes of them here.
//!
//! `jobs-6` was written by the program whose jobs were of format 6, with lots of four items: a table of twenty that has
//! point-in-time recovery, changed and deleted behind a time, and its restore to that time, which copied the table
//! first. It ended while the items were being copied, while what has changed was being taken back, and while the copy
//! was being put, in the middle of a lot.

use crate::backups::{COPIED, items, thing};
use crate::fixture::*;
use crate::indexes::{counted, rows_of_kind};
use engine::feed::ConsumerKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::{Clock, ManualClock};
use store::{
    CounterId, Decision, FeedId, Locking, MemoryStore, Mutation, OldRows, Plan, RecordWrite, RowWrite, Store,
};

const ITEMS: i64 = 20;

#[test]
fn a_restore_to_a_time_of_format_6_goes_on_wherever_it_was() {
    for (place, left) in [
        ("items", include_str!("../fixtures/jobs-6/items.txt")),
        ("changes", include_str!("../fixtures/jobs-6/changes.txt")),
        ("putting", include_str!("../fixtures/jobs-6/putting.txt")),
    ] {
        let world = as_left(left);
        assert!(world.engine.table(&scope(), "r").unwrap().settings.restore.is_some(), "{place}");
        world.finish_jobs();
        let table = world.engine.table(&scope(), "r").expect("it is restored");
        assert_eq!(table.settings.restore, None, "{place}");
        let found = items(&world, &table);
        let things = (0..ITEMS).map(|at| thing(at, 0, at % 3 > 0));
        let expected: BTreeMap<_, _> = things.map(|item| (item.as_bytes().to_vec(), item)).collect();
        assert!(found == expected, "{place}: {} of {} items", found.len(), expected.len());
        let counted = counted(&world, &table);
        assert_eq!((counted.items, counted.indexes[0].entries), (ITEMS, ITEMS - (ITEMS + 2) / 3), "{place}");
        assert_eq!(rows_of_kind(&world, COPIED), 0, "{place}: the copy is dropped");
        let source = world.engine.table(&scope(), "t").unwrap();
        let kinds: Vec<_> = source.consumers.iter().map(|consumer| consumer.kind).collect();
        assert_eq!(kinds, [ConsumerKind::PointInTime], "{place}: old images are not needed any more");
    }
}

/// When something was committed, and its records of feeds.
type Commit = (u64, Vec<(FeedId, Vec<u8>)>);

/// The store that a fixture has, and an engine on it. Records of feeds are at their positions; all else is put with
/// the last commit.
fn as_left(text: &str) -> World {
    let mut feeds: BTreeMap<u128, Commit> = BTreeMap::new();
    let (mut newest, mut rest) = ((0, 0), Plan::default());
    for line in text.lines() {
        let (kind, parts) = line.split_once(' ').expect("a line has a kind");
        let parts: Vec<&str> = parts.splitn(4, ' ').collect();
        match (kind, &parts[..]) {
            ("newest", [position, _, now]) => newest = (number(position), number(now) as u64),
            ("feed", [feed, position, time, record]) => {
                let (_, records) = feeds.entry(number(position)).or_insert((number(time) as u64, Vec::new()));
                records.push((FeedId(number(feed) as u64), bytes(record)));
            }
            ("row", [key, row]) => rest.rows.push(RowWrite { key: bytes(key), row: Some(bytes(row)) }),
            ("document", [key, ..]) => {
                let document = line.splitn(3, ' ').nth(2).map(|document| document.as_bytes().to_vec());
                rest.records.push(RecordWrite { key: bytes(key), document });
            }
            ("counter", [counter, value]) => {
                rest.counters.push((CounterId(number(counter) as u64), value.parse().unwrap()));
            }
            _ => panic!("{line}"),
        }
    }
    let (position, now_micros) = newest;
    let first = feeds.values().next().map_or(now_micros, |(time, _)| *time);
    let clock = Arc::new(ManualClock::at(first));
    let store = Arc::new(MemoryStore::new(clock.clone()));
    for at in 1..=position {
        let (time, feed) = feeds.remove(&at).unwrap_or((0, Vec::new()));
        let time = if at == position { now_micros } else { time };
        clock.advance_micros(time.saturating_sub(clock.now_micros()));
        let plan = if at == position { std::mem::take(&mut rest) } else { Plan::default() };
        commit(&store, Plan { feed, ..plan });
    }
    assert!(feeds.is_empty() && store.durable().position.0 == position, "records are at other positions");
    let raise = now(engine::fences(store.as_ref())).unwrap();
    commit(&store, Plan { raise, ..Plan::default() });
    World { engine: open(&store, &clock), store, clock }
}

fn commit(store: &MemoryStore, plan: Plan) {
    let decide = &mut |_: &OldRows<'_>| Decision::Commit(plan.clone());
    store.mutate(Mutation { keys: &[], fences: &[], locking: Locking::Single, decide }).wait().unwrap();
}

fn number(text: &str) -> u128 {
    text.parse().expect("a number")
}

fn bytes(hex: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).expect("two hexadecimal digits");
    (0..hex.len()).step_by(2).map(byte).collect()
}
