//! The description of a table: every member that clients and infrastructure tools read, from its descriptor
//! and its live figures.

use engine::table::{
    BillingMode, Index, IndexKind, IndexStatus, KeyAttribute, KeySchema, OnDemandThroughput, Projected,
    ProvisionedThroughput, StreamSpecification, StreamView, TableClass, WarmThroughput,
};
use engine::{IndexStatistics, Table, TableStatistics};
use model::dynamodb as shapes;

/// Warm throughput of an on-demand table nobody has warmed.
pub(crate) const ON_DEMAND_WARM_READ_UNITS: i64 = 12_000;
pub(crate) const ON_DEMAND_WARM_WRITE_UNITS: i64 = 4_000;

/// Where the table is in its life; its indexes are there with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The answer to CreateTable.
    Creating,
    /// Usable.
    Active,
    /// The answer to DeleteTable.
    Deleting,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Active => "ACTIVE",
            Status::Deleting => "DELETING",
        }
    }
}

/// Describes a table.
pub fn table(table: &Table, statistics: &TableStatistics, status: Status) -> shapes::TableDescription {
    let settings = &table.settings;
    shapes::TableDescription {
        attribute_definitions: Some(table.attribute_definitions.iter().map(definition).collect()),
        table_name: Some(table.name.clone()),
        key_schema: Some(key_schema(&table.key)),
        table_status: Some(status.name().to_owned()),
        creation_date_time: Some(seconds(table.created_micros)),
        provisioned_throughput: Some(throughput(&settings.throughput)),
        table_size_bytes: Some(statistics.size_bytes),
        item_count: Some(statistics.items),
        table_arn: Some(table.arn()),
        table_id: Some(table.uuid.clone()),
        billing_mode_summary: billing_mode(table, status),
        local_secondary_indexes: indexes(table, statistics, IndexKind::Local, local_index),
        global_secondary_indexes: indexes(
            table,
            statistics,
            IndexKind::Global,
            |table, index, statistics| global_index(table, index, statistics, status),
        ),
        stream_specification: settings.stream.as_ref().map(stream),
        latest_stream_label: settings.stream.as_ref().map(|stream| stream.label.clone()),
        latest_stream_arn: settings
            .stream
            .as_ref()
            .map(|stream| format!("{}/stream/{}", table.arn(), stream.label)),
        table_class_summary: settings
            .table_class
            .map(|class| table_class(class, settings.table_class_changed_micros)),
        deletion_protection_enabled: Some(settings.deletion_protection),
        on_demand_throughput: settings.on_demand.map(on_demand),
        warm_throughput: shows_warm(settings.warm, status).then(|| table_warm_throughput(table, status)),
        ..Default::default()
    }
}

/// What DeleteTable answers: of the definition only the name is left.
pub fn deleted(table: &Table, statistics: &TableStatistics) -> shapes::TableDescription {
    shapes::TableDescription {
        attribute_definitions: None,
        key_schema: None,
        creation_date_time: None,
        local_secondary_indexes: None,
        global_secondary_indexes: None,
        warm_throughput: None,
        ..self::table(table, statistics, Status::Deleting)
    }
}

fn seconds(micros: u64) -> f64 {
    (micros / 1_000) as f64 / 1_000.0
}

fn definition(attribute: &KeyAttribute) -> shapes::AttributeDefinition {
    shapes::AttributeDefinition {
        attribute_name: Some(attribute.name.clone()),
        attribute_type: Some(attribute.ty.as_type().tag().to_owned()),
    }
}

fn key_schema(schema: &KeySchema) -> Vec<shapes::KeySchemaElement> {
    let element = |attribute: &KeyAttribute, kind: &str| shapes::KeySchemaElement {
        attribute_name: Some(attribute.name.clone()),
        key_type: Some(kind.to_owned()),
    };
    let hash = schema.hash.iter().map(|attribute| element(attribute, "HASH"));
    hash.chain(schema.range.iter().map(|attribute| element(attribute, "RANGE"))).collect()
}

fn throughput(throughput: &ProvisionedThroughput) -> shapes::ProvisionedThroughputDescription {
    shapes::ProvisionedThroughputDescription {
        last_increase_date_time: throughput.last_increase_micros.map(seconds),
        last_decrease_date_time: throughput.last_decrease_micros.map(seconds),
        number_of_decreases_today: Some(i64::from(throughput.decreases_that_day)),
        read_capacity_units: Some(throughput.read_units as i64),
        write_capacity_units: Some(throughput.write_units as i64),
    }
}

/// Present once on-demand mode was used. The answer to CreateTable does not tell since when.
fn billing_mode(table: &Table, status: Status) -> Option<shapes::BillingModeSummary> {
    let since = table.settings.on_demand_since_micros?;
    let mode = match table.settings.billing_mode {
        BillingMode::Provisioned => "PROVISIONED",
        BillingMode::PayPerRequest => "PAY_PER_REQUEST",
    };
    Some(shapes::BillingModeSummary {
        billing_mode: Some(mode.to_owned()),
        last_update_to_pay_per_request_date_time: (status != Status::Creating).then(|| seconds(since)),
    })
}

