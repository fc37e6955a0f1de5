//! GetItem, Query and Scan. Where DynamoDB leaves the order open (partitions of a scan, equal keys of an
//! index) the model has groups of rows that may come in any order.

use crate::client::{members, same};
use crate::condition::{Condition, begins_with, compare};
use crate::generate;
use crate::model::{Action, Units, Write, read_units};
use crate::path::{Path, first_name, project, top};
use crate::random::Random;
use crate::schema::{Attribute, Index, Table, values};
use crate::text::Text;
use crate::value::{Item, Value, item_from_json, item_json, item_size};
use crate::world::{World, check_capacity, random_report};
use serde_json::{Map, Value as Json, json};

/// A random GetItem.
pub fn get(world: &mut World<'_>) -> Result<(), String> {
    let table = world.table();
    let schema = &world.model.tables[table];
    let name = schema.name;
    let key = generate::key(&mut world.random, schema);
    let names: Vec<_> =
        schema.index_attributes().iter().map(|(name, _)| *name).chain(generate::FREE).collect();
    let projection = world.random.maybe(50, |random| generate::paths(random, &names, 4));
    let (consistent, report) = (world.random.chance(50), random_report(&mut world.random));
    let mut body = Map::new();
    body.insert("TableName".into(), json!(name));
    body.insert("Key".into(), item_json(&key));
    body.insert("ConsistentRead".into(), json!(consistent));
    if let Some(paths) = &projection {
        let mut text = Text::new(&mut world.random);
        body.insert("ProjectionExpression".into(), json!(text.paths(paths)));
        text.finish(&mut body);
    }
    body.extend(report.map(|report| ("ReturnConsumedCapacity".to_owned(), json!(report))));
    let answer = world.call("GetItem", &Json::Object(body)).map_err(|refused| refused.body.to_string())?;
    let item = world.model.item(table, &key);
    let shown = item.map(|item| match &projection {
        Some(paths) => project(item, paths),
        None => item.clone(),
    });
    same("Item", shown, answer.get("Item").map(item_from_json).transpose()?)?;
    let units = Units::of_table(read_units(item.map_or(0, item_size), consistent));
    check_capacity(&answer, report, &world.model.tables[table], &units)
}

/// The operator of a condition on a sort key.
struct RangeCondition {
    attribute: Attribute,
    relation: &'static str,
    low: Value,
    high: Value,
}

impl RangeCondition {
    fn random(world: &mut World<'_>, attribute: Attribute, relations: &[&'static str]) -> Self {
        let mut relation = world.random.pick(relations);
        if relation == "begins_with" && attribute.1 == "N" {
            relation = ">=";
        }
        let a = generate::key_value(&mut world.random, attribute);
        let b = generate::key_value(&mut world.random, attribute);
        let (low, high) = if relation == "BETWEEN" && a > b { (b, a) } else { (a, b) };
        RangeCondition { attribute, relation, low, high }
    }

    fn holds(&self, item: &Item) -> bool {
        let value = || item.get(self.attribute.0).cloned();
        let low = || Some(self.low.clone());
        match self.relation {
            "begins_with" => begins_with(value(), low()),
            "BETWEEN" => compare(value(), ">=", low()) && compare(value(), "<=", Some(self.high.clone())),
            relation => compare(value(), relation, low()),
        }
    }

    fn text(&self, text: &mut Text<'_>) -> String {
        let (name, low) = (text.name(self.attribute.0), text.value(&self.low));
        match self.relation {
            "begins_with" => format!("begins_with({name}, {low})"),
            "BETWEEN" => format!("{name} BETWEEN {low} AND {}", text.value(&self.high)),
            relation => format!("{name} {relation} {low}"),
        }
    }
}

/// A row: what a table or index holds of an item, and the item.
struct Row {
    held: Item,
    base: Item,
}

/// A walk over pages.
struct Walk {
    operation: &'static str,
    table: usize,
    index: Option<usize>,
    body: Map<String, Json>,
    /// The rows to come, in groups.
    groups: Vec<Vec<Row>>,
    filter: Option<Condition>,
    projection: Option<Vec<Path>>,
    /// Whether items are fetched from the table.
    fetches: bool,
    /// Whether attributes are requested that the index does not hold.
    all: bool,
    counts: bool,
    consistent: bool,
    report: Option<&'static str>,
    limit: Option<usize>,
    segments: usize,
}

