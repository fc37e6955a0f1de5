//! The description of a table: every member that clients and infrastructure tools read, from its descriptor
//! and its live figures.

pub mod remote_replicas;
pub mod replicas;
mod shown;

pub use shown::Moment;

use crate::{encryption_key, warm_throughput};
use engine::table::{
    BillingMode, Index, IndexKind, KeyAttribute, KeySchema, OnDemandThroughput, Projected,
    ProvisionedThroughput, Restore, StreamSpecification, StreamView, TableClass, WarmThroughput,
};
use engine::{IndexStatistics, Table, TableStatistics};
use model::dynamodb as shapes;
use shown::Shown;

/// Describes a table as it shows at a moment.
pub fn table(table: &Table, statistics: &TableStatistics, moment: Moment) -> shapes::TableDescription {
    let shown = Shown::of(table, moment);
    let table = &shown.table;
    let settings = &table.settings;
    let stream = settings.stream.as_ref();
    shapes::TableDescription {
        attribute_definitions: Some(definitions(&table.attribute_definitions)),
        table_name: Some(table.name.clone()),
        key_schema: Some(key_schema(&table.key)),
        table_status: Some(shown.status().to_owned()),
        creation_date_time: Some(seconds(table.created_micros)),
        provisioned_throughput: Some(throughput(&settings.throughput, moment)),
        table_size_bytes: Some(statistics.size_bytes),
        item_count: Some(statistics.items),
        table_arn: Some(table.arn()),
        table_id: Some(table.uuid.clone()),
        billing_mode_summary: billing_mode(&shown),
        local_secondary_indexes: indexes(table, statistics, IndexKind::Local, local_index),
        global_secondary_indexes: indexes(table, statistics, IndexKind::Global, |_, index, statistics| {
            global_index(&shown, index, statistics, moment)
        }),
        stream_specification: stream.filter(|stream| stream.enabled).map(stream_specification),
        latest_stream_label: stream.map(|stream| stream.label.clone()),
        latest_stream_arn: stream.map(|stream| format!("{}/stream/{}", table.arn(), stream.label)),
        table_class_summary: settings
            .table_class
            .map(|class| table_class(class, settings.table_class_changed_micros)),
        deletion_protection_enabled: Some(settings.deletion_protection),
        disassociation_protection_enabled: settings.disassociation_protection,
        on_demand_throughput: shown.on_demand().map(on_demand),
        sse_description: encryption(&shown),
        warm_throughput: shows_warm(&shown, settings.warm).then(|| table_warm_throughput(&shown)),
        restore_summary: settings.restore.as_ref().filter(|from| from.import.is_none()).map(restore_summary),
        ..Default::default()
    }
}

/// Only while items are being restored.
fn restore_summary(restore: &Restore) -> shapes::RestoreSummary {
    shapes::RestoreSummary {
        source_backup_arn: restore.backup_arn.clone(),
        source_table_arn: Some(restore.table_arn.clone()),
        restore_date_time: Some(seconds(restore.time_micros)),
        restore_in_progress: Some(true),
    }
}

/// What DeleteTable answers: of the definition only the name is left.
pub fn deleted(table: &Table, statistics: &TableStatistics, moment: Moment) -> shapes::TableDescription {
    shapes::TableDescription {
        table_status: Some("DELETING".to_owned()),
        attribute_definitions: None,
        key_schema: None,
        creation_date_time: None,
        local_secondary_indexes: None,
        global_secondary_indexes: None,
        warm_throughput: None,
        ..self::table(table, statistics, moment)
    }
}

/// A time as answers show it, in seconds with milliseconds.
pub(crate) fn seconds(micros: u64) -> f64 {
    (micros / 1_000) as f64 / 1_000.0
}

/// Sorted by name.
fn definitions(attributes: &[KeyAttribute]) -> Vec<shapes::AttributeDefinition> {
    let mut sorted: Vec<&KeyAttribute> = attributes.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    sorted.into_iter().map(definition).collect()
}

fn definition(attribute: &KeyAttribute) -> shapes::AttributeDefinition {
    shapes::AttributeDefinition {
        attribute_name: Some(attribute.name.clone()),
        attribute_type: Some(attribute.ty.as_type().tag().to_owned()),
    }
}

pub(crate) fn key_schema(schema: &KeySchema) -> Vec<shapes::KeySchemaElement> {
    let element = |(name, key_type): (&str, &str)| shapes::KeySchemaElement {
        attribute_name: Some(name.to_owned()),
        key_type: Some(key_type.to_owned()),
    };
    key_elements(schema).map(element).collect()
}

/// The attributes of a key with their parts in it.
pub(crate) fn key_elements(schema: &KeySchema) -> impl Iterator<Item = (&str, &'static str)> {
    let hash = schema.hash.iter().map(|attribute| (attribute.name.as_str(), "HASH"));
    hash.chain(schema.range.iter().map(|attribute| (attribute.name.as_str(), "RANGE")))
}

