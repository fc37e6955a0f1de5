//! Backups as answers show them.

use crate::{backup_arn, describe, encryption_key};
use engine::{Backup, BackupKind, BackupStatus, Index, IndexKind, Table};
use model::dynamodb as shapes;

/// The backup with its table.
pub fn description(backup: &Backup) -> shapes::BackupDescription {
    shapes::BackupDescription {
        backup_details: Some(details(backup)),
        source_table_details: Some(source_table(backup)),
        source_table_feature_details: Some(match backup.kind {
            BackupKind::User | BackupKind::Export => features(&backup.table),
            BackupKind::System => shapes::SourceTableFeatureDetails::default(),
        }),
    }
}

/// The backup itself.
pub fn details(backup: &Backup) -> shapes::BackupDetails {
    shapes::BackupDetails {
        backup_arn: Some(backup_arn::of(backup)),
        backup_name: Some(backup.name.clone()),
        backup_size_bytes: i64::try_from(backup.totals.size_bytes).ok(),
        backup_status: Some(status(backup).to_owned()),
        backup_type: Some(kind(backup).to_owned()),
        backup_creation_date_time: Some(describe::seconds(backup.created_micros)),
        backup_expiry_date_time: backup.expires_micros.map(describe::seconds),
    }
}

/// The backup in a list.
pub fn summary(backup: &Backup) -> shapes::BackupSummary {
    let details = details(backup);
    shapes::BackupSummary {
        table_name: Some(backup.table.name.clone()),
        table_id: Some(backup.table.uuid.clone()),
        table_arn: Some(backup.table.arn()),
        backup_arn: details.backup_arn,
        backup_name: details.backup_name,
        backup_creation_date_time: details.backup_creation_date_time,
        backup_expiry_date_time: details.backup_expiry_date_time,
        backup_status: details.backup_status,
        backup_type: details.backup_type,
        backup_size_bytes: details.backup_size_bytes,
    }
}

fn status(backup: &Backup) -> &'static str {
    match backup.status {
        BackupStatus::Creating => "CREATING",
        BackupStatus::Available => "AVAILABLE",
    }
}

/// The type of a backup.
pub fn kind(backup: &Backup) -> &'static str {
    match backup.kind {
        BackupKind::User | BackupKind::Export => "USER",
        BackupKind::System => "SYSTEM",
    }
}

fn source_table(backup: &Backup) -> shapes::SourceTableDetails {
    let Backup { table, totals, .. } = backup;
    let settings = &table.settings;
    shapes::SourceTableDetails {
        table_name: Some(table.name.clone()),
        table_id: Some(table.uuid.clone()),
        table_arn: Some(table.arn()),
        table_size_bytes: i64::try_from(totals.size_bytes).ok(),
        key_schema: Some(describe::key_schema(&table.key)),
        table_creation_date_time: Some(describe::seconds(table.created_micros)),
        provisioned_throughput: Some(provisioned(settings.throughput)),
        on_demand_throughput: settings.on_demand.map(describe::on_demand),
        item_count: i64::try_from(totals.items).ok(),
        billing_mode: Some(describe::mode_name(settings.billing_mode).to_owned()),
    }
}

fn provisioned(throughput: engine::table::ProvisionedThroughput) -> shapes::ProvisionedThroughput {
    shapes::ProvisionedThroughput {
        read_capacity_units: Some(throughput.read_units as i64),
        write_capacity_units: Some(throughput.write_units as i64),
    }
}

fn features(table: &Table) -> shapes::SourceTableFeatureDetails {
    let settings = &table.settings;
    let stream = settings.stream.as_ref().filter(|stream| stream.enabled);
    shapes::SourceTableFeatureDetails {
        local_secondary_indexes: indexes(table, IndexKind::Local, local_index),
        global_secondary_indexes: indexes(table, IndexKind::Global, global_index),
        stream_description: stream.map(describe::stream_specification),
        time_to_live_description: settings.time_to_live.as_ref().map(|time_to_live| {
            shapes::TimeToLiveDescription {
                time_to_live_status: Some("ENABLED".to_owned()),
                attribute_name: Some(time_to_live.attribute.clone()),
            }
        }),
        sse_description: settings.sse.as_ref().map(|sse| shapes::SSEDescription {
            status: Some("ENABLED".to_owned()),
            sse_type: Some("KMS".to_owned()),
            kms_master_key_arn: Some(encryption_key::arn(sse, &table.scope)),
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn indexes<T>(table: &Table, kind: IndexKind, info: impl Fn(&Index) -> T) -> Option<Vec<T>> {
    let indexes: Vec<T> = table.indexes.iter().filter(|index| index.kind == kind).map(info).collect();
    (!indexes.is_empty()).then_some(indexes)
}

fn local_index(index: &Index) -> shapes::LocalSecondaryIndexInfo {
    shapes::LocalSecondaryIndexInfo {
        index_name: Some(index.name.clone()),
        key_schema: Some(describe::key_schema(&index.key)),
        projection: Some(describe::projection(&index.projected)),
    }
}

fn global_index(index: &Index) -> shapes::GlobalSecondaryIndexInfo {
    shapes::GlobalSecondaryIndexInfo {
        index_name: Some(index.name.clone()),
        key_schema: Some(describe::key_schema(&index.key)),
        projection: Some(describe::projection(&index.projected)),
        provisioned_throughput: Some(provisioned(index.throughput)),
        on_demand_throughput: index.on_demand.map(describe::on_demand),
    }
}
