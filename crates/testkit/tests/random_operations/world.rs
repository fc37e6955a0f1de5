//! One account with its tables, the model of them and the random sequence: draws an operation, sends it, compares.

use crate::client::{Client, Refused, same};
use crate::model::{Model, Units};
use crate::random::Random;
use crate::schema::Table;
use crate::transactions::Remembered;
use crate::value::Item;
use crate::{batches, changes, pages, transactions, writes};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use testkit::Target;

/// A world.
pub struct World<'a> {
    pub client: Client<'a>,
    pub model: Model,
    pub random: Random,
    /// Transactions done under a token.
    pub tokens: Vec<Remembered>,
    /// Counts of what the run covered, so that a run that covers too little fails.
    pub seen: BTreeMap<String, usize>,
    /// What was sent last, for the report.
    pub last: String,
}

impl<'a> World<'a> {
    /// Makes the tables.
    pub fn new(target: &'a dyn Target, account: u64, seed: u64) -> Self {
        let mut world = World {
            client: Client::new(target, account),
            model: Model::new(),
            random: Random::new(seed),
            tokens: vec![],
            seen: BTreeMap::new(),
            last: String::new(),
        };
        let bodies: Vec<_> = world.model.tables.iter().map(|table| table.create()).collect();
        for body in bodies {
            world.call("CreateTable", &body).expect("a table can be made");
        }
        world
    }

    /// Sends an operation, and counts how it went.
    pub fn call(&mut self, operation: &str, body: &Json) -> Result<Json, Refused> {
        self.last = body.to_string();
        let answer = self.client.call(operation, &self.last);
        self.last.insert_str(0, &format!("{operation} "));
        let outcome = match &answer {
            Ok(_) => "done".to_owned(),
            Err(refused) => format!("{}: {:.60}", refused.code, refused.message),
        };
        *self.seen.entry(format!("{operation} {outcome}")).or_default() += 1;
        answer
    }

    /// Throws this many requests; every so many of them the server is restarted.
    pub fn run(&mut self, requests: usize, restart_every: usize) -> Result<(), String> {
        let mut restart_at = restart_every;
        while self.client.sent < requests {
            self.step()
                .map_err(|difference| format!("request {}: {}\n{difference}", self.client.sent, self.last))?;
            if self.client.sent >= restart_at {
                restart_at = self.client.sent + restart_every;
                self.client.restart();
                self.check_tables()?;
            }
        }
        self.check_tables()
    }

    fn step(&mut self) -> Result<(), String> {
        if self.random.below(2_000) == 0 {
            return self.recreate();
        }
        if self.random.below(500) == 0 {
            return changes::change(self);
        }
        match self.random.below(100) {
            0..=21 => writes::put(self),
            22..=47 => writes::update(self),
            48..=54 => writes::delete(self),
            55..=66 => pages::get(self),
            67..=78 => pages::query(self),
            79..=80 => pages::scan(self),
            81..=85 => batches::write(self),
            86..=89 => batches::get(self),
            90..=96 => transactions::write(self),
            _ => transactions::get(self),
        }
    }

    /// Deletes a table and makes it anew: nothing of it is left.
    fn recreate(&mut self) -> Result<(), String> {
        let table = self.table();
        let schema = &self.model.tables[table];
        let (name, create) = (json!({"TableName": schema.name}), schema.create());
        self.model.items[table].clear();
        self.tokens.clear();
        self.call("DeleteTable", &name).map_err(|refused| refused.body.to_string())?;
        self.call("CreateTable", &create).map_err(|refused| refused.body.to_string())?;
        self.check_description(table)?;
        pages::check_all(self, table)
    }

    /// A random table.
    pub fn table(&mut self) -> usize {
        self.random.pick(&[0, 1, 1, 1, 2])
    }

    /// Compares what DescribeTable counts, and every item.
    fn check_tables(&mut self) -> Result<(), String> {
        (0..self.model.tables.len()).try_for_each(|table| {
            self.check_description(table)?;
            pages::check_all(self, table)
        })
    }

    /// Compares what DescribeTable counts.
    pub fn check_description(&mut self, table: usize) -> Result<(), String> {
        let answer = self.call("DescribeTable", &json!({"TableName": self.model.tables[table].name}));
        let described = answer.map_err(|refused| refused.body.to_string())?["Table"].take();
        let schema = &self.model.tables[table];
        let items: Vec<_> = self.model.items[table].values().collect();
        let figures = |items: Vec<&Item>| {
            (items.len() as u64, items.iter().map(|item| crate::value::item_size(item) as u64).sum::<u64>())
        };
        let told = |json: &Json, bytes: &str| {
            (json["ItemCount"].as_u64().unwrap_or(u64::MAX), json[bytes].as_u64().unwrap_or(u64::MAX))
        };
        same("items and bytes of the table", figures(items.clone()), told(&described, "TableSizeBytes"))?;
        for index in &schema.indexes {
            let entries: Vec<_> = items.iter().filter_map(|item| index.entry(schema, item)).collect();
            let list = if index.local { "LocalSecondaryIndexes" } else { "GlobalSecondaryIndexes" };
            let described = described[list]
                .as_array()
                .and_then(|list| list.iter().find(|described| described["IndexName"] == json!(index.name)));
            let told = told(described.unwrap_or(&Json::Null), "IndexSizeBytes");
            same(index.name, figures(entries.iter().collect()), told)?;
        }
        Ok(())
    }
}

/// ReturnConsumedCapacity: none, total, or by index.
pub fn random_report(random: &mut Random) -> Option<&'static str> {
    random.pick(&[None, Some("TOTAL"), Some("INDEXES")])
}

/// Compares the capacity of one table in an answer with what was requested.
pub fn check_capacity(
    answer: &Json,
    report: Option<&str>,
    table: &Table,
    units: &Units,
) -> Result<(), String> {
    let expected = report.map(|report| {
        let mut map = BTreeMap::from([("CapacityUnits".to_owned(), units.total())]);
        if report == "INDEXES" {
            map.insert("Table".to_owned(), units.table);
            map.extend(units.indexes.iter().map(|(name, units)| {
                let is_local = table.indexes.iter().any(|index| index.name == *name && index.local);
                let kind = if is_local { "LocalSecondaryIndexes" } else { "GlobalSecondaryIndexes" };
                (format!("{kind}.{name}"), *units)
            }));
        }
        (json!(table.name), map)
    });
    let told = answer.get("ConsumedCapacity").map(|told| (told["TableName"].clone(), figures(told)));
    same("ConsumedCapacity", expected, told)
}

/// Every figure of a report by its place; what does not belong there is kept, and differs.
fn figures(told: &Json) -> BTreeMap<String, f64> {
    let units = |json: &Json| json["CapacityUnits"].as_f64().unwrap_or(-1.0);
    let of_member = |(member, value): (&String, &Json)| match (member.as_str(), value.as_object()) {
        ("TableName", _) => vec![],
        ("Table", _) => vec![(member.clone(), units(value))],
        (_, None) => vec![(member.clone(), value.as_f64().unwrap_or(-1.0))],
        (_, Some(indexes)) => {
            indexes.iter().map(|(name, value)| (format!("{member}.{name}"), units(value))).collect()
        }
    };
    told.as_object().into_iter().flatten().flat_map(of_member).collect()
}
