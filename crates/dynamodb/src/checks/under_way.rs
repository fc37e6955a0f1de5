//! What is being changed about a table, and so refuses other changes and deletion: read from its descriptor and the
//! clock.

use crate::errors::resource_in_use;
use engine::Table;
use engine::table::{BillingMode, Change, IndexStatus, TableClass};
use model::ApiError;

/// The changes under way.
#[derive(Debug, Default)]
pub struct UnderWay<'t> {
    table: &'t str,
    /// CreateTable is not done.
    pub creating: bool,
    /// DeleteTable is not done.
    pub deleting: bool,
    /// A stream is being enabled or disabled.
    pub stream: Option<Stream<'t>>,
    /// Throughput or billing mode of the table; the mode that it comes to.
    pub throughput: Option<BillingMode>,
    /// The class that the table comes to.
    pub table_class: Option<TableClass>,
    /// Indexes for which room is made.
    pub allocating: Vec<&'t str>,
    /// Indexes that are being built.
    pub backfilling: Vec<&'t str>,
    /// Indexes whose throughput is being changed.
    pub updating: Vec<&'t str>,
    /// Warm throughput of the table is being raised.
    pub warming: bool,
    /// Warm throughput of these indexes is being raised.
    pub warming_indexes: Vec<&'t str>,
    /// Encryption is being changed.
    pub encrypting: bool,
    /// Indexes that are being removed.
    pub removing: Vec<&'t str>,
}

/// A change of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Stream<'t> {
    label: &'t str,
    enabling: bool,
}

impl<'t> UnderWay<'t> {
    /// At a time.
    pub fn at(table: &'t Table, now_micros: u64) -> UnderWay<'t> {
        let mut under_way = UnderWay { table: &table.name, ..UnderWay::default() };
        let transitions = table.settings.transitions.iter();
        for transition in transitions.filter(|transition| transition.shows(now_micros)) {
            under_way.add(table, &transition.change);
        }
        under_way.encrypting |= table.settings.sealing.as_ref().is_some_and(|sealing| sealing.is_rekeying);
        for index in &table.indexes {
            let name = index.name.as_str();
            match index.status {
                IndexStatus::Deleting => under_way.removing.push(name),
                IndexStatus::Backfilling if !under_way.allocating.contains(&name) => {
                    under_way.backfilling.push(name);
                }
                IndexStatus::Backfilling | IndexStatus::Active => {}
            }
        }
        under_way
    }

    fn add(&mut self, table: &'t Table, change: &Change) {
        let name = |number: u16| {
            let index = table.indexes.iter().find(|index| index.number == number);
            index.map(|index| index.name.as_str())
        };
        match change {
            Change::Creating => self.creating = true,
            Change::Throughput { .. } => self.throughput = Some(table.settings.billing_mode),
            Change::WarmThroughput { .. } => self.warming = true,
            Change::OnDemandThroughput { .. } | Change::IndexDeleting { .. } => {} // the index shows it
            Change::Encryption { .. } => self.encrypting = true,
            Change::TableClass { .. } => self.table_class = table.settings.table_class,
            Change::IndexThroughput { index, .. } => self.updating.extend(name(*index)),
            Change::IndexWarmThroughput { index, .. } => self.warming_indexes.extend(name(*index)),
            Change::IndexCreating { index } => self.allocating.extend(name(*index)),
            Change::Stream { enabling } => {
                let label = table.settings.stream.as_ref().map_or("", |stream| stream.label.as_str());
                self.stream = Some(Stream { label, enabling: *enabling });
            }
        }
    }

    /// Whether there is anything.
    pub fn is_anything(&self) -> bool {
        let indexes =
            [&self.allocating, &self.backfilling, &self.updating, &self.warming_indexes, &self.removing];
        let changes = [self.creating, self.deleting, self.warming, self.encrypting, self.stream.is_some()];
        changes.contains(&true)
            || self.throughput.is_some()
            || self.table_class.is_some()
            || indexes.iter().any(|indexes| !indexes.is_empty())
    }

    /// A table that is not ready, or not any more, is not changed.
    pub fn table_is_ready(&self) -> Result<(), ApiError> {
        let table = self.table;
        match self {
            UnderWay { deleting: true, .. } => {
                Err(resource_in_use(format_args!("Table is being deleted: {table}")))
            }
            UnderWay { creating: true, .. } => {
                Err(resource_in_use(format_args!("Table is being created: {table}")))
            }
            _ => Ok(()),
        }
    }

    /// The stream, as refusals name it.
    pub fn stream_text(&self) -> Option<String> {
        let Stream { label, enabling } = self.stream?;
        let operation = if enabling { "ENABLE" } else { "DISABLE" };
        Some(format!("Table: {} Stream: {label} Operation: {operation}", self.table))
    }

    /// The class, as refusals name it.
    pub fn table_class_text(&self) -> Option<String> {
        let class = match self.table_class? {
            TableClass::Standard => "STANDARD",
            TableClass::StandardInfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
        };
        Some(format!("Table: {} TableClassUpdateInProgress: {class}", self.table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::Scope;
    use engine::table::{KeySchema, Sealing, Settings};

    fn table(sealing: Option<Sealing>) -> Table {
        Table {
            id: 1,
            schema_version: 1,
            scope: Scope { account: "1".into(), region: "r".into() },
            name: "t".to_owned(),
            uuid: String::new(),
            created_micros: 0,
            hash_key: [0; 16],
            key: KeySchema { hash: Vec::new(), range: Vec::new() },
            attribute_definitions: Vec::new(),
            indexes: Vec::new(),
            index_number_max: 0,
            consumers: Vec::new(),
            had_consumers: false,
            load: Default::default(),
            buckets: Default::default(),
            settings: Settings { sealing, ..Settings::default() },
        }
    }

    #[test]
    fn encryption_changes_until_every_item_is_sealed_again() {
        let sealing = |is_rekeying| Sealing {
            key_id: "k".to_owned(),
            grant_id: None,
            generations: Vec::new(),
            current: Some(1),
            is_rekeying,
            takes_open: false,
        };
        for (sealing, changes) in [(None, false), (Some(sealing(false)), false), (Some(sealing(true)), true)]
        {
            assert_eq!(UnderWay::at(&table(sealing), 0).encrypting, changes);
        }
    }
}