/// A random Query, to its last page.
pub fn query(world: &mut World<'_>) -> Result<(), String> {
    let table = world.table();
    let index = random_index(world, table);
    let (hash, range) = key_of(world, table, index);
    let mut conditions = vec![];
    for attribute in &hash {
        conditions.push(RangeCondition::random(world, *attribute, &["="]));
    }
    let depth =
        if range.is_empty() || world.random.chance(40) { 0 } else { 1 + world.random.below(range.len()) };
    for (at, attribute) in range.iter().take(depth).enumerate() {
        let all = ["=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"];
        let relations = if at + 1 < depth { &all[..1] } else { &all };
        conditions.push(RangeCondition::random(world, *attribute, relations));
    }
    let backward = world.random.chance(50);
    let mut rows = rows(world, table, index, &conditions);
    rows.sort_by_key(|row| values(&row.held, &range));
    if backward {
        rows.reverse();
    }
    let groups = grouped(rows, |row| values(&row.held, &range));
    let own: Vec<_> = hash.iter().chain(&range).map(|(name, _)| *name).collect();
    let mut walk = walk(world, "Query", table, index, groups, &own);
    if backward || world.random.chance(20) {
        walk.body.insert("ScanIndexForward".into(), json!(!backward));
    }
    if world.random.chance(30) {
        conditions.reverse();
    }
    express(world, &mut walk, Some(&conditions));
    walk.follow(world)
}

/// A random Scan, to the last page of its last segment.
pub fn scan(world: &mut World<'_>) -> Result<(), String> {
    let table = world.table();
    let index = random_index(world, table);
    let groups = vec![rows(world, table, index, &[])];
    let mut walk = walk(world, "Scan", table, index, groups, &[]);
    walk.segments = if world.random.chance(30) { 1 + world.random.below(4) } else { 0 };
    express(world, &mut walk, None);
    walk.follow(world)
}

/// Compares every item of a table, and of each of its indexes.
pub fn check_all(world: &mut World<'_>, table: usize) -> Result<(), String> {
    let indexes = world.model.tables[table].indexes.len();
    for index in std::iter::once(None).chain((0..indexes).map(Some)) {
        let groups = vec![rows(world, table, index, &[])];
        let mut walk = walk(world, "Scan", table, index, groups, &[]);
        (walk.filter, walk.projection) = (None, None);
        (walk.counts, walk.fetches, walk.all) = (false, false, false);
        for member in ["Select", "Limit"] {
            walk.body.remove(member);
        }
        walk.limit = None;
        walk.follow(world)?;
    }
    Ok(())
}

fn random_index(world: &mut World<'_>, table: usize) -> Option<usize> {
    let count = world.model.tables[table].indexes.len();
    world.random.maybe(if count == 0 { 0 } else { 75 }, |random| random.below(count))
}

fn key_of(world: &World<'_>, table: usize, index: Option<usize>) -> (Vec<Attribute>, Vec<Attribute>) {
    let table = &world.model.tables[table];
    match index {
        Some(index) => (table.indexes[index].hash.clone(), table.indexes[index].range.clone()),
        None => (vec![table.hash], table.range.into_iter().collect()),
    }
}

/// What a table or index holds of the items for which all conditions hold.
fn rows(world: &World<'_>, table: usize, index: Option<usize>, conditions: &[RangeCondition]) -> Vec<Row> {
    let schema = &world.model.tables[table];
    let held = |item: &Item| match index {
        Some(index) => schema.indexes[index].entry(schema, item),
        None => Some(item.clone()),
    };
    let is_asked = |item: &&Item| conditions.iter().all(|condition| condition.holds(item));
    let items = world.model.items[table].values();
    items.filter(is_asked).filter_map(|item| Some(Row { held: held(item)?, base: item.clone() })).collect()
}

fn grouped(rows: Vec<Row>, key: impl Fn(&Row) -> Vec<Value>) -> Vec<Vec<Row>> {
    let mut groups: Vec<Vec<Row>> = vec![];
    for row in rows {
        match groups.last_mut() {
            Some(group) if key(&group[0]) == key(&row) => group.push(row),
            _ => groups.push(vec![row]),
        }
    }
    groups
}

