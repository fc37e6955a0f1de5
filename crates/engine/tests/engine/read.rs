//! Pages: where they end, where they continue, what they hold, and which start keys do not fit.

use crate::fixture::*;
use engine::{
    Attributes, ItemKey, KeyFault, Page, QueryRequest, ReadError, ScanRequest, Segment, StartKeyFault, Table,
    Write,
};
use expr::{BoundKeyCondition, Comparator, Condition, Operand, Path, Projection, RangeCondition};
use std::sync::Arc;
use store::{Decision, Direction, Locking, Mutation, Plan, RowWrite, Store, StoreError};
use types::{Item, Value, ValueBuf};

fn put(world: &World, table: &Arc<Table>, item: Item) {
    now(world.engine.write(table, &Write::put(table, item).unwrap())).unwrap();
}

fn thing(pk: &str, sk: i64, more: &[(&str, Value)]) -> Item {
    item(&[&[("pk", s(pk)), ("sk", n(sk))], more].concat())
}

fn partition(pk: &str) -> BoundKeyCondition {
    BoundKeyCondition { hash: vec![ValueBuf::from(&s(pk))], range_prefix: Vec::new(), range: None }
}

fn request<'a>(table: &'a Table, key: &'a BoundKeyCondition) -> QueryRequest<'a> {
    QueryRequest {
        table,
        index: None,
        key,
        direction: Direction::Forward,
        exclusive_start_key: None,
        limit: None,
        filter: None,
        attributes: Attributes::All,
        consistency: store::Consistency::Strong,
        fetch: false,
    }
}

fn scan<'a>(table: &'a Table) -> ScanRequest<'a> {
    ScanRequest {
        table,
        index: None,
        segment: None,
        exclusive_start_key: None,
        limit: None,
        filter: None,
        attributes: Attributes::All,
        consistency: store::Consistency::Strong,
        fetch: false,
    }
}

#[test]
fn a_page_ends_after_the_item_that_fills_it() {
    let world = World::new();
    let table = things(&world);
    let big = s(&"x".repeat(300_000));
    (0..8).for_each(|sk| put(&world, &table, thing("a", sk, &[("v", big.clone())])));
    let key = partition("a");
    let page = now(world.engine.query(&request(&table, &key))).unwrap();
    assert_eq!((page.count, page.scanned_count), (4, 4));
    assert_eq!(page.evaluated_bytes, page.items.iter().map(Item::size_bytes).sum::<usize>());
    assert_eq!(page.last_evaluated_key, Some(thing("a", 3, &[])));
    let all = now(world.engine.query(&QueryRequest { limit: Some(2), ..request(&table, &key) })).unwrap();
    assert_eq!((all.count, all.last_evaluated_key), (2, Some(thing("a", 1, &[]))));
}

#[test]
fn filters_and_projections_change_neither_pages_nor_sizes() {
    let world = World::new();
    let table = things(&world);
    (0..10).for_each(|sk| put(&world, &table, thing("a", sk, &[("even", Value::Bool(sk % 2 == 0))])));
    let key = partition("a");
    let even = Condition::Compare {
        comparator: Comparator::Eq,
        left: Operand::Path(Path::top_level("even")),
        right: Operand::Value(ValueBuf::from(&Value::Bool(true))),
    };
    let sort_key = Projection::of_names(["sk"]);
    let whole = now(world.engine.query(&request(&table, &key))).unwrap();
    let some = QueryRequest {
        filter: Some(&even),
        attributes: Attributes::Some(&sort_key),
        ..request(&table, &key)
    };
    let page = now(world.engine.query(&some)).unwrap();
    assert_eq!((page.count, page.scanned_count), (5, 10));
    assert_eq!(page.evaluated_bytes, whole.evaluated_bytes);
    assert_eq!(page.items, (0..5).map(|at| item(&[("sk", n(2 * at))])).collect::<Vec<_>>());
    let counted = QueryRequest { attributes: Attributes::Count, ..some };
    assert_eq!(now(world.engine.query(&counted)).unwrap(), Page { items: Vec::new(), ..page });
    let none = Condition::NotExists(Path::top_level("pk"));
    let page =
        now(world.engine.scan(&ScanRequest { limit: Some(3), filter: Some(&none), ..scan(&table) })).unwrap();
    assert_eq!((page.count, page.scanned_count, page.last_evaluated_key.is_some()), (0, 3, true));
}

