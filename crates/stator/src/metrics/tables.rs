//! The sizes of tables and indexes, as the store has them now.

use super::exposition::Exposition;
use super::exposition::Kind::Gauge;
use engine::{Engine, Table, TableStatistics};
use std::sync::Arc;
use store::StoreError;

/// Tables that are shown, as many as the registry of figures has labels for.
const TABLES_MAX: usize = 5_000;

/// A table with its sizes.
pub(super) type Sized = (Arc<Table>, TableStatistics);

pub(super) async fn sizes(engine: &Engine) -> Result<Vec<Sized>, StoreError> {
    let mut tables = engine.tables();
    tables.truncate(TABLES_MAX);
    let mut sizes = Vec::with_capacity(tables.len());
    for table in tables {
        let statistics = engine.statistics(&table).await?;
        sizes.push((table, statistics));
    }
    Ok(sizes)
}

pub(super) fn write(text: &mut Exposition, tables: &[Sized]) {
    text.family("stator_tables", Gauge, "Tables of all accounts.").sample(&[], tables.len());
    type Figure = fn(&TableStatistics, Option<usize>) -> i64;
    let items: Figure = |sizes, index| index.map_or(sizes.items, |index| sizes.indexes[index].entries);
    let bytes: Figure =
        |sizes, index| index.map_or(sizes.size_bytes, |index| sizes.indexes[index].size_bytes);
    for (name, help, figure) in [
        ("stator_table_items", "Items of a table, or entries of an index.", items),
        ("stator_table_size_bytes", "Bytes of the items of a table, or of the entries of an index.", bytes),
    ] {
        let mut family = text.family(name, Gauge, help);
        for (table, sizes) in tables {
            family.sample(&labels(table, ""), figure(sizes, None));
            for (place, index) in table.indexes.iter().enumerate().take(sizes.indexes.len()) {
                family.sample(&labels(table, &index.name), figure(sizes, Some(place)));
            }
        }
    }
}

fn labels<'a>(table: &'a Table, index: &'a str) -> [(&'static str, &'a str); 4] {
    let scope = &table.scope;
    [("account", &scope.account), ("region", &scope.region), ("table", &table.name), ("index", index)]
}