/// A walk with random options. The filter of a Query names none of its own key attributes; on an index that cannot
/// fetch, only attributes that it holds are requested.
fn walk(
    world: &mut World<'_>,
    operation: &'static str,
    table: usize,
    index: Option<usize>,
    groups: Vec<Vec<Row>>,
    own: &[&str],
) -> Walk {
    let schema = &world.model.tables[table];
    let chosen: Option<&Index> = index.map(|index| &schema.indexes[index]);
    let keys = [schema.key(), schema.index_attributes()].concat();
    let every: Vec<_> = keys.iter().map(|(name, _)| *name).chain(generate::FREE).collect();
    let is_held = |name: &&str| chosen.is_none_or(|index| index.holds(schema, name));
    let held: Vec<_> = every.iter().copied().filter(is_held).collect();
    let can_fetch = chosen.is_some_and(|index| index.local);
    let readable = if can_fetch { &every } else { &held };
    // What a Query filters by the index holds; a Scan takes the rest for absent.
    let filtered = if operation == "Query" { &held } else { &every };
    let filterable: Vec<_> = filtered.iter().copied().filter(|name| !own.contains(name)).collect();
    let random = &mut world.random;
    let filter = random.maybe(if filterable.is_empty() { 0 } else { 35 }, |random| {
        generate::condition(random, &filterable, 1)
    });
    let projection = random.maybe(35, |random| {
        let mut paths = generate::paths(random, readable, 3);
        paths.iter_mut().filter(|path| !generate::FREE.contains(&first_name(path))).for_each(|path| {
            *path = top(first_name(path));
        });
        paths
    });
    let counts = projection.is_none() && random.chance(10);
    let all = !counts && projection.is_none() && can_fetch && random.chance(20);
    let lacks = |path: &Path| chosen.is_some_and(|index| !index.holds(schema, first_name(path)));
    let fetches = all || projection.as_ref().is_some_and(|paths| paths.iter().any(lacks));
    let consistent = chosen.is_none_or(|index| index.local) && random.chance(50);
    let limit = random.maybe(50, |random| 1 + random.below(6));
    let report = random_report(random);
    let mut body = Map::new();
    body.insert("TableName".into(), json!(schema.name));
    let select = if counts { Some("COUNT") } else { all.then_some("ALL_ATTRIBUTES") };
    let options = [
        ("IndexName", chosen.map(|index| json!(index.name))),
        ("ConsistentRead", consistent.then_some(json!(true))),
        ("Limit", limit.map(|limit| json!(limit))),
        ("ReturnConsumedCapacity", report.map(|report| json!(report))),
        ("Select", select.map(|select| json!(select))),
    ];
    for (name, value) in options {
        body.extend(value.map(|value| (name.to_owned(), value)));
    }
    Walk {
        operation,
        table,
        index,
        body,
        groups,
        filter,
        projection,
        fetches,
        all,
        counts,
        consistent,
        report,
        limit,
        segments: 0,
    }
}

fn express(world: &mut World<'_>, walk: &mut Walk, key: Option<&[RangeCondition]>) {
    let mut text = Text::new(&mut world.random);
    if let Some(conditions) = key {
        let parts: Vec<_> = conditions.iter().map(|condition| condition.text(&mut text)).collect();
        walk.body.insert("KeyConditionExpression".into(), json!(parts.join(" AND ")));
    }
    if let Some(filter) = &walk.filter {
        walk.body.insert("FilterExpression".into(), json!(filter.text(&mut text)));
    }
    if let Some(paths) = &walk.projection {
        walk.body.insert("ProjectionExpression".into(), json!(text.paths(paths)));
    }
    text.finish(&mut walk.body);
}

/// A page as it came.
struct Page {
    answer: Json,
    items: Vec<Item>,
    scanned: usize,
    last: Option<Item>,
}

impl Walk {
    /// Reads all pages, compares each, then all items together.
    fn follow(&self, world: &mut World<'_>) -> Result<(), String> {
        let total: usize = self.groups.iter().map(Vec::len).sum();
        let (mut items, mut scanned, mut dice) = (vec![], 0, world.random.fork());
        for segment in 0..self.segments.max(1) {
            let mut start = None;
            loop {
                let page = self.read(world, segment, start.take())?;
                self.check_page(world, &page, total.saturating_sub(scanned))?;
                scanned += page.scanned;
                items.extend(page.items);
                if scanned > total {
                    return Err(format!("{scanned} rows of {total}"));
                }
                match page.last {
                    Some(last) => {
                        self.maybe_delete(world, &mut dice, &last)?;
                        start = Some(last);
                    }
                    None => break,
                }
            }
        }
        same("rows walked over", total, scanned)?;
        if self.counts { Ok(()) } else { self.check_items(items) }
    }