fn throughput(
    throughput: &ProvisionedThroughput,
    moment: Moment,
) -> shapes::ProvisionedThroughputDescription {
    shapes::ProvisionedThroughputDescription {
        last_increase_date_time: throughput.last_increase_micros.map(seconds),
        last_decrease_date_time: throughput.last_decrease_micros.map(seconds),
        number_of_decreases_today: Some(i64::from(throughput.decreases_on_day_of(moment.now_micros))),
        read_capacity_units: Some(throughput.read_units as i64),
        write_capacity_units: Some(throughput.write_units as i64),
    }
}

/// A billing mode as it is written.
pub(crate) fn mode_name(mode: BillingMode) -> &'static str {
    match mode {
        BillingMode::Provisioned => "PROVISIONED",
        BillingMode::PayPerRequest => "PAY_PER_REQUEST",
    }
}

/// Present once on-demand mode was used. The answer to CreateTable leaves out since when.
fn billing_mode(shown: &Shown) -> Option<shapes::BillingModeSummary> {
    let settings = &shown.table.settings;
    let since = settings.on_demand_since_micros?;
    Some(shapes::BillingModeSummary {
        billing_mode: Some(mode_name(settings.billing_mode).to_owned()),
        last_update_to_pay_per_request_date_time: (!shown.creating).then(|| seconds(since)),
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
    shown: &Shown,
    index: &Index,
    statistics: &IndexStatistics,
    moment: Moment,
) -> shapes::GlobalSecondaryIndexDescription {
    let status = shown.index_status(index);
    shapes::GlobalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(&index.projected)),
        index_status: Some(status.to_owned()),
        backfilling: shown.backfilling(index),
        provisioned_throughput: Some(throughput(&index.throughput, moment)),
        index_size_bytes: Some(statistics.size_bytes),
        item_count: Some(statistics.entries),
        index_arn: Some(index_arn(&shown.table, index)),
        on_demand_throughput: index.on_demand.map(on_demand),
        warm_throughput: shows_warm(shown, index.warm).then(|| index_warm_throughput(shown, index)),
    }
}

fn index_arn(table: &Table, index: &Index) -> String {
    format!("{}/index/{}", table.arn(), index.name)
}

/// The names are sorted.
pub(crate) fn projection(projected: &Projected) -> shapes::Projection {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    };
    let (kind, names) = match projected {
        Projected::All => ("ALL", None),
        Projected::KeysOnly => ("KEYS_ONLY", None),
        Projected::Include(names) => ("INCLUDE", Some(sorted(names))),
    };
    shapes::Projection { projection_type: Some(kind.to_owned()), non_key_attributes: names }
}

pub(crate) fn stream_specification(stream: &StreamSpecification) -> shapes::StreamSpecification {
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

/// Nothing under the service's own key. While encryption is being switched on the key is left out.
fn encryption(shown: &Shown) -> Option<shapes::SSEDescription> {
    let sse = shown.table.settings.sse.as_ref();
    if sse.is_none() && !shown.encrypting {
        return None;
    }
    Some(shapes::SSEDescription {
        status: Some(if shown.encrypting { "UPDATING" } else { "ENABLED" }.to_owned()),
        sse_type: sse.map(|_| "KMS".to_owned()),
        kms_master_key_arn: sse.map(|sse| encryption_key::arn(sse, &shown.table.scope)),
        inaccessible_encryption_date_time: shown.locked_micros.map(seconds),
    })
}

pub(crate) fn on_demand(throughput: OnDemandThroughput) -> shapes::OnDemandThroughput {
    shapes::OnDemandThroughput {
        max_read_request_units: throughput.max_read_units,
        max_write_request_units: throughput.max_write_units,
    }
}

fn table_warm_throughput(shown: &Shown) -> shapes::TableWarmThroughputDescription {
    let settings = &shown.table.settings;
    let (read, write) = warm_throughput::units(settings.billing_mode, settings.warm, &settings.throughput);
    shapes::TableWarmThroughputDescription {
        read_units_per_second: Some(read),
        write_units_per_second: Some(write),
        status: Some(warm_status(shown.creating || shown.warming)),
    }
}

fn index_warm_throughput(
    shown: &Shown,
    index: &Index,
) -> shapes::GlobalSecondaryIndexWarmThroughputDescription {
    let mode = shown.table.settings.billing_mode;
    let (read, write) = warm_throughput::units(mode, index.warm, &index.throughput);
    shapes::GlobalSecondaryIndexWarmThroughputDescription {
        read_units_per_second: Some(read),
        write_units_per_second: Some(write),
        status: Some(warm_status(shown.is_warming(index))),
    }
}

fn warm_status(is_on_its_way: bool) -> String {
    if is_on_its_way { "UPDATING" } else { "ACTIVE" }.to_owned()
}

/// The answer to CreateTable shows only what was requested, as being set.
fn shows_warm(shown: &Shown, asked: Option<WarmThroughput>) -> bool {
    !shown.creating || asked.is_some()
}
