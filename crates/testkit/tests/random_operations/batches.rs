//! BatchWriteItem and BatchGetItem.

use crate::client::same;
use crate::generate;
use crate::model::{Action, Write, read_units};
use crate::path::project;
use crate::text::Text;
use crate::value::{Item, item_from_json, item_json, item_size};
use crate::world::World;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Distinct keys of one table after the other.
pub fn keys(world: &mut World<'_>, count: usize) -> Vec<(usize, Item)> {
    let mut keys = vec![];
    for _ in 0..count {
        let table = world.table();
        let key = (table, generate::key(&mut world.random, &world.model.tables[table]));
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// Compares a list of capacities, one for each table, in any order.
pub fn check_capacities(answer: &Json, expected: Option<BTreeMap<&str, f64>>) -> Result<(), String> {
    let list = answer.get("ConsumedCapacity").and_then(Json::as_array);
    let told = list.map(|list| {
        let pair = |one: &Json| {
            (one["TableName"].to_string().replace('"', ""), one["CapacityUnits"].as_f64().unwrap_or(-1.0))
        };
        list.iter().map(pair).collect::<BTreeMap<_, _>>()
    });
    let expected =
        expected.map(|map| map.into_iter().map(|(name, units)| (name.to_owned(), units)).collect());
    same("ConsumedCapacity", expected, told)
}

/// A random BatchWriteItem.
pub fn write(world: &mut World<'_>) -> Result<(), String> {
    let count = 1 + world.random.below(8);
    let (mut units, mut requests) = (BTreeMap::new(), BTreeMap::<_, Vec<Json>>::new());
    let mut done = vec![];
    for (table, key) in keys(world, count) {
        let name = world.model.tables[table].name;
        let (action, request) = if world.random.chance(70) {
            let item = generate::item(&mut world.random, &world.model.tables[table], key.clone(), false);
            let json = item_json(&item);
            (Action::Put(item), json!({"PutRequest": {"Item": json}}))
        } else {
            (Action::Delete, json!({"DeleteRequest": {"Key": item_json(&key)}}))
        };
        let write = Write { table, key, action, condition: None };
        let change = world.model.judge(&write).map_err(|refusal| format!("{refusal:?}"))?;
        let cost = world.model.write_units(table, &change);
        *units.entry(name).or_insert(0.0) += cost.total();
        requests.entry(name).or_default().push(request);
        done.push((write, change));
    }
    let told = world.random.chance(50);
    let mut body = json!({"RequestItems": requests});
    if told {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
    }
    let answer = world.call("BatchWriteItem", &body).map_err(|refused| refused.body.to_string())?;
    for (write, change) in &done {
        world.model.commit(write, change);
    }
    same("UnprocessedItems", Some(&json!({})), answer.get("UnprocessedItems"))?;
    check_capacities(&answer, told.then_some(units))
}

/// A random BatchGetItem.
pub fn get(world: &mut World<'_>) -> Result<(), String> {
    let count = 1 + world.random.below(12);
    let mut requests = BTreeMap::<usize, Vec<Item>>::new();
    for (table, key) in keys(world, count) {
        requests.entry(table).or_default().push(key);
    }
    let mut request_items = Map::new();
    let (mut units, mut expected) = (BTreeMap::new(), BTreeMap::<String, Vec<Item>>::new());
    for (table, keys) in &requests {
        let name = world.model.tables[*table].name;
        let projection = world.random.maybe(30, |random| generate::paths(random, &generate::FREE, 3));
        let consistent = world.random.chance(50);
        let mut of_table = Map::new();
        of_table.insert("Keys".into(), keys.iter().map(item_json).collect());
        of_table.insert("ConsistentRead".into(), json!(consistent));
        if let Some(paths) = &projection {
            let mut text = Text::new(&mut world.random);
            of_table.insert("ProjectionExpression".into(), json!(text.paths(paths)));
            text.finish(&mut of_table);
        }
        request_items.insert(name.to_owned(), of_table.into());
        let found = keys.iter().map(|key| world.model.item(*table, key));
        let cost = found.clone().map(|item| read_units(item.map_or(0, item_size), consistent));
        units.insert(name, cost.sum::<f64>());
        let shown = found.flatten().map(|item| match &projection {
            Some(paths) => project(item, paths),
            None => item.clone(),
        });
        let mut shown: Vec<_> = shown.collect();
        shown.sort();
        expected.insert(name.to_owned(), shown);
    }
    let told = world.random.chance(50);
    let mut body = json!({"RequestItems": request_items});
    if told {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
    }
    let answer = world.call("BatchGetItem", &body).map_err(|refused| refused.body.to_string())?;
    same("UnprocessedKeys", Some(&json!({})), answer.get("UnprocessedKeys"))?;
    same("Responses", expected, responses(&answer)?)?;
    check_capacities(&answer, told.then_some(units))
}

fn responses(answer: &Json) -> Result<BTreeMap<String, Vec<Item>>, String> {
    let tables = answer["Responses"].as_object().ok_or("no Responses")?;
    let one = |(name, list): (&String, &Json)| {
        let items = list.as_array().into_iter().flatten().map(item_from_json);
        let mut items = items.collect::<Result<Vec<_>, _>>()?;
        items.sort();
        Ok((name.clone(), items))
    };
    tables.iter().map(one).collect()
}
