//! What the tables hold and what a write makes of it, item by item.

use crate::condition::Condition;
use crate::schema::{Table, tables, values};
use crate::update::Update;
use crate::value::{Item, Value, item_size};
use std::collections::BTreeMap;

/// What is held: for each table its items by the values of their keys.
pub struct Model {
    pub tables: Vec<Table>,
    pub items: Vec<BTreeMap<Vec<Value>, Item>>,
    /// Deliberately wrong: puts are merged into the item that is there. For the test of the test.
    pub puts_merge: bool,
}

/// One action on one item.
pub struct Write {
    pub table: usize,
    pub key: Item,
    pub action: Action,
    pub condition: Option<Condition>,
}

/// What is done.
pub enum Action {
    Put(Item),
    Update(Option<Update>),
    Delete,
    Check,
}

/// What a write made.
pub struct Change {
    pub old: Option<Item>,
    pub new: Option<Item>,
    pub updated_old: Item,
    pub updated_new: Item,
}

/// The capacity of one table and of those of its indexes that took part.
#[derive(Debug, Clone, Default)]
pub struct Units {
    pub table: f64,
    pub indexes: BTreeMap<&'static str, f64>,
}

impl Units {
    /// Of the table alone.
    pub fn of_table(table: f64) -> Units {
        Units { table, indexes: BTreeMap::new() }
    }

    /// All together.
    pub fn total(&self) -> f64 {
        self.table + self.indexes.values().sum::<f64>()
    }
}

/// Acceptable refusals: pairs of a code and a part of the message.
pub type Refusal = Vec<(&'static str, &'static str)>;

/// The refusal of a condition.
pub const CONDITION: (&str, &str) = ("ConditionalCheckFailedException", "The conditional request failed");

impl Model {
    /// Empty tables.
    pub fn new() -> Self {
        let tables = tables();
        let items = tables.iter().map(|_| BTreeMap::new()).collect();
        Model { tables, items, puts_merge: false }
    }

    /// The item of this key.
    pub fn item(&self, table: usize, key: &Item) -> Option<&Item> {
        self.items[table].get(&values(key, &self.tables[table].key()))
    }

    /// What a write would make of the item it is for.
    pub fn judge(&self, write: &Write) -> Result<Change, Refusal> {
        let old = self.item(write.table, &write.key).cloned();
        let nothing = Item::new();
        let old_or_nothing = old.as_ref().unwrap_or(&nothing);
        let table = &self.tables[write.table];
        let mut refusal = Refusal::new();
        if let Action::Put(item) = &write.action {
            refusal.extend(table.index_fault(None, item).map(|part| ("ValidationException", part)));
        }
        if write.condition.as_ref().is_some_and(|condition| !condition.holds(old_or_nothing)) {
            refusal.push(CONDITION);
        }
        if !refusal.is_empty() {
            return Err(refusal);
        }
        let mut change =
            Change { old: old.clone(), new: None, updated_old: Item::new(), updated_new: Item::new() };
        match &write.action {
            Action::Put(item) if self.puts_merge => {
                change.new = Some(old_or_nothing.clone().into_iter().chain(item.clone()).collect());
            }
            Action::Put(item) => change.new = Some(item.clone()),
            Action::Delete => {}
            Action::Check => change.new = old,
            Action::Update(update) => self.update(write, update.as_ref(), &mut change)?,
        }
        Ok(change)
    }

    fn update(&self, write: &Write, update: Option<&Update>, change: &mut Change) -> Result<(), Refusal> {
        let before = change.old.as_ref().unwrap_or(&write.key);
        let Some(update) = update else {
            change.new = Some(before.clone());
            return Ok(());
        };
        if change.old.is_none() && update.only_removes() {
            return Ok(());
        }
        let validation = |part: &'static str| ("ValidationException", part);
        let done = update
            .apply(change.old.as_ref().unwrap_or(&Item::new()))
            .map_err(|parts| parts.into_iter().map(validation).collect::<Refusal>())?;
        let mut item = done.item;
        item.extend(write.key.clone());
        let faults = [
            (
                self.tables[write.table].index_fault(change.old.as_ref(), &item).is_some(),
                "One or more parameter values ",
            ),
            (item.values().any(|value| value.depth() > 31), "Nesting Levels have exceeded supported limits"),
            (item_size(&item) > 409_600, "Item size to update has exceeded the maximum allowed size"),
        ];
        let faults: Refusal =
            faults.iter().filter(|(found, _)| *found).map(|(_, part)| validation(part)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        (change.updated_old, change.updated_new) = (done.updated_old, done.updated_new);
        change.new = Some(item);
        Ok(())
    }

    /// Makes it so.
    pub fn commit(&mut self, write: &Write, change: &Change) {
        let key = values(&write.key, &self.tables[write.table].key());
        match &change.new {
            Some(item) => self.items[write.table].insert(key, item.clone()),
            None => self.items[write.table].remove(&key),
        };
    }

    /// The write units of a change.
    pub fn write_units(&self, table: usize, change: &Change) -> Units {
        let table = &self.tables[table];
        let size = |item: &Option<Item>| item.as_ref().map_or(0, item_size);
        let own = kilobytes(size(&change.old).max(size(&change.new)));
        let of_index = |index: &crate::schema::Index| {
            let entry = |item: &Option<Item>| item.as_ref().and_then(|item| index.entry(table, item));
            match (entry(&change.old), entry(&change.new)) {
                (None, None) => 0,
                (Some(one), None) | (None, Some(one)) => kilobytes(item_size(&one)),
                (Some(old), Some(new)) if old == new => 0,
                (Some(old), Some(new)) if values(&old, &index.key()) != values(&new, &index.key()) => {
                    kilobytes(item_size(&old)) + kilobytes(item_size(&new))
                }
                (Some(old), Some(new)) => kilobytes(item_size(&old).max(item_size(&new))),
            }
        };
        let indexes = table.indexes.iter().map(|index| (index.name, of_index(index) as f64));
        Units { table: own as f64, indexes: indexes.filter(|(_, units)| *units > 0.0).collect() }
    }
}

/// Write units of this many bytes.
pub fn kilobytes(bytes: usize) -> usize {
    bytes.div_ceil(1024).max(1)
}

/// Read units of this many bytes.
pub fn read_units(bytes: usize, consistent: bool) -> f64 {
    let blocks = bytes.div_ceil(4096).max(1) as f64;
    if consistent { blocks } else { blocks / 2.0 }
}
