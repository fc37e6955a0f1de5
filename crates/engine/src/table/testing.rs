//! Tables for tests.

use super::*;

/// An attribute of a key.
pub(crate) fn attribute(name: &str, ty: KeyType) -> KeyAttribute {
    KeyAttribute { name: name.to_owned(), ty }
}

/// Partition key `pk` (S), sort key `sk` (N), no index.
pub(crate) fn table() -> Table {
    Table {
        id: 7,
        schema_version: 1,
        scope: Scope { account: "000000000000".into(), region: "local".into() },
        name: "things".into(),
        uuid: String::new(),
        created_micros: 0,
        hash_key: [3; 16],
        key: KeySchema { hash: vec![attribute("pk", KeyType::S)], range: vec![attribute("sk", KeyType::N)] },
        attribute_definitions: Vec::new(),
        indexes: Vec::new(),
        index_number_max: 0,
        consumers: Vec::new(),
        had_consumers: false,
        load: Default::default(),
        buckets: Default::default(),
        settings: Settings::default(),
    }
}
