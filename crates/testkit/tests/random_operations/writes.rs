//! PutItem, UpdateItem, DeleteItem.

use crate::client::same;
use crate::generate;
use crate::model::{Action, CONDITION, Change, Write};
use crate::text::Text;
use crate::value::{Item, item_from_json, item_json};
use crate::world::{World, check_capacity, random_report};
use serde_json::{Map, Value as Json, json};

/// A random put.
pub fn put(world: &mut World<'_>) -> Result<(), String> {
    let (table, key) = place(world);
    let item = generate::item(&mut world.random, &world.model.tables[table], key.clone(), true);
    send(world, "PutItem", table, key, Action::Put(item), &["NONE", "ALL_OLD"])
}

/// A random update.
pub fn update(world: &mut World<'_>) -> Result<(), String> {
    let (table, key) = place(world);
    let update = world.random.maybe(97, |random| generate::update(random, &world.model.tables[table]));
    let returns = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"];
    send(world, "UpdateItem", table, key, Action::Update(update), &returns)
}

/// A random delete.
pub fn delete(world: &mut World<'_>) -> Result<(), String> {
    let (table, key) = place(world);
    send(world, "DeleteItem", table, key, Action::Delete, &["NONE", "ALL_OLD"])
}

fn place(world: &mut World<'_>) -> (usize, Item) {
    let table = world.table();
    let key = generate::key(&mut world.random, &world.model.tables[table]);
    (table, key)
}

fn send(
    world: &mut World<'_>,
    operation: &str,
    table: usize,
    key: Item,
    action: Action,
    returns: &[&str],
) -> Result<(), String> {
    let condition = maybe_condition(world, table, 35);
    let write = Write { table, key, action, condition };
    let mut body = body(world, &write);
    let returns = world.random.pick(returns);
    let (report, old_on_failure) = (random_report(&mut world.random), world.random.chance(30));
    if returns != "NONE" || world.random.chance(20) {
        body.insert("ReturnValues".into(), json!(returns));
    }
    body.extend(report.map(|report| ("ReturnConsumedCapacity".to_owned(), json!(report))));
    if old_on_failure {
        body.insert("ReturnValuesOnConditionCheckFailure".into(), json!("ALL_OLD"));
    }
    match (world.model.judge(&write), world.call(operation, &Json::Object(body))) {
        (Ok(change), Ok(answer)) => {
            let units = world.model.write_units(table, &change);
            world.model.commit(&write, &change);
            same("Attributes", returned(&change, returns), attributes(&answer)?)?;
            check_capacity(&answer, report, &world.model.tables[table], &units)
        }
        (Err(refusal), Err(refused)) => {
            refused.expect(&refusal)?;
            let old =
                world.model.item(table, &write.key).filter(|_| old_on_failure && refused.code == CONDITION.0);
            same(
                "Item of the refusal",
                old.map(item_json),
                refused
                    .body
                    .get("Item")
                    .cloned()
                    .map(|json| item_from_json(&json).map_or(json, |item| item_json(&item))),
            )
        }
        (Ok(_), Err(refused)) => Err(format!("should have been done, was refused with {}", refused.body)),
        (Err(refusal), Ok(answer)) => Err(format!("should have been refused with {refusal:?}, got {answer}")),
    }
}

/// A condition on the attributes of this table, so many times of a hundred.
pub fn maybe_condition(
    world: &mut World<'_>,
    table: usize,
    percent: usize,
) -> Option<crate::condition::Condition> {
    let table = &world.model.tables[table];
    let keys = [table.key(), table.index_attributes()].concat();
    let names: Vec<_> = keys.iter().map(|(name, _)| *name).chain(generate::FREE).collect();
    world.random.maybe(percent, |random| generate::condition(random, &names, 0))
}

/// The members that describe the write: the same in a single request and in a transaction.
pub fn body(world: &mut World<'_>, write: &Write) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("TableName".into(), json!(world.model.tables[write.table].name));
    match &write.action {
        Action::Put(item) => body.insert("Item".into(), item_json(item)),
        _ => body.insert("Key".into(), item_json(&write.key)),
    };
    let mut text = Text::new(&mut world.random);
    if let Action::Update(Some(update)) = &write.action {
        body.insert("UpdateExpression".into(), json!(update.text(&mut text)));
    }
    if let Some(condition) = &write.condition {
        body.insert("ConditionExpression".into(), json!(condition.text(&mut text)));
    }
    text.finish(&mut body);
    body
}

fn returned(change: &Change, returns: &str) -> Option<Item> {
    let item = match returns {
        "ALL_OLD" => change.old.clone(),
        "ALL_NEW" => change.new.clone(),
        "UPDATED_OLD" => Some(change.updated_old.clone()),
        "UPDATED_NEW" => Some(change.updated_new.clone()),
        _ => None,
    };
    item.filter(|item| !item.is_empty())
}

fn attributes(answer: &Json) -> Result<Option<Item>, String> {
    answer.get("Attributes").map(item_from_json).transpose()
}
