//! Consumed capacity and sizes of item collections.

use crate::codec::value::put_value;
use crate::codec::writer::{put_array, put_float, put_int, put_map, put_nested, put_null, put_text};
use model::dynamodb::{Capacity, ConsumedCapacity, ItemCollectionMetrics};
use std::collections::BTreeMap;

type Indexes = Option<BTreeMap<String, Capacity>>;

/// Appends what a request has consumed of a table: five values in a row, as bytes.
pub(super) fn put_consumed(out: &mut Vec<u8>, consumed: &ConsumedCapacity) {
    put_nested(out, |out| {
        put_text(out, consumed.table_name.as_deref().unwrap_or_default());
        put_float(out, consumed.capacity_units.unwrap_or_default());
        match consumed.table.as_ref().and_then(|table| table.capacity_units) {
            Some(units) => put_float(out, units),
            None => put_null(out),
        }
        put_indexes(out, &consumed.global_secondary_indexes);
        put_indexes(out, &consumed.local_secondary_indexes);
    });
}

fn put_indexes(out: &mut Vec<u8>, indexes: &Indexes) {
    let Some(indexes) = indexes else { return put_null(out) };
    put_map(out, indexes.len());
    for (name, capacity) in indexes {
        put_text(out, name);
        put_float(out, capacity.capacity_units.unwrap_or_default());
    }
}

/// Appends what a batch has consumed.
pub(super) fn put_each(out: &mut Vec<u8>, consumed: Option<&[ConsumedCapacity]>) {
    let consumed = consumed.unwrap_or_default();
    put_array(out, consumed.len());
    consumed.iter().for_each(|consumed| put_consumed(out, consumed));
}

/// Appends what a transaction has consumed, which is a map of its own.
pub(super) fn put_of_transaction(out: &mut Vec<u8>, consumed: Option<&[ConsumedCapacity]>) {
    let consumed = consumed.unwrap_or_default();
    put_array(out, consumed.len());
    for of_table in consumed {
        put_extended(out, of_table);
    }
}

fn put_extended(out: &mut Vec<u8>, consumed: &ConsumedCapacity) {
    let units =
        [(1, consumed.capacity_units), (2, consumed.read_capacity_units), (3, consumed.write_capacity_units)];
    let units = units.into_iter().filter_map(|(member, units)| Some((member, units?)));
    let indexes = [(6, &consumed.global_secondary_indexes), (7, &consumed.local_secondary_indexes)];
    let indexes = indexes.into_iter().filter_map(|(member, indexes)| Some((member, indexes.as_ref()?)));
    let table = consumed.table.as_ref();
    put_map(out, units.clone().count() + indexes.clone().count() + 1 + usize::from(table.is_some()));
    for (member, units) in units {
        put_int(out, member);
        put_float(out, units);
    }
    put_int(out, 4);
    put_text(out, consumed.table_name.as_deref().unwrap_or_default());
    if let Some(table) = table {
        put_int(out, 5);
        put_units(out, table);
    }
    for (member, indexes) in indexes {
        put_int(out, member);
        put_map(out, indexes.len());
        for (name, capacity) in indexes {
            put_text(out, name);
            put_units(out, capacity);
        }
    }
}

fn put_units(out: &mut Vec<u8>, capacity: &Capacity) {
    let units =
        [(1, capacity.capacity_units), (2, capacity.read_capacity_units), (3, capacity.write_capacity_units)];
    let units = units.into_iter().filter_map(|(member, units)| Some((member, units?)));
    put_map(out, units.clone().count());
    for (member, units) in units {
        put_int(out, member);
        put_float(out, units);
    }
}

/// Appends the size of an item collection: its partition key and the range of its size, as bytes.
pub(super) fn put_collection(out: &mut Vec<u8>, metrics: &ItemCollectionMetrics) {
    put_nested(out, |out| {
        let key = metrics.item_collection_key.as_ref();
        match key.filter(|key| !key.as_ref().is_empty()) {
            Some(key) => put_value(out, key.as_ref().entry(0).1),
            None => put_null(out),
        }
        let range = metrics.size_estimate_range_gb.as_deref().unwrap_or_default();
        (0..2).for_each(|at| put_float(out, range.get(at).copied().unwrap_or_default()));
    });
}

/// Appends the sizes of collections by table.
pub(super) fn put_collections(
    out: &mut Vec<u8>,
    metrics: Option<&BTreeMap<String, Vec<ItemCollectionMetrics>>>,
) {
    let Some(metrics) = metrics else { return put_map(out, 0) };
    put_map(out, metrics.len());
    for (table, metrics) in metrics {
        put_text(out, table);
        put_array(out, metrics.len());
        metrics.iter().for_each(|metrics| put_collection(out, metrics));
    }
}
