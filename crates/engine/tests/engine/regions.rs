//! What the tests of global tables share: the replicas of `things`, by their regions.
#![allow(missing_docs, reason = "names say it")]

use crate::fixture::*;
use engine::{Scope, Table, Write};
use std::sync::Arc;
use types::Item;

pub fn at(region: &str) -> Scope {
    Scope { region: region.into(), ..scope() }
}

pub fn table(world: &World, region: &str) -> Arc<Table> {
    world.engine.table(&at(region), "things").unwrap_or_else(|| panic!("no replica in {region}"))
}

pub fn put(world: &World, region: &str, item: Item) {
    let table = table(world, region);
    now(world.engine.write(&table, &Write::put(&table, item).unwrap())).unwrap();
}

pub fn delete(world: &World, region: &str, key: Item) {
    let table = table(world, region);
    now(world.engine.write(&table, &Write::delete(&table, key).unwrap())).unwrap();
}

pub fn thing(pk: &str, sk: i64, note: i64) -> Item {
    item(&[("pk", s(pk)), ("sk", n(sk)), ("g", s("all")), ("note", n(note))])
}
