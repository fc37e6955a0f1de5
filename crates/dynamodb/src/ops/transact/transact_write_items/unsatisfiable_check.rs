//! A condition check that never holds: its transaction is evaluated, and not committed.

use engine::{ItemKey, KeyType, Table, Write};
use expr::{Condition, Path};
use std::sync::Arc;
use types::{Item, ItemBuilder, Number, Value};

/// The check, on an item of the table that none of the writes is about.
pub(super) fn on(table: &Arc<Table>, writes: &[(Arc<Table>, Write)]) -> Option<(Arc<Table>, Write)> {
    let name = &table.key.hash.first()?.name;
    let both = || {
        Condition::And(vec![
            Condition::Exists(Path::top_level(name)),
            Condition::NotExists(Path::top_level(name)),
        ])
    };
    let taken = |key: &ItemKey| writes.iter().any(|(_, write)| write.key() == key);
    let mut candidates =
        (1..=writes.len() + 1).filter_map(|n| Write::check(table, some_key(table, n), both()).ok());
    candidates.find(|check| !taken(check.key())).map(|check| (Arc::clone(table), check))
}

/// Some key of the table's types, another one for each number.
fn some_key(table: &Table, number: usize) -> Item {
    let mut key = ItemBuilder::new();
    for attribute in table.key.attributes() {
        let value = match attribute.ty {
            KeyType::S => Value::S("-".repeat(number)),
            KeyType::B => Value::B(vec![0; number]),
            KeyType::N => Value::N(Number::from(number as i64)),
        };
        key.put(&attribute.name, &value);
    }
    key.build()
}
