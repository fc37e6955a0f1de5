//! A replica that is added: a table of the same definition in another region, which begins with the items that there
//! are.

use super::members;
use crate::checks::capacity_quota;
use crate::encryption;
use crate::errors::{invalid_parameter, store_error, too_many_tables};
use crate::peering;
use crate::replica_overrides::{Reads, override_class, override_reads};
use crate::service::DynamoDb;
use crate::table_change;
use crate::table_settings;
use engine::table::{Change, Index, OwnSettings, Settings, Sse, StreamSpecification, StreamView, Transition};
use engine::{CreateError, NewTable, Scope, Table};
use kms::Key;
use model::ApiError;
use model::dynamodb::{CreateReplicationGroupMemberAction, SSESpecification};
use pipeline::Cx;
use std::sync::Arc;

/// False: a table was changed meanwhile.
pub async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    read: &Arc<Table>,
    action: &CreateReplicationGroupMemberAction,
) -> Result<bool, ApiError> {
    let scope = free_place(cx, read, action).await?;
    let members = members(cx, read)?;
    let is_at_peer = cx.service.peers.of(&scope.region).is_some();
    keys_are_alike(read.settings.sse.as_ref(), action)?;
    if !stream_is_enabled(cx, read).await? {
        return Ok(false);
    }
    let refusals = peering::Refusals {
        exists: || exists(&read.name),
        key: |why: &str| unusable_key(&scope.region, why),
    };
    if is_at_peer {
        let own = own_settings(read, action)?;
        return peering::create(cx, &members, (&scope.region, &own), refusals).await;
    }
    peering::probe(cx, read, (&scope.region, None), refusals).await?;
    let new = with_key(cx, read, action, scope.clone()).await?;
    let sealing = new.settings.sealing.clone();
    let incarnation = peering::next_incarnation(cx, Some(read), &scope.region).await?;
    let created = cx.service.engine.create_replica(new, &members, incarnation).await;
    if !matches!(created, Ok(Some(_)) | Err(CreateError::Store(_))) {
        encryption::retire(cx, &scope, sealing.as_ref()).await;
    }
    match created {
        Ok(created) => Ok(created.is_some()),
        Err(CreateError::Exists) => Err(exists(&read.name)),
        Err(CreateError::TooManyTables) => Err(too_many_tables()),
        Err(CreateError::NoRoom(no_room)) => Err(capacity_quota::no_room(&no_room)),
        Err(CreateError::Store(error)) => Err(store_error(&error)),
    }
}

/// Where a replica is to be. There must be no table of the name, not even one that still shows as being deleted.
pub async fn free_place(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    action: &CreateReplicationGroupMemberAction,
) -> Result<Scope, ApiError> {
    let region = action.region_name.as_deref().unwrap_or_default();
    let (scope, name) = (Scope { region: region.into(), ..read.scope.clone() }, &read.name);
    let engine = &cx.service.engine;
    let found = engine.find_table(&scope, name).await.map_err(|error| store_error(&error))?;
    let deleted =
        engine.deleted_table(&scope, name, cx.now_micros).await.map_err(|error| store_error(&error))?;
    match found.is_some() || deleted.is_some() {
        true => Err(exists(name)),
        false => Ok(scope),
    }
}

/// Whether the table has the stream that replicas need. False: it is there now.
pub async fn stream_is_enabled(cx: &Cx<'_, DynamoDb>, read: &Table) -> Result<bool, ApiError> {
    if read.settings.stream.as_ref().is_some_and(|stream| stream.enabled) {
        return Ok(true);
    }
    table_change::attempt(cx, read, |table| enable_stream(table, cx.now_micros)).await.map(|_| false)
}

/// The new table, sealed where the one that is there is.
pub async fn with_key(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    action: &CreateReplicationGroupMemberAction,
    scope: Scope,
) -> Result<NewTable, ApiError> {
    let key = key(cx, read, action, &scope).await?;
    let mut new = new_table(cx, read, action, scope)?;
    if let Some(key) = key {
        new.settings.sse = Some(table_settings::sse(&key));
        new.settings.sealing = Some(encryption::begun(cx, (&new.scope, &new.name), &key, None).await?);
    }
    Ok(new)
}

/// A table of the name in the region of a new replica.
pub fn exists(name: &str) -> ApiError {
    ApiError::validation(format!(
        "Failed to create a the new replica of table with name: \u{2018}{name}\u{2019} because one or more replicas \
         already existed as tables."
    ))
}

