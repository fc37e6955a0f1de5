//! TransactWriteItems, with tokens and replays, and TransactGetItems.

use crate::batches::{check_capacities, keys};
use crate::client::{Refused, same};
use crate::generate;
use crate::model::{Action, CONDITION, Change, Refusal, Write, read_units};
use crate::path::project;
use crate::text::Text;
use crate::value::{Item, item_from_json, item_json, item_size};
use crate::world::World;
use crate::writes::{body, maybe_condition};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// A transaction that was done under a token.
pub struct Remembered {
    token: String,
    actions: Vec<Json>,
    /// For each table the read units a replay costs.
    replay: BTreeMap<&'static str, f64>,
}

const NO_REASON: (&str, &str) = ("None", "");

/// A random TransactWriteItems, new or repeated.
pub fn write(world: &mut World<'_>) -> Result<(), String> {
    if !world.tokens.is_empty() && world.random.chance(15) { replay(world) } else { fresh(world) }
}

struct Draft {
    writes: Vec<Write>,
    actions: Vec<Json>,
    /// Which of the actions request the old item.
    old_on_failure: Vec<bool>,
}

fn draft(world: &mut World<'_>) -> Draft {
    let count = 1 + world.random.below(5);
    let mut draft = Draft { writes: vec![], actions: vec![], old_on_failure: vec![] };
    for (table, key) in keys(world, count) {
        let mut percent = 20;
        let schema = &world.model.tables[table];
        let (name, action) = match world.random.below(10) {
            0..=3 => ("Put", Action::Put(generate::item(&mut world.random, schema, key.clone(), false))),
            4..=6 => ("Update", Action::Update(Some(generate::update(&mut world.random, schema)))),
            7..=8 => ("Delete", Action::Delete),
            _ => {
                percent = 100;
                ("ConditionCheck", Action::Check)
            }
        };
        let condition = maybe_condition(world, table, percent);
        let write = Write { table, key, action, condition };
        let mut action = body(world, &write);
        let old_on_failure = world.random.chance(30);
        if old_on_failure {
            action.insert("ReturnValuesOnConditionCheckFailure".into(), json!("ALL_OLD"));
        }
        draft.actions.push(json!({name: action}));
        draft.writes.push(write);
        draft.old_on_failure.push(old_on_failure);
    }
    draft
}

fn send(world: &mut World<'_>, actions: &[Json], token: Option<&str>, told: bool) -> Result<Json, Refused> {
    let mut body = json!({"TransactItems": actions});
    if let Some(token) = token {
        body["ClientRequestToken"] = json!(token);
    }
    if told {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
    }
    world.call("TransactWriteItems", &body)
}

fn fresh(world: &mut World<'_>) -> Result<(), String> {
    let draft = draft(world);
    let judged: Vec<_> = draft.writes.iter().map(|write| world.model.judge(write)).collect();
    let told = world.random.chance(50);
    let number = world.client.sent;
    let token = world.random.maybe(40, |_| format!("token-{number}"));
    let answer = send(world, &draft.actions, token.as_deref(), told);
    if judged.iter().any(Result::is_err) {
        let refused = answer.err().ok_or("should have been cancelled")?;
        return check_reasons(world, &draft, &judged, &refused);
    }
    let answer = answer.map_err(|refused| format!("should have been done, was refused: {}", refused.body))?;
    let changes: Vec<_> = judged.into_iter().filter_map(Result::ok).collect();
    let (mut units, mut replay) = (BTreeMap::new(), BTreeMap::new());
    for (write, change) in draft.writes.iter().zip(&changes) {
        let cost = world.model.write_units(write.table, change);
        let name = world.model.tables[write.table].name;
        *units.entry(name).or_insert(0.0) += cost.total() + cost.table;
        let bytes = [&change.old, &change.new].map(|item| item.as_ref().map_or(0, item_size));
        *replay.entry(name).or_insert(0.0) += 2.0 * read_units(bytes[0].max(bytes[1]), true);
        world.model.commit(write, change);
    }
    if let Some(token) = token {
        world.tokens.push(Remembered { token, actions: draft.actions, replay });
    }
    check_capacities(&answer, told.then_some(units))
}