    fn read(&self, world: &mut World<'_>, segment: usize, start: Option<Item>) -> Result<Page, String> {
        let mut body = self.body.clone();
        if self.segments > 0 {
            body.insert("Segment".into(), json!(segment));
            body.insert("TotalSegments".into(), json!(self.segments));
        }
        body.extend(start.map(|start| ("ExclusiveStartKey".to_owned(), item_json(&start))));
        let answer = world.call(self.operation, &Json::Object(body));
        let answer = answer.map_err(|refused| refused.body.to_string())?;
        let items = answer["Items"].as_array().into_iter().flatten().map(item_from_json);
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            scanned: answer["ScannedCount"].as_u64().ok_or("no ScannedCount")? as usize,
            last: answer.get("LastEvaluatedKey").map(item_from_json).transpose()?,
            answer,
        })
    }

    fn check_page(&self, world: &World<'_>, page: &Page, rest: usize) -> Result<(), String> {
        let count = page.answer["Count"].as_u64().ok_or("no Count")? as usize;
        let mut expected = vec!["Count", "ScannedCount"];
        expected.extend(self.report.map(|_| "ConsumedCapacity"));
        expected.extend((!self.counts).then_some("Items"));
        expected.extend(page.last.as_ref().map(|_| "LastEvaluatedKey"));
        expected.sort_unstable();
        same("members", expected, members(&page.answer))?;
        if !self.counts {
            same("Count", page.items.len(), count)?;
        }
        let most = self.limit.unwrap_or(usize::MAX).min(rest);
        if self.segments == 0 {
            same("ScannedCount", most, page.scanned)?;
        }
        let goes_on = Some(page.scanned) == self.limit && !self.is_of_single_item(world);
        same("a last key where the limit is filled", goes_on, page.last.is_some())?;
        if let Some(last) = &page.last {
            self.check_last_key(world, last)?;
        }
        let is_whole = self.segments == 0 && page.scanned == self.groups.iter().map(Vec::len).sum::<usize>();
        let table = &world.model.tables[self.table];
        match self.units(table, page, is_whole) {
            Some(units) => check_capacity(&page.answer, self.report, table, &units),
            None => Ok(()),
        }
    }

    /// A Query of a table without sort key finds one item at most and has no last key.
    fn is_of_single_item(&self, world: &World<'_>) -> bool {
        let table = &world.model.tables[self.table];
        self.operation == "Query" && self.index.is_none() && table.range.is_none()
    }

    fn check_last_key(&self, world: &World<'_>, last: &Item) -> Result<(), String> {
        let table = &world.model.tables[self.table];
        let index = self.index.iter().flat_map(|index| table.indexes[*index].key());
        let attributes: Vec<_> = table.key().into_iter().chain(index).collect();
        let item = world.model.item(self.table, &table.key_of(last)).ok_or("a last key of no item")?;
        same("LastEvaluatedKey", &crate::schema::only(item, &attributes), last)
    }

    /// The units of the page, if the answer or the model shows what was evaluated.
    fn units(&self, table: &Table, page: &Page, is_whole: bool) -> Option<Units> {
        let is_plain = self.filter.is_none() && self.projection.is_none() && !self.counts && !self.fetches;
        let rows = || self.groups.iter().flatten();
        let held: usize = match (is_whole, is_plain) {
            (true, _) => rows().map(|row| item_size(&row.held)).sum(),
            (false, true) => page.items.iter().map(item_size).sum(),
            _ => return None,
        };
        let units = |bytes| read_units(bytes, self.consistent);
        let fetched = rows().filter(|_| self.fetches).map(|row| units(item_size(&row.base))).sum();
        Some(match self.index {
            None => Units::of_table(units(held)),
            Some(index) => {
                Units { table: fetched, indexes: [(table.indexes[index].name, units(held))].into() }
            }
        })
    }

    /// Sometimes deletes the item a page ended with before requesting the next page: only where the order is known, so
    /// that the same seed deletes the same items.
    fn maybe_delete(&self, world: &mut World<'_>, dice: &mut Random, last: &Item) -> Result<(), String> {
        if self.groups.iter().any(|group| group.len() > 1) || !dice.chance(10) {
            return Ok(());
        }
        let table = &world.model.tables[self.table];
        let (name, key) = (table.name, table.key_of(last));
        let body = json!({"TableName": name, "Key": item_json(&key)});
        world.call("DeleteItem", &body).map_err(|refused| refused.body.to_string())?;
        let write = Write { table: self.table, key, action: Action::Delete, condition: None };
        let change = world.model.judge(&write).map_err(|refusal| format!("{refusal:?}"))?;
        world.model.commit(&write, &change);
        Ok(())
    }

    fn shown(&self, row: &Row) -> Option<Item> {
        let item = if self.fetches { &row.base } else { &row.held };
        let passes = self.filter.as_ref().is_none_or(|filter| filter.holds(&row.held));
        let whole = if self.all { &row.base } else { &row.held };
        let shown = || self.projection.as_ref().map_or_else(|| whole.clone(), |paths| project(item, paths));
        passes.then(shown)
    }

    fn check_items(&self, items: Vec<Item>) -> Result<(), String> {
        let mut items = items.into_iter();
        for group in &self.groups {
            let mut expected: Vec<_> = group.iter().filter_map(|row| self.shown(row)).collect();
            let mut actual: Vec<_> = items.by_ref().take(expected.len()).collect();
            expected.sort();
            actual.sort();
            same("Items", expected, actual)?;
        }
        same("Items that are too many", vec![], items.collect::<Vec<Item>>())
    }
}