/// A key of the account's own at one replica needs one at each.
pub fn keys_are_alike(
    sse: Option<&Sse>,
    action: &CreateReplicationGroupMemberAction,
) -> Result<(), ApiError> {
    let is_own = sse.is_some_and(|sse| sse.key_arn.is_some());
    match (is_own, action.kms_master_key_id.is_some()) {
        (true, false) => Err(invalid_parameter("KMSMasterKeyId must be specified for each replica.")),
        (false, true) => Err(ApiError::validation(
            "All replica keys must either be Customer Managed CMK or AWS Managed CMK.",
        )),
        _ => Ok(()),
    }
}

async fn key(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    action: &CreateReplicationGroupMemberAction,
    scope: &Scope,
) -> Result<Option<Key>, ApiError> {
    if read.settings.sse.is_none() {
        return Ok(None);
    }
    let specification = SSESpecification {
        enabled: Some(true),
        sse_type: Some("KMS".to_owned()),
        kms_master_key_id: action.kms_master_key_id.clone(),
    };
    let key = encryption::key_of(cx, Some(&specification), scope).await;
    key.map_err(|error| unusable_key(&scope.region, error.message.as_deref().unwrap_or_default()))
}

/// The key of a replica cannot be used in its region.
fn unusable_key(region: &str, why: &str) -> ApiError {
    let why = why.strip_prefix("KMS validation error: ").unwrap_or(why);
    ApiError::validation(format!("KMS validation error for region {region}: {why}"))
}

/// What a replica at a peer is to have of its own.
fn own_settings(read: &Table, action: &CreateReplicationGroupMemberAction) -> Result<OwnSettings, ApiError> {
    let named = || action.kms_master_key_id.clone().unwrap_or_else(|| encryption::MANAGED.to_owned());
    Ok(OwnSettings {
        since_micros: 0,
        overrides: with_overrides(read, action)?.overrides(),
        key: read.settings.sse.as_ref().map(|_| named()),
    })
}

/// The stream that replication needs is enabled by itself.
fn enable_stream(table: &mut Table, now_micros: u64) {
    table.settings.stream = Some(StreamSpecification::beginning(StreamView::NewAndOldImages, now_micros));
}

/// Tags, protection, policies, backups, warm throughput and insights are each region's own.
fn new_table(
    cx: &Cx<'_, DynamoDb>,
    read: &Table,
    action: &CreateReplicationGroupMemberAction,
    scope: Scope,
) -> Result<NewTable, ApiError> {
    let now = cx.now_micros;
    let read = &with_overrides(read, action)?;
    let Settings { billing_mode, throughput, on_demand, table_class, .. } = &read.settings;
    let until_micros = cx.service.shows_until_micros(now);
    let settings = Settings {
        billing_mode: *billing_mode,
        on_demand_since_micros: read.settings.on_demand_since_micros.map(|_| now),
        throughput: throughput.as_new(),
        on_demand: *on_demand,
        capacity: read.settings.capacity,
        table_class: *table_class,
        replicates_settings: read.settings.replicates_settings,
        replica_overrides: read.settings.replica_overrides.clone(),
        stream: read
            .settings
            .stream
            .clone()
            .map(|stream| StreamSpecification { label: engine::stream::label_at(now), ..stream }),
        transitions: vec![Transition { change: Change::Creating, until_micros }],
        ..Settings::default()
    };
    let mut new = NewTable {
        scope,
        name: read.name.clone(),
        key: read.key.clone(),
        attribute_definitions: read.attribute_definitions.clone(),
        indexes: read.indexes.iter().map(index).collect(),
        settings,
    };
    new.settings.time_to_live = read.settings.time_to_live.clone().map(|mut time_to_live| {
        time_to_live.since_version = 1;
        time_to_live
    });
    Ok(new)
}

/// What all replicas share, with what the new one has in its place. Units of reads are taken in on-demand mode, too,
/// and have no effect.
fn with_overrides(read: &Table, action: &CreateReplicationGroupMemberAction) -> Result<Table, ApiError> {
    let (mut shared, _) = read.without_overrides();
    override_reads(
        &mut shared,
        Reads {
            provisioned: action.provisioned_throughput_override.as_ref(),
            on_demand: action.on_demand_throughput_override.as_ref(),
            indexes: action.global_secondary_indexes.as_deref(),
        },
    )?;
    override_class(&mut shared, action.table_class_override.as_deref());
    Ok(shared)
}

fn index(index: &Index) -> Index {
    Index { throughput: index.throughput.as_new(), warm: None, ..index.clone() }
}