/// The descriptions of the indexes of one kind; `None` if there is none.
fn indexes<T>(
    table: &Table,
    statistics: &TableStatistics,
    kind: IndexKind,
    describe: impl Fn(&Table, &Index, &IndexStatistics) -> T,
) -> Option<Vec<T>> {
    let indexes = table.indexes.iter().zip(&statistics.indexes).filter(|(index, _)| index.kind == kind);
    let described: Vec<T> = indexes.map(|(index, statistics)| describe(table, index, statistics)).collect();
    (!described.is_empty()).then_some(described)
}

fn local_index(
    table: &Table,
    index: &Index,
    statistics: &IndexStatistics,
) -> shapes::LocalSecondaryIndexDescription {
    shapes::LocalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(&index.projected)),
        index_size_bytes: Some(statistics.size_bytes),
        item_count: Some(statistics.entries),
        index_arn: Some(index_arn(table, index)),
    }
}

fn global_index(
    table: &Table,
    index: &Index,
    statistics: &IndexStatistics,
    status: Status,
) -> shapes::GlobalSecondaryIndexDescription {
    let index_status = match (index.status, status) {
        (IndexStatus::Active, status) => status.name(),
        (IndexStatus::Backfilling, _) => "CREATING",
        (IndexStatus::Deleting, _) => "DELETING",
    };
    let (read_units_per_second, write_units_per_second) = warm_units(table, index.warm, &index.throughput);
    shapes::GlobalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(&index.projected)),
        index_status: Some(index_status.to_owned()),
        backfilling: (index.status == IndexStatus::Backfilling).then_some(true),
        provisioned_throughput: Some(throughput(&index.throughput)),
        index_size_bytes: Some(statistics.size_bytes),
        item_count: Some(statistics.entries),
        index_arn: Some(index_arn(table, index)),
        on_demand_throughput: index.on_demand.map(on_demand),
        warm_throughput: shows_warm(index.warm, status).then(|| {
            shapes::GlobalSecondaryIndexWarmThroughputDescription {
                read_units_per_second,
                write_units_per_second,
                status: Some(warm_status(status, index_status)),
            }
        }),
    }
}

fn index_arn(table: &Table, index: &Index) -> String {
    format!("{}/index/{}", table.arn(), index.name)
}

fn projection(projected: &Projected) -> shapes::Projection {
    let (kind, names) = match projected {
        Projected::All => ("ALL", None),
        Projected::KeysOnly => ("KEYS_ONLY", None),
        Projected::Include(names) => ("INCLUDE", Some(names.clone())),
    };
    shapes::Projection { projection_type: Some(kind.to_owned()), non_key_attributes: names }
}

fn stream(stream: &StreamSpecification) -> shapes::StreamSpecification {
    let view = match stream.view {
        StreamView::KeysOnly => "KEYS_ONLY",
        StreamView::NewImage => "NEW_IMAGE",
        StreamView::OldImage => "OLD_IMAGE",
        StreamView::NewAndOldImages => "NEW_AND_OLD_IMAGES",
    };
    shapes::StreamSpecification {
        stream_enabled: Some(stream.enabled),
        stream_view_type: Some(view.to_owned()),
    }
}

fn table_class(class: TableClass, changed_micros: Option<u64>) -> shapes::TableClassSummary {
    let class = match class {
        TableClass::Standard => "STANDARD",
        TableClass::StandardInfrequentAccess => "STANDARD_INFREQUENT_ACCESS",
    };
    shapes::TableClassSummary {
        table_class: Some(class.to_owned()),
        last_update_date_time: changed_micros.map(seconds),
    }
}

fn on_demand(throughput: OnDemandThroughput) -> shapes::OnDemandThroughput {
    shapes::OnDemandThroughput {
        max_read_request_units: throughput.max_read_units,
        max_write_request_units: throughput.max_write_units,
    }
}

fn table_warm_throughput(table: &Table, status: Status) -> shapes::TableWarmThroughputDescription {
    let (read_units_per_second, write_units_per_second) =
        warm_units(table, table.settings.warm, &table.settings.throughput);
    shapes::TableWarmThroughputDescription {
        read_units_per_second,
        write_units_per_second,
        status: Some(warm_status(status, status.name())),
    }
}

/// The answer to CreateTable tells only what was asked for, which is on its way.
fn shows_warm(asked: Option<WarmThroughput>, status: Status) -> bool {
    status != Status::Creating || asked.is_some()
}

fn warm_status(status: Status, otherwise: &str) -> String {
    let status = if status == Status::Creating { "UPDATING" } else { otherwise };
    status.to_owned()
}

/// What was asked for; else what the mode gives: the ordered capacity, or the start of on-demand tables.
fn warm_units(
    table: &Table,
    warm: Option<WarmThroughput>,
    ordered: &ProvisionedThroughput,
) -> (Option<i64>, Option<i64>) {
    let (read, write) = match table.settings.billing_mode {
        BillingMode::Provisioned => (ordered.read_units as i64, ordered.write_units as i64),
        BillingMode::PayPerRequest => (ON_DEMAND_WARM_READ_UNITS, ON_DEMAND_WARM_WRITE_UNITS),
    };
    let warm = warm.unwrap_or_default();
    (Some(warm.read_units.unwrap_or(read)), Some(warm.write_units.unwrap_or(write)))
}
