//! Single writes: what they return, what they cost, what refuses them.

use crate::fixture::*;
use engine::{
    Engine, IndexCost, IndexKeyFault, IndexKeyProblem, ItemKey, KeyFault, Presence, Refusal, Returns, Table,
    Write, WriteError, Written,
};
use expr::{Action, Change, Comparator, Condition, Operand, Path, Term, Update};
use std::sync::Arc;
use types::{Item, Type, Value, ValueBuf};

fn path(name: &str) -> Path {
    Path::top_level(name)
}

fn set(name: &str, value: Value) -> Update {
    let change = Change::Set(Term::Value(ValueBuf::from(&value)));
    Update::from_attribute_updates(vec![Action { path: path(name), change }])
}

fn equals(name: &str, value: Value) -> Condition {
    let right = Operand::Value(ValueBuf::from(&value));
    Condition::Compare { comparator: Comparator::Eq, left: Operand::Path(path(name)), right }
}

fn put(world: &World, table: &Arc<Table>, item: Item) -> Result<Written, WriteError> {
    now(world.engine.write(table, &Write::put(table, item).unwrap()))
}

fn refused(result: Result<Written, WriteError>) -> Refusal {
    match result {
        Err(WriteError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn writes_return_what_was_asked_for() {
    let world = World::new();
    let table = things(&world);
    let first = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(1))]);
    let second = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(2))]);
    put(&world, &table, first.clone()).unwrap();

    let write = Write::put(&table, second.clone()).unwrap().returning(Returns::AllOld);
    let written = now(world.engine.write(&table, &write)).unwrap();
    assert_eq!(written.attributes, Some(first.clone()));
    assert_eq!((written.old_size_bytes, written.new_size_bytes), (first.size_bytes(), second.size_bytes()));

    let update = |returns| {
        let write = Write::update(&table, key("a", 1), Some(set("v", n(3)))).unwrap().returning(returns);
        now(world.engine.write(&table, &write)).unwrap().attributes
    };
    assert_eq!(update(Returns::UpdatedOld), Some(item(&[("v", n(2))])));
    assert_eq!(update(Returns::UpdatedNew), Some(item(&[("v", n(3))])));
    let third = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(3))]);
    assert_eq!(update(Returns::AllNew), Some(third.clone()));
    assert_eq!(update(Returns::AllOld), Some(third.clone()));
    assert_eq!(update(Returns::Nothing), None);

    let delete = Write::delete(&table, key("a", 1)).unwrap().returning(Returns::AllOld);
    assert_eq!(now(world.engine.write(&table, &delete)).unwrap().attributes, Some(third));
    assert_eq!(now(world.engine.write(&table, &delete)).unwrap().attributes, None);
    assert_eq!(get(&world, &table, &key("a", 1)), None);
}

#[test]
fn an_update_creates_what_is_not_there() {
    let world = World::new();
    let table = things(&world);
    let bare = Write::update(&table, key("a", 1), None).unwrap().returning(Returns::AllNew);
    assert_eq!(now(world.engine.write(&table, &bare)).unwrap().attributes, Some(key("a", 1)));
    let update =
        Write::update(&table, key("b", 1), Some(set("v", n(3)))).unwrap().returning(Returns::UpdatedOld);
    assert_eq!(now(world.engine.write(&table, &update)).unwrap().attributes, None);
    assert_eq!(get(&world, &table, &key("b", 1)), Some(item(&[("pk", s("b")), ("sk", n(1)), ("v", n(3))])));
}

#[test]
fn conditions_are_judged_on_the_item_before() {
    let world = World::new();
    let table = things(&world);
    let old = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(1))]);
    put(&world, &table, old.clone()).unwrap();
    let write = |condition| Write::delete(&table, key("a", 1)).unwrap().with_condition(Some(condition));

    let failing = write(equals("v", n(2)));
    let refusal = refused(now(world.engine.write(&table, &failing)));
    assert_eq!(refusal, Refusal::ConditionFailed { old: None, old_size_bytes: old.size_bytes() });
    let refusal = refused(now(world.engine.write(&table, &failing.returning_old_on_failure(true))));
    assert_eq!(
        refusal,
        Refusal::ConditionFailed { old: Some(old.clone()), old_size_bytes: old.size_bytes() }
    );

    let exists = Write::put(&table, old.clone()).unwrap().with_presence(Presence::MustNotExist);
    assert_eq!(refused(now(world.engine.write(&table, &exists))), Refusal::Exists { old: None });
    now(world.engine.write(&table, &write(equals("v", n(1))))).unwrap();
    let absent = Write::delete(&table, key("a", 1)).unwrap().with_presence(Presence::MustExist);
    assert_eq!(refused(now(world.engine.write(&table, &absent))), Refusal::Absent);
    let on_nothing = Write::check(&table, key("a", 1), Condition::NotExists(path("pk"))).unwrap();
    assert_eq!(now(world.engine.write(&table, &on_nothing)).unwrap().new_size_bytes, 0);
}