fn check_reasons(
    world: &World<'_>,
    draft: &Draft,
    judged: &[Result<Change, Refusal>],
    refused: &Refused,
) -> Result<(), String> {
    same("code", "TransactionCanceledException", refused.code.as_str())?;
    let reasons = refused.body["CancellationReasons"].as_array().ok_or("no reasons")?;
    same("number of reasons", judged.len(), reasons.len())?;
    for (at, reason) in reasons.iter().enumerate() {
        let code = reason["Code"].as_str().unwrap_or_default();
        let message = reason["Message"].as_str().unwrap_or_default();
        let expected: Refusal = match &judged[at] {
            Ok(_) => vec![NO_REASON],
            Err(refusal) => refusal.iter().map(|one| as_reason(*one)).collect(),
        };
        if !expected.iter().any(|(known, part)| *known == code && message.contains(part)) {
            return Err(format!("reason {at}: expected one of {expected:?}, got {reason}"));
        }
        let write = &draft.writes[at];
        let is_shown = code == "ConditionalCheckFailed" && draft.old_on_failure[at];
        let old = world.model.item(write.table, &write.key).filter(|_| is_shown);
        same("Item of a reason", old.cloned(), reason.get("Item").map(item_from_json).transpose()?)?;
    }
    Ok(())
}

fn as_reason(refusal: (&'static str, &'static str)) -> (&'static str, &'static str) {
    let code = if refusal == CONDITION { "ConditionalCheckFailed" } else { "ValidationError" };
    (code, refusal.1)
}

/// The same token again: with the same actions nothing is done, with others it is refused.
fn replay(world: &mut World<'_>) -> Result<(), String> {
    let (told, is_changed) = (world.random.chance(50), world.random.chance(30));
    let at = world.random.below(world.tokens.len());
    let remembered = &world.tokens[at];
    let (token, replay) = (remembered.token.clone(), remembered.replay.clone());
    let mut actions = remembered.actions.clone();
    if is_changed {
        actions.push(json!({"Delete": {"TableName": "plain", "Key": {"p": {"S": "only here"}}}}));
    }
    match send(world, &actions, Some(&token), told) {
        Err(refused) if is_changed => {
            refused.expect(&vec![("IdempotentParameterMismatchException", "idempotent token")])
        }
        Ok(answer) if !is_changed => check_capacities(&answer, told.then_some(replay)),
        other => Err(format!("a token again, changed: {is_changed}: {other:?}")),
    }
}

/// A random TransactGetItems.
pub fn get(world: &mut World<'_>) -> Result<(), String> {
    let count = 1 + world.random.below(6);
    let (mut gets, mut units, mut expected) = (vec![], BTreeMap::new(), vec![]);
    for (table, key) in keys(world, count) {
        let name = world.model.tables[table].name;
        let mut get = Map::new();
        get.insert("TableName".into(), json!(name));
        get.insert("Key".into(), item_json(&key));
        let projection = world.random.maybe(30, |random| generate::paths(random, &generate::FREE, 3));
        if let Some(paths) = &projection {
            let mut text = Text::new(&mut world.random);
            get.insert("ProjectionExpression".into(), json!(text.paths(paths)));
            text.finish(&mut get);
        }
        gets.push(json!({"Get": get}));
        let item = world.model.item(table, &key);
        *units.entry(name).or_insert(0.0) += 2.0 * read_units(item.map_or(0, item_size), true);
        let shown = item.map(|item| projection.map_or_else(|| item.clone(), |paths| project(item, &paths)));
        expected.push(shown.filter(|item| !item.is_empty()));
    }
    let told = world.random.chance(50);
    let mut body = json!({"TransactItems": gets});
    if told {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
    }
    let answer = world.call("TransactGetItems", &body).map_err(|refused| refused.body.to_string())?;
    let responses = answer["Responses"].as_array().ok_or("no Responses")?;
    let items = responses.iter().map(|response| response.get("Item").map(item_from_json).transpose());
    same("Responses", expected, items.collect::<Result<Vec<Option<Item>>, _>>()?)?;
    check_capacities(&answer, told.then_some(units))
}
