//! The attributes that items of global tables of version 2017.11.29 have beside their own: when and where an item was
//! written last. DynamoDB adds them behind a client's write, by a write of its own, which streams show as a second
//! change; clients see them, and what they write to them themselves does not stay. Here both changes are one commit.

use crate::table::Table;
use types::{Item, ItemBuilder, MapRef, Number, Value};

/// Whether the item is being deleted: of one that is there it never is.
const DELETING: &str = "aws:rep:deleting";
/// When it was written, in seconds since the Unix epoch.
const UPDATE_TIME: &str = "aws:rep:updatetime";
/// The region it was written in.
const UPDATE_REGION: &str = "aws:rep:updateregion";

/// An item with the attributes of a write in the table's region. A key stays what it is, whatever it is called.
pub(crate) fn put_on(table: &Table, item: MapRef<'_>, write_time_micros: u64) -> Item {
    let mut with = ItemBuilder::new();
    for (name, value) in (0..item.len()).map(|at| item.entry_bytes(at)) {
        with.put_encoded(name, value);
    }
    let attributes = [
        (DELETING, Value::Bool(false)),
        (UPDATE_TIME, Value::N(seconds(write_time_micros))),
        (UPDATE_REGION, Value::S(table.scope.region.to_string())),
    ];
    for (name, value) in attributes.iter().filter(|(name, _)| !table.key.contains(name)) {
        with.put(name, value);
    }
    with.build()
}

fn seconds(micros: u64) -> Number {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    Number::parse(&text).unwrap_or(Number::ZERO) // 20 digits at most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::testing::{attribute, table};
    use crate::table::{KeySchema, KeyType};
    use types::ValueRef;

    #[test]
    fn they_replace_those_of_the_write_before() {
        let table = table();
        let item = ItemBuilder::new().put("a", &Value::Null).put(UPDATE_REGION, &Value::Null).build();
        let with = put_on(&table, item.as_ref(), 1_500_000_000_000_001);
        let expected = ItemBuilder::new()
            .put("a", &Value::Null)
            .put(DELETING, &Value::Bool(false))
            .put(UPDATE_TIME, &Value::N(Number::parse("1500000000.000001").unwrap()))
            .put(UPDATE_REGION, &Value::S(table.scope.region.to_string()))
            .build();
        assert_eq!(with, expected);
        let later = put_on(&table, with.as_ref(), 1_500_000_000_500_000);
        assert_eq!(later.as_ref().len(), 4);
        assert_eq!(later.get(UPDATE_TIME), Some(ValueRef::N(Number::parse("1500000000.5").unwrap())));
    }

    #[test]
    fn a_key_stays_what_it_is() {
        let mut table = table();
        table.key = KeySchema { hash: vec![attribute(UPDATE_REGION, KeyType::S)], range: Vec::new() };
        let item = ItemBuilder::new().put(UPDATE_REGION, &Value::S("mine".into())).build();
        let with = put_on(&table, item.as_ref(), 0);
        assert_eq!(with.get(UPDATE_REGION), Some(ValueRef::S("mine")));
        assert_eq!(with.as_ref().len(), 3);
    }
}