#[test]
fn keys_are_checked_against_the_schema() {
    let world = World::new();
    let table = things(&world);
    let name = |name: &str| name.to_owned();
    let long = |n: usize| s(&"x".repeat(n));
    let check = |attributes: &[(&str, Value)], fault: KeyFault| {
        assert_eq!(Write::put(&table, item(attributes)).map(|_| ()), Err(fault));
    };
    check(&[("sk", n(1))], KeyFault::Missing { name: name("pk") });
    check(&[("pk", s("a"))], KeyFault::Missing { name: name("sk") });
    let wrong = KeyFault::WrongType { name: name("pk"), expected: Type::S, actual: Type::N };
    check(&[("pk", n(1)), ("sk", n(1))], wrong);
    let wrong = KeyFault::WrongType { name: name("sk"), expected: Type::N, actual: Type::Null };
    check(&[("pk", s("a")), ("sk", Value::Null)], wrong);
    check(&[("pk", s("")), ("sk", n(1))], KeyFault::Empty { name: name("pk"), ty: Type::S });
    check(&[("pk", long(2049)), ("sk", n(1))], KeyFault::PartitionTooLong);
    let extra = item(&[("pk", s("a")), ("sk", n(1)), ("v", n(1))]);
    assert_eq!(Write::delete(&table, extra).map(|_| ()), Err(KeyFault::NotInSchema { name: name("v") }));
    assert!(Write::put(&table, item(&[("pk", long(2048)), ("sk", n(1))])).is_ok());
}

#[test]
fn index_keys_are_checked_where_they_are_written() {
    let world = World::new();
    let table = things(&world);
    let fault = |index: &str, attribute: &str, problem, by_update| {
        let (index, attribute) = (index.to_owned(), attribute.to_owned());
        Refusal::IndexKey(IndexKeyFault { index, attribute, problem, by_update })
    };
    let with = |name: &str, value| item(&[("pk", s("a")), ("sk", n(1)), (name, value)]);
    let wrong = IndexKeyProblem::WrongType { expected: Type::S, actual: Type::N };
    assert_eq!(refused(put(&world, &table, with("g", n(1)))), fault("by_group", "g", wrong, false));
    let empty = IndexKeyProblem::Empty { ty: Type::S };
    assert_eq!(refused(put(&world, &table, with("r", s("")))), fault("by_rank", "r", empty, false)); // of by_two and by_rank

    put(&world, &table, with("g", s("g"))).unwrap();
    let update = |name: &str, value| {
        let write = Write::update(&table, key("a", 1), Some(set(name, value))).unwrap();
        now(world.engine.write(&table, &write))
    };
    assert_eq!(refused(update("g", s(""))), fault("by_group", "g", empty, true));
    assert_eq!(refused(update("h", s("x"))), {
        fault("by_two", "h", IndexKeyProblem::WrongType { expected: Type::N, actual: Type::S }, true)
    });
    update("v", s("")).unwrap();
}

#[test]
fn items_have_a_largest_size() {
    let world = World::new();
    let table = things(&world);
    let overhead = key("a", 1).size_bytes() + "v".len();
    let largest = stdx::limits::ITEM_SIZE_BYTES_MAX - overhead;
    let big = |len: usize| item(&[("pk", s("a")), ("sk", n(1)), ("v", s(&"x".repeat(len)))]);
    put(&world, &table, big(largest)).unwrap();
    assert_eq!(refused(put(&world, &table, big(largest + 1))), Refusal::ItemTooLarge);
    let grow = Write::update(&table, key("a", 1), Some(set("w", s("")))).unwrap();
    assert_eq!(refused(now(world.engine.write(&table, &grow))), Refusal::UpdatedItemTooLarge);
    let change = Write::update(&table, key("a", 1), Some(set("sk", n(2)))).unwrap();
    assert_eq!(
        refused(now(world.engine.write(&table, &change))),
        Refusal::KeyAttributeChanged { name: "sk".into() }
    );
}