#[test]
fn a_page_goes_on_behind_an_item_that_is_gone() {
    let world = World::new();
    let table = things(&world);
    (0..5).for_each(|sk| put(&world, &table, thing("a", sk, &[("r", s("same"))])));
    let key = partition("a");
    let (_, by_rank) = table.index("by_rank").unwrap();
    for index in [None, Some(by_rank)] {
        let all = now(world.engine.query(&QueryRequest { index, ..request(&table, &key) })).unwrap().items;
        let first = QueryRequest { index, limit: Some(2), ..request(&table, &key) };
        let start = now(world.engine.query(&first)).unwrap().last_evaluated_key.unwrap();
        let gone = item(&[("pk", s("a")), ("sk", start.get("sk").unwrap().to_value())]);
        let old = get(&world, &table, &gone).unwrap();
        now(world.engine.write(&table, &Write::delete(&table, gone).unwrap())).unwrap();
        let rest = QueryRequest { limit: None, exclusive_start_key: Some(&start), ..first };
        assert_eq!(now(world.engine.query(&rest)).unwrap().items, all[2..]);
        let before = QueryRequest { direction: Direction::Reverse, ..rest };
        assert_eq!(now(world.engine.query(&before)).unwrap().items, all[..1]);
        put(&world, &table, old);
    }
}

#[test]
fn a_local_index_fetches_what_it_does_not_hold() {
    let world = World::new();
    let table = things(&world);
    let big = s(&"x".repeat(9_000));
    (0..200).for_each(|sk| put(&world, &table, thing("a", sk, &[("r", s("r")), ("v", big.clone())])));
    let key = partition("a");
    let (_, by_rank) = table.index("by_rank").unwrap();
    let entries = QueryRequest { index: Some(by_rank), limit: Some(40), ..request(&table, &key) };
    let page = now(world.engine.query(&entries)).unwrap();
    assert!(page.fetched_bytes.is_empty() && page.items[0].get("v").is_none());
    let fetched = now(world.engine.query(&QueryRequest { fetch: true, ..entries })).unwrap();
    assert_eq!(fetched.evaluated_bytes, page.evaluated_bytes);
    assert_eq!(fetched.last_evaluated_key, page.last_evaluated_key);
    assert_eq!(fetched.fetched_bytes, fetched.items.iter().map(Item::size_bytes).collect::<Vec<_>>());
    assert!(fetched.items.iter().all(|item| item.get("v").is_some()));
    let unlimited = now(world.engine.query(&QueryRequest { fetch: true, limit: None, ..entries })).unwrap();
    let bytes = unlimited.evaluated_bytes + unlimited.fetched_bytes.iter().sum::<usize>();
    assert!((1024 * 1024..1024 * 1024 + 10_000).contains(&bytes), "{bytes}");
    assert!(unlimited.last_evaluated_key.is_some());
}

