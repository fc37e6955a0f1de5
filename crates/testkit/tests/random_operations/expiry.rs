//! Time to live between the other operations: it is switched on and off, over items whose attribute may be anything,
//! and some items are made to expire.

use crate::changes::{LOOKS_MAX, PAUSE, described, update};
use crate::number;
use crate::schema::values;
use crate::value::{Item, Value, item_json};
use crate::world::World;
use serde_json::{Value as Json, json};

/// An attribute that random operations do not use, and two that they do: those hold no time that has passed lately.
const OWN: &str = "expires";
const ATTRIBUTES: [&str; 3] = [OWN, "n", "v"];
const EXPIRED_MAX: usize = 3;

/// Switches it on or off.
pub fn switch(world: &mut World<'_>, table: usize) -> Result<(), String> {
    let (attribute, enabled) = match attribute(world, table)? {
        Some(attribute) => (attribute, false),
        None => (world.random.pick(&ATTRIBUTES).to_owned(), true),
    };
    set(world, table, &attribute, enabled)
}

/// Makes some items expire, and waits until they are gone.
pub fn expire(world: &mut World<'_>, table: usize) -> Result<(), String> {
    match attribute(world, table)? {
        Some(other) if other != OWN => return set(world, table, &other, false),
        Some(_) => {}
        None => set(world, table, OWN, true)?,
    }
    let created = described(world, table)?["CreationDateTime"].as_f64().ok_or("no CreationDateTime")?;
    let seconds = number::parse(&format!("{}", created as u64 - 60))?;
    let mut left = Vec::new();
    for _ in 0..=world.random.below(EXPIRED_MAX) {
        let schema = &world.model.tables[table];
        let keys: Vec<Item> = world.model.items[table].values().map(|item| schema.key_of(item)).collect();
        if keys.is_empty() {
            break;
        }
        let key = keys[world.random.below(keys.len())].clone();
        if mark(world, table, &key, Value::N(seconds))? {
            let values = values(&key, &world.model.tables[table].key());
            world.model.items[table].remove(&values);
            left.push(key);
        }
    }
    left.iter().try_for_each(|key| wait_until_gone(world, table, key))?;
    world.check_description(table)
}

/// False where the item would become too large.
fn mark(world: &mut World<'_>, table: usize, key: &Item, seconds: Value) -> Result<bool, String> {
    let request = json!({
        "TableName": world.model.tables[table].name, "Key": item_json(key),
        "UpdateExpression": format!("SET {OWN} = :s"), "ExpressionAttributeValues": {":s": seconds.to_json()}
    });
    match world.call("UpdateItem", &request) {
        Ok(_) => Ok(true),
        Err(refused) if refused.message.contains("size") => Ok(false),
        Err(refused) => Err(refused.body.to_string()),
    }
}

/// Any change of the table makes the server sweep expired items, whatever its clock.
#[expect(clippy::disallowed_methods, reason = "a job behind requests tells no client when it is done")]
fn wait_until_gone(world: &mut World<'_>, table: usize, key: &Item) -> Result<(), String> {
    let get = json!({
        "TableName": world.model.tables[table].name, "Key": item_json(key), "ConsistentRead": true
    });
    for _ in 0..LOOKS_MAX {
        if world.call("GetItem", &get).map_err(|refused| refused.body.to_string())?.get("Item").is_none() {
            return Ok(());
        }
        update(world, table, json!({"DeletionProtectionEnabled": false}))?;
        std::thread::sleep(PAUSE);
    }
    Err("an item that has expired is never deleted".to_owned())
}

fn attribute(world: &mut World<'_>, table: usize) -> Result<Option<String>, String> {
    let name = json!({"TableName": world.model.tables[table].name});
    let told = world.call("DescribeTimeToLive", &name).map_err(|refused| refused.body.to_string())?;
    Ok(told["TimeToLiveDescription"]["AttributeName"].as_str().map(str::to_owned))
}

fn set(world: &mut World<'_>, table: usize, attribute: &str, enabled: bool) -> Result<(), String> {
    let specification: Json = json!({"AttributeName": attribute, "Enabled": enabled});
    let request = json!({
        "TableName": world.model.tables[table].name, "TimeToLiveSpecification": specification
    });
    world.call("UpdateTimeToLive", &request).map(|_| ()).map_err(|refused| refused.body.to_string())
}