#[test]
fn an_item_is_nested_only_so_deep() {
    let world = World::new();
    let table = things(&world);
    let nested = |levels: usize| (0..levels).fold(n(1), |value, _| Value::L(vec![value]));
    let with = |levels| item(&[("pk", s("a")), ("sk", n(1)), ("v", nested(levels))]);
    put(&world, &table, with(31)).unwrap();
    assert_eq!(refused(put(&world, &table, with(32))), Refusal::NestedTooDeeply);
}

/// Units of each index in this order: by_group, by_two, by_rank.
#[test]
fn indexes_cost_what_changes_in_them() {
    let world = World::new();
    let table = things(&world);
    let base = |more: &[(&str, Value)]| item(&[&[("pk", s("a")), ("sk", n(1))], more].concat());
    let costs = |item: Item| {
        let costs = put(&world, &table, item).unwrap().index_costs;
        costs.iter().map(|IndexCost { index, units, .. }| (*index, *units)).collect::<Vec<_>>()
    };
    let long = |n: usize| s(&"x".repeat(n));
    assert_eq!(costs(base(&[])), []);
    assert_eq!(costs(base(&[("g", s("g"))])), [(0, 1)]);
    assert_eq!(costs(base(&[("g", s("g")), ("v", long(2_000))])), [(0, 2)]);
    assert_eq!(costs(base(&[("g", s("g")), ("v", long(2_000))])), []);
    assert_eq!(costs(base(&[("g", s("G")), ("v", long(2_000))])), [(0, 2), (0, 2)]);
    assert_eq!(costs(base(&[("g", s("G")), ("r", s("r"))])), [(0, 2), (2, 1)]);
    let two = [("g", s("G")), ("r", s("r")), ("h", n(1))];
    assert_eq!(costs(base(&two)), [(0, 1), (1, 1)]);
    assert_eq!(costs(base(&[&two[..], &[("x", n(1))]].concat())), [(0, 1)]);
    assert_eq!(costs(base(&[&two[..], &[("note", n(1))]].concat())), [(0, 1), (1, 1)]);
    assert_eq!(costs(base(&[])), [(0, 1), (1, 1), (2, 1)]);
}

#[test]
fn an_entry_that_moves_costs_where_it_was_and_where_it_is() {
    let world = World::new();
    let table = things(&world);
    let costs = |group: &str| {
        let item = item(&[("pk", s("a")), ("sk", n(1)), ("g", s(group))]);
        put(&world, &table, item).unwrap().index_costs
    };
    let (first, moved) = (costs("g"), costs("h"));
    assert_eq!((first.len(), moved.len(), moved[0]), (1, 2, first[0]));
    assert_ne!(moved[1].position, first[0].position);
    assert_eq!(costs("g"), [moved[1], first[0]]);
}

#[test]
fn collections_and_statistics_follow_the_items() {
    let world = World::new();
    let table = things(&world);
    let first = item(&[("pk", s("a")), ("sk", n(1)), ("r", s("r")), ("v", s("vvv"))]);
    let written = put(&world, &table, first.clone()).unwrap();
    let entry = item(&[("pk", s("a")), ("sk", n(1)), ("r", s("r"))]);
    let collection = written.collection.unwrap();
    assert_eq!(collection.key, item(&[("pk", s("a"))]));
    assert_eq!(collection.size_bytes as usize, first.size_bytes() + entry.size_bytes());

    let statistics = now(world.engine.statistics(&table)).unwrap();
    assert_eq!((statistics.items, statistics.size_bytes as usize), (1, first.size_bytes()));
    assert_eq!((statistics.indexes[0].entries, statistics.indexes[2].entries), (0, 1));
    assert_eq!(statistics.indexes[2].size_bytes as usize, entry.size_bytes());

    let delete = Write::delete(&table, key("a", 1)).unwrap();
    assert_eq!(now(world.engine.write(&table, &delete)).unwrap().collection.unwrap().size_bytes, 0);
    assert_eq!(now(world.engine.statistics(&table)).unwrap(), engine::TableStatistics::empty(&table));
}

