//! UpdateTable between the other operations: global indexes are removed and added again, over items that may not fit
//! them, time to live is switched on and off, and settings are changed that affect no item.

use crate::schema::{Attribute, Index};
use crate::world::World;
use crate::{expiry, pages};
use serde_json::{Value as Json, json};

/// How often, and at what interval, the result of a job is checked.
pub const LOOKS_MAX: usize = 10_000;
pub const PAUSE: std::time::Duration = std::time::Duration::from_millis(1);

/// A random change of a random table.
pub fn change(world: &mut World<'_>) -> Result<(), String> {
    let table = world.table();
    let schema = &world.model.tables[table];
    let global: Vec<usize> = (0..schema.indexes.len()).filter(|at| !schema.indexes[*at].local).collect();
    match world.random.below(5) {
        0 if !global.is_empty() => {
            let at = world.random.pick(&global);
            remove_index(world, table, at)
        }
        1 if !schema.removed.is_empty() => {
            let at = world.random.below(schema.removed.len());
            add_index(world, table, at)
        }
        2 => expiry::switch(world, table),
        3 => expiry::expire(world, table),
        _ => change_setting(world, table),
    }
}

fn remove_index(world: &mut World<'_>, table: usize, at: usize) -> Result<(), String> {
    let index = world.model.tables[table].indexes.remove(at);
    let delete = json!([{"Delete": {"IndexName": index.name}}]);
    update(world, table, json!({"GlobalSecondaryIndexUpdates": delete}))?;
    wait(world, table, |described| of(described, &index).is_none())?;
    world.model.tables[table].removed.push(index);
    Ok(())
}

fn add_index(world: &mut World<'_>, table: usize, at: usize) -> Result<(), String> {
    let index = world.model.tables[table].removed.remove(at);
    let define = |(name, tag): Attribute| json!({"AttributeName": name, "AttributeType": tag});
    let definitions: Vec<_> = index.key().into_iter().map(define).collect();
    let create = json!([{"Create": index.create()}]);
    update(
        world,
        table,
        json!({"AttributeDefinitions": definitions, "GlobalSecondaryIndexUpdates": create}),
    )?;
    wait(world, table, |described| {
        of(described, &index).is_some_and(|told| told["IndexStatus"] == "ACTIVE")
    })?;
    world.model.tables[table].indexes.push(index);
    world.tokens.clear(); // the request may now be refused by the present items, which is reported before the token is looked up
    world.check_description(table)?;
    pages::check_all(world, table)
}

fn change_setting(world: &mut World<'_>, table: usize) -> Result<(), String> {
    let units = json!({"ReadCapacityUnits": 5, "WriteCapacityUnits": 5});
    let of_index =
        |index: &Index| json!({"Update": {"IndexName": index.name, "ProvisionedThroughput": units}});
    let indexes = world.model.tables[table].indexes.iter().filter(|index| !index.local);
    let of_indexes: Vec<Json> = indexes.map(of_index).collect();
    let switched = json!({
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": units, "GlobalSecondaryIndexUpdates": of_indexes
    });
    let on_demand = json!({"BillingMode": "PAY_PER_REQUEST"});
    match world.random.below(6) {
        0 => {
            update(world, table, switched)?;
            update(world, table, on_demand)
        }
        1 => update(world, table, json!({"OnDemandThroughput": {"MaxReadRequestUnits": 10}})),
        2 => update(world, table, json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"})),
        3 => {
            update(world, table, json!({"DeletionProtectionEnabled": true}))?;
            update(world, table, json!({"DeletionProtectionEnabled": false}))
        }
        4 => update(world, table, json!({"WarmThroughput": {"ReadUnitsPerSecond": 20_000}})),
        _ => switch_stream(world, table),
    }
}

fn switch_stream(world: &mut World<'_>, table: usize) -> Result<(), String> {
    let is_on = described(world, table)?.get("StreamSpecification").is_some();
    let stream = match is_on {
        true => json!({"StreamEnabled": false}),
        false => json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}),
    };
    update(world, table, json!({"StreamSpecification": stream}))
}

pub fn update(world: &mut World<'_>, table: usize, mut change: Json) -> Result<(), String> {
    change["TableName"] = json!(world.model.tables[table].name);
    world.call("UpdateTable", &change).map(|_| ()).map_err(|refused| refused.body.to_string())
}

pub fn described(world: &mut World<'_>, table: usize) -> Result<Json, String> {
    let name = json!({"TableName": world.model.tables[table].name});
    let mut answer = world.call("DescribeTable", &name).map_err(|refused| refused.body.to_string())?;
    Ok(answer["Table"].take())
}

fn of<'d>(described: &'d Json, index: &Index) -> Option<&'d Json> {
    let list = described["GlobalSecondaryIndexes"].as_array()?;
    list.iter().find(|told| told["IndexName"] == json!(index.name))
}

#[expect(clippy::disallowed_methods, reason = "a job behind requests tells no client when it is done")]
fn wait(world: &mut World<'_>, table: usize, is_done: impl Fn(&Json) -> bool) -> Result<(), String> {
    for _ in 0..LOOKS_MAX {
        let described = described(world, table)?;
        if is_done(&described) && described["TableStatus"] == "ACTIVE" {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err("the change is never done".to_owned())
}