#[test]
fn start_keys_must_fit() {
    let world = World::new();
    let table = things(&world);
    let query = |index: Option<&str>, key: &BoundKeyCondition, start: &Item| {
        let index = index.map(|name| table.index(name).unwrap().1);
        let request = QueryRequest { index, exclusive_start_key: Some(start), ..request(&table, key) };
        match now(world.engine.query(&request)) {
            Err(ReadError::StartKey(fault)) => Some(fault),
            other => other.map(|_| None).unwrap(),
        }
    };
    let five = ValueBuf::from(&n(5));
    let below = BoundKeyCondition { range: Some(RangeCondition::Lt(five)), ..partition("a") };
    let name = |name: &str| name.to_owned();
    assert_eq!(query(None, &partition("a"), &key("a", 1)), None);
    assert_eq!(
        query(None, &partition("a"), &item(&[("pk", s("a"))])),
        Some(StartKeyFault::Key(KeyFault::Missing { name: name("sk") }))
    );
    assert_eq!(
        query(None, &partition("a"), &thing("a", 1, &[("r", s("r"))])),
        Some(StartKeyFault::Key(KeyFault::NotInSchema { name: name("r") }))
    );
    assert_eq!(
        query(None, &partition("a"), &key("b", 1)),
        Some(StartKeyFault::OtherPartition { last: true })
    );
    assert_eq!(query(None, &below, &key("a", 5)), Some(StartKeyFault::OutsideRange));
    assert_eq!(query(None, &below, &key("b", 5)), Some(StartKeyFault::OutsideRange));
    assert_eq!(query(None, &below, &key("b", 4)), Some(StartKeyFault::OtherPartition { last: true }));
    assert_eq!(query(None, &below, &key("a", 4)), None);
    assert_eq!(query(Some("by_rank"), &partition("a"), &thing("a", 1, &[("r", s("r"))])), None);

    let two = BoundKeyCondition {
        hash: vec![ValueBuf::from(&s("g")), ValueBuf::from(&n(1))],
        range_prefix: vec![ValueBuf::from(&s("r"))],
        range: None,
    };
    let start = |g: &str, h: i64, r: &str| thing("a", 1, &[("g", s(g)), ("h", n(h)), ("r", s(r))]);
    assert_eq!(query(Some("by_two"), &two, &start("g", 1, "r")), None);
    assert_eq!(
        query(Some("by_two"), &two, &start("x", 1, "x")),
        Some(StartKeyFault::OtherPartition { last: false })
    );
    assert_eq!(query(Some("by_two"), &two, &start("g", 2, "x")), Some(StartKeyFault::OutsideRange));
    assert_eq!(
        query(Some("by_two"), &two, &start("g", 2, "r")),
        Some(StartKeyFault::OtherPartition { last: true })
    );
}

#[test]
fn a_scan_goes_on_only_in_its_own_segment() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, key("a", 1));
    let faults: Vec<_> = (0..4)
        .map(|number| {
            let segment = Some(Segment { number, total: 4 });
            let start = key("a", 1);
            now(world.engine.scan(&ScanRequest {
                segment,
                exclusive_start_key: Some(&start),
                ..scan(&table)
            }))
        })
        .filter_map(Result::err)
        .collect();
    assert_eq!(faults, vec![ReadError::StartKey(StartKeyFault::OutsideSegment); 3]);
}

/// Puts the row of one key under another.
fn misplace(world: &World, from: &ItemKey, to: &ItemKey) {
    let mut row = None;
    let visit = &mut |found: Option<&[u8]>| row = found.map(<[u8]>::to_vec);
    world.store.get(from.as_bytes(), store::Consistency::Strong, visit).wait().unwrap();
    let outcome = world
        .store
        .mutate(Mutation {
            keys: &[to.as_bytes()],
            fences: &[],
            locking: Locking::Single,
            decide: &mut |_| {
                let rows = vec![RowWrite { key: to.as_bytes().to_vec(), row: row.clone() }];
                Decision::Commit(Plan { rows, ..Plan::default() })
            },
        })
        .wait();
    outcome.unwrap();
}

#[test]
fn another_items_row_is_damage_and_never_an_answer() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, key("a", 1));
    let (own, other) =
        (ItemKey::exact(&table, &key("a", 1)).unwrap(), ItemKey::exact(&table, &key("b", 1)).unwrap());
    misplace(&world, &own, &other);
    let damaged = |error| matches!(error, ReadError::Store(StoreError::Corrupt(_)));
    assert!(damaged(now(world.engine.get(&table, &other, store::Consistency::Strong, None)).unwrap_err()));
    assert!(damaged(now(world.engine.query(&request(&table, &partition("b")))).unwrap_err()));
    let write = Write::delete(&table, key("b", 1)).unwrap();
    let refused = now(world.engine.write(&table, &write));
    assert!(matches!(refused, Err(engine::WriteError::Store(StoreError::Corrupt(_)))));
    assert!(now(world.engine.get(&table, &own, store::Consistency::Strong, None)).unwrap().is_some());
}