#[test]
fn every_write_of_an_item_is_later_than_the_one_before() {
    let world = World::new();
    let table = things(&world);
    let row = |sk| {
        let key = ItemKey::exact(&table, &key("a", sk)).unwrap();
        let stamp = |row: Option<engine::RowRef<'_>>| row.map(|row| (row.version, row.write_time_micros));
        now(world.engine.with_item(&table, &key, store::Consistency::Strong, stamp)).unwrap()
    };
    (0..3).for_each(|_| drop(put(&world, &table, key("a", 1)).unwrap()));
    put(&world, &table, key("a", 2)).unwrap();
    let first = row(2).unwrap().1;
    assert_eq!(row(1), Some((3, first + 2)));
    world.clock.advance_micros(10);
    put(&world, &table, key("a", 1)).unwrap();
    assert_eq!(row(1), Some((4, first + 10)));
}

#[test]
fn a_collection_may_shrink_but_not_grow_beyond_its_limit() {
    use store::{Decision, Locking, Mutation, Plan, RowWrite, Store};
    let world = World::new();
    let table = things(&world);
    put(&world, &table, item(&[("pk", s("a")), ("sk", n(1)), ("v", s("vvv"))])).unwrap();
    let item_key = ItemKey::exact(&table, &key("a", 1)).unwrap();
    let collection = [&[3][..], &item_key.as_bytes()[1..5], &item_key.as_bytes()[7..23]].concat();
    let full = [&[1][..], &stdx::limits::ITEM_COLLECTION_BYTES_MAX.to_le_bytes()].concat();
    let outcome = world
        .store
        .mutate(Mutation {
            keys: &[&collection],
            fences: &[],
            locking: Locking::Single,
            decide: &mut |_| {
                let rows = vec![RowWrite { key: collection.clone(), row: Some(full.clone()) }];
                Decision::Commit(Plan { rows, ..Plan::default() })
            },
        })
        .wait();
    outcome.unwrap();
    assert_eq!(refused(put(&world, &table, key("a", 2))), Refusal::CollectionTooLarge);
    put(&world, &table, item(&[("pk", s("a")), ("sk", n(1)), ("v", s("VVV"))])).unwrap();
    put(&world, &table, key("a", 1)).unwrap();
    put(&world, &table, key("b", 2)).unwrap();
}

#[test]
fn batches_do_each_write_for_itself() {
    let world = World::new();
    let table = things(&world);
    put(&world, &table, key("b", 1)).unwrap();
    let bad = item(&[("pk", s("c")), ("sk", n(1)), ("g", n(1))]);
    let writes = [
        (table.clone(), Write::put(&table, key("a", 1)).unwrap()),
        (table.clone(), Write::put(&table, bad).unwrap()),
        (table.clone(), Write::delete(&table, key("b", 1)).unwrap()),
    ];
    let results = now(world.engine.write_each(&writes));
    assert!(results[0].is_ok() && results[2].is_ok());
    assert!(matches!(results[1], Err(WriteError::Refused(Refusal::IndexKey(_)))));
    assert_eq!(get(&world, &table, &key("a", 1)), Some(key("a", 1)));
    assert_eq!(get(&world, &table, &key("b", 1)), None);
}

#[test]
fn a_write_planned_before_a_change_of_the_table_is_planned_again() {
    let world = World::new();
    let table = things(&world);
    let altered =
        now(world.engine.alter_table(&table, |table| table.settings.deletion_protection = true)).unwrap();
    assert_eq!(altered.schema_version, table.schema_version + 1);
    put(&world, &table, key("a", 1)).unwrap();
    assert_eq!(get(&world, &table, &key("a", 1)), Some(key("a", 1)));
    assert_eq!(now(world.engine.alter_table(&table, |_| {})), Err(engine::AlterError::Changed));
}

fn assert_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn futures_of_writes_move_between_threads_and_stay_small() {
    let world = World::new();
    let table = things(&world);
    let write = Write::put(&table, key("a", 1)).unwrap();
    let engine: &Engine = &world.engine;
    let future = assert_send(engine.write(&table, &write));
    assert!(size_of_val(&future) < 2_048, "{}", size_of_val(&future));
    now(future).unwrap();
    let actions = [(table.clone(), write)];
    now(assert_send(engine.write_each(&actions)));
    now(assert_send(engine.transact_write(&actions, None))).unwrap();
    now(assert_send(engine.alter_table(&table, |_| {}))).unwrap();
    now(assert_send(engine.delete_table(&table))).unwrap();
}
