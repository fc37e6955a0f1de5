//! The tables operations are thrown at: every type of key, local and global indexes, sparse ones, one with
//! several attributes to its keys.

use crate::value::{Item, Value};
use serde_json::{Value as Json, json};

/// A key attribute: its name and the tag of its type.
pub type Attribute = (&'static str, &'static str);

/// A table.
pub struct Table {
    pub name: &'static str,
    pub hash: Attribute,
    pub range: Option<Attribute>,
    pub indexes: Vec<Index>,
    /// Indexes that were removed, to be added again.
    pub removed: Vec<Index>,
}

/// An index.
pub struct Index {
    pub name: &'static str,
    pub local: bool,
    pub hash: Vec<Attribute>,
    pub range: Vec<Attribute>,
    pub projection: Projection,
}

/// What an index holds besides keys.
pub enum Projection {
    All,
    Keys,
    Include(Vec<&'static str>),
}

const P: Attribute = ("p", "S");
const Q: Attribute = ("q", "N");
const G: Attribute = ("g", "S");
const J: Attribute = ("j", "N");
const K: Attribute = ("k", "S");
const R: Attribute = ("r", "N");
const X: Attribute = ("x", "B");
const Y: Attribute = ("y", "N");
const Z: Attribute = ("z", "B");

/// All tables.
pub fn tables() -> Vec<Table> {
    use Projection::{All, Include, Keys};
    let index = |name, local, hash: &[Attribute], range: &[Attribute], projection| Index {
        name,
        local,
        hash: hash.to_vec(),
        range: range.to_vec(),
        projection,
    };
    vec![
        Table { name: "plain", hash: P, range: None, indexes: vec![], removed: vec![] },
        Table {
            name: "indexed",
            hash: P,
            range: Some(Q),
            indexes: vec![
                index("localKeys", true, &[P], &[K], Keys),
                index("localSome", true, &[P], &[J], Include(vec!["v", "n"])),
                index("globalAll", false, &[G], &[], All),
                index("globalSome", false, &[G], &[R], Include(vec!["m", "v"])),
                index("globalMany", false, &[G, J], &[K, R], Keys),
            ],
            removed: vec![],
        },
        Table {
            name: "binary",
            hash: Y,
            range: Some(Z),
            indexes: vec![
                index("swapped", false, &[Z], &[Y], Keys),
                index("byBytes", false, &[X], &[], All),
                index("localBytes", true, &[Y], &[X], Keys),
            ],
            removed: vec![],
        },
    ]
}

impl Table {
    /// The attributes of its key.
    pub fn key(&self) -> Vec<Attribute> {
        std::iter::once(self.hash).chain(self.range).collect()
    }

    /// The attributes of all its indexes' keys that are not of its own.
    pub fn index_attributes(&self) -> Vec<Attribute> {
        let own = self.key();
        let mut all: Vec<_> = self.indexes.iter().flat_map(Index::key).collect();
        all.retain(|attribute| !own.contains(attribute));
        all.sort();
        all.dedup();
        all
    }

    /// The attributes of keys of removed indexes alone: they may have any value.
    pub fn removed_attributes(&self) -> Vec<Attribute> {
        let known = [self.key(), self.index_attributes()].concat();
        let mut all: Vec<_> = self.removed.iter().flat_map(Index::key).collect();
        all.retain(|attribute| !known.contains(attribute));
        all.sort();
        all.dedup();
        all
    }

    /// What of an item is its key.
    pub fn key_of(&self, item: &Item) -> Item {
        only(item, &self.key())
    }

    /// Whether an index would not take the item, and why: the one whose name sorts first. Attributes that it has had
    /// before may be as they are: an index that is added later leaves them out.
    pub fn index_fault(&self, old: Option<&Item>, item: &Item) -> Option<&'static str> {
        let is_new = |name: &str| old.is_none_or(|old| old.get(name) != item.get(name));
        let own = self.key();
        let mut indexes: Vec<_> = self.indexes.iter().collect();
        indexes.sort_by_key(|index| index.name);
        let attributes = indexes.into_iter().flat_map(Index::key);
        let mut judged = attributes.filter(|attribute| !own.contains(attribute) && is_new(attribute.0));
        judged.find_map(|(name, tag)| match item.get(name) {
            Some(value) if value.tag() != tag => Some("Type mismatch for Index Key"),
            Some(value) if value.is_empty_key() => Some("key attribute cannot contain an empty"),
            _ => None,
        })
    }

    /// The CreateTable that makes it.
    pub fn create(&self) -> Json {
        let mut definitions = [self.key(), self.index_attributes()].concat();
        definitions.sort();
        let definitions: Vec<_> = definitions
            .iter()
            .map(|(name, tag)| json!({"AttributeName": name, "AttributeType": tag}))
            .collect();
        let mut body = json!({
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": definitions,
            "KeySchema": key_schema(&[self.hash], self.range.as_slice()),
        });
        for (member, local) in [("LocalSecondaryIndexes", true), ("GlobalSecondaryIndexes", false)] {
            let indexes: Vec<_> =
                self.indexes.iter().filter(|index| index.local == local).map(Index::create).collect();
            if !indexes.is_empty() {
                body[member] = indexes.into();
            }
        }
        body
    }
}

impl Index {
    /// The attributes of its key.
    pub fn key(&self) -> Vec<Attribute> {
        [self.hash.clone(), self.range.clone()].concat()
    }

    /// Whether it holds this attribute.
    pub fn holds(&self, table: &Table, name: &str) -> bool {
        let is_key = [self.key(), table.key()].concat().iter().any(|(key, _)| *key == name);
        match &self.projection {
            Projection::All => true,
            Projection::Keys => is_key,
            Projection::Include(names) => is_key || names.contains(&name),
        }
    }

    /// What it holds of an item, if it holds it.
    pub fn entry(&self, table: &Table, item: &Item) -> Option<Item> {
        let fits = |value: &Value, tag| value.tag() == tag && !value.is_empty_key();
        let is_in =
            self.key().iter().all(|(name, tag)| item.get(*name).is_some_and(|value| fits(value, *tag)));
        is_in.then(|| {
            let held = item.iter().filter(|(name, _)| self.holds(table, name));
            held.map(|(name, value)| (name.clone(), value.clone())).collect()
        })
    }

    /// What creates it.
    pub fn create(&self) -> Json {
        let projection = match &self.projection {
            Projection::All => json!({"ProjectionType": "ALL"}),
            Projection::Keys => json!({"ProjectionType": "KEYS_ONLY"}),
            Projection::Include(names) => json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": names}),
        };
        let schema = key_schema(&self.hash, &self.range);
        json!({"IndexName": self.name, "KeySchema": schema, "Projection": projection})
    }
}

/// The values of these attributes.
pub fn values(item: &Item, attributes: &[Attribute]) -> Vec<Value> {
    attributes.iter().filter_map(|(name, _)| item.get(*name).cloned()).collect()
}

/// The item of these attributes.
pub fn only(item: &Item, attributes: &[Attribute]) -> Item {
    attributes.iter().filter_map(|(name, _)| Some(((*name).to_owned(), item.get(*name)?.clone()))).collect()
}

fn key_schema(hash: &[Attribute], range: &[Attribute]) -> Json {
    let element =
        |kind: &'static str| move |(name, _): &Attribute| json!({"AttributeName": name, "KeyType": kind});
    hash.iter().map(element("HASH")).chain(range.iter().map(element("RANGE"))).collect()
}
