//! CreateGlobalTable: tables of one name become a global table of version 2017.11.29.
//!
//! Order of refusals: constraints → none are made here → no region, or one twice → there is one already → region by
//! region, no such table, or one that cannot be part of it → tables that differ.
//!
//! Peers are asked for the tables of their regions; those become replicas behind the answer.

use crate::checks::capacity_quota;
use crate::errors::{self, codes, no_access, store_error, table_keeps_changing};
use crate::global_table::REGIONS;
use crate::legacy_global_table::candidate::{self, Candidate, Found};
use crate::legacy_global_table::{self as legacy, LegacyGlobalTables};
use crate::peering;
use crate::service::DynamoDb;
use crate::table_change::{ATTEMPTS_MAX, attempted};
use engine::table::{Index, Settings, StreamSpecification, StreamView};
use engine::{CreateError, Joined, NewTable, Scope, Table};
use model::ApiError;
use model::dynamodb::{CreateGlobalTable, CreateGlobalTableInput, CreateGlobalTableOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Operation<DynamoDb> for CreateGlobalTable {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateGlobalTableInput> = Validation::MODEL;
    type Plan = CreateGlobalTableInput;

    fn check(input: CreateGlobalTableInput) -> Result<CreateGlobalTableInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &CreateGlobalTableInput) -> Access<'static> {
        super::access(cx, "dynamodb:CreateGlobalTable", input.global_table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: CreateGlobalTableInput,
    ) -> Result<CreateGlobalTableOutput, ApiError> {
        cx.service.legacy_global_tables.check()?;
        let name = input.global_table_name.unwrap_or_default();
        let regions = input.replication_group.unwrap_or_default();
        let regions = regions.into_iter().map(|replica| replica.region_name.unwrap_or_default()).collect();
        let regions = distinct(cx, regions)?;
        let members = create(cx, &name, &regions).await?;
        let mut description = legacy::description(cx, &name, &members);
        description.global_table_status = Some("CREATING".to_owned());
        Ok(CreateGlobalTableOutput { global_table_description: Some(description) })
    }
}

/// The regions, of which there is one at least, each once.
fn distinct(cx: &Cx<'_, DynamoDb>, regions: Vec<String>) -> Result<BTreeSet<String>, ApiError> {
    if regions.is_empty() {
        return Err(ApiError::validation("One or more parameter values were invalid"));
    }
    let supported = peering::regions(cx).unwrap_or_else(|| REGIONS.map(str::to_owned).to_vec());
    if let Some(unknown) = regions.iter().find(|region| !supported.contains(region)) {
        return Err(errors::invalid_parameter(format_args!("Region {unknown} is not supported.")));
    }
    let all = regions.len();
    let distinct: BTreeSet<String> = regions.into_iter().collect();
    match distinct.len() == all {
        true => Ok(distinct),
        false => Err(errors::invalid_parameter("ReplicationGroup must not have a region twice")),
    }
}

async fn create(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    regions: &BTreeSet<String>,
) -> Result<Vec<Arc<Table>>, ApiError> {
    let (here, elsewhere): (Vec<&String>, Vec<&String>) =
        regions.iter().partition(|region| cx.service.peers.host(region));
    let Some(source) = here.first() else { return Err(none_is_here(regions)) };
    let incarnation = peering::next_incarnation(cx, None, source).await?; // that of all: none came before
    let elsewhere: Vec<(Arc<str>, u64)> =
        elsewhere.into_iter().map(|region| (region.as_str().into(), incarnation)).collect();
    let is_tutorial = cx.service.legacy_global_tables == LegacyGlobalTables::Tutorial;
    for _ in 0..ATTEMPTS_MAX {
        if let Some(known) = legacy::members(cx, name) {
            let is_the_same = legacy::regions(&known) == *regions;
            return if is_tutorial && is_the_same { Ok(known) } else { Err(exists(name)) };
        }
        if is_tutorial {
            make_missing(cx, name, regions).await?;
        }
        let Found { tables, .. } = found(cx, name, regions).await?;
        let joined = Joined {
            since_micros: cx.now_micros,
            elsewhere: &elsewhere,
            incarnation,
            source: source.as_str(),
            ..Joined::default()
        };
        let joined = cx.service.engine.join_replicas(&tables, joined).await;
        if attempted(cx, joined).await?.is_some() {
            return legacy::members(cx, name).ok_or_else(table_keeps_changing);
        }
    }
    Err(table_keeps_changing())
}

/// The tables of all regions, which can be a global table.
async fn found(cx: &Cx<'_, DynamoDb>, name: &str, regions: &BTreeSet<String>) -> Result<Found, ApiError> {
    let found = candidate::look(cx, name, regions.iter().map(String::as_str)).await?;
    if !found.groups.is_empty() {
        return Err(exists(name));
    }
    for region in regions {
        found.in_region(name, region)?.check(name)?;
    }
    candidate::are_alike(&found.candidates)?;
    Ok(found)
}

/// A server makes global tables of which it has a replica.
fn none_is_here(regions: &BTreeSet<String>) -> ApiError {
    let first = regions.first().map(String::as_str).unwrap_or_default();
    no_access(first, "This server hosts none of the regions: ask one that hosts one of them")
}

fn exists(name: &str) -> ApiError {
    ApiError::new(
        codes::GLOBAL_TABLE_ALREADY_EXISTS,
        format!("Global table already exists: Global table with name: '{name}' already exists."),
    )
}

/// Makes tables like the one that is there, in regions of this server that have none, if it is there, empty and under
/// no key of KMS; and a stream for one that has none.
async fn make_missing(cx: &Cx<'_, DynamoDb>, name: &str, regions: &BTreeSet<String>) -> Result<(), ApiError> {
    let here = cx.caller.region.to_string();
    let mut like = None;
    for region in std::iter::once(&here).chain(regions) {
        like = like.or(legacy::table_in(cx, name, region).await?);
    }
    let Some(like) = like else { return Ok(()) };
    let candidate = Candidate::of(&cx.service.engine, &like, cx.now_micros).await;
    candidate.map_err(|error| store_error(&error))?.map_or(Ok(()), |like| like.check_empty(name))?;
    if like.settings.sse.is_some() {
        return Ok(()); // each region has keys of its own
    }
    for region in regions.iter().filter(|region| cx.service.peers.host(region)) {
        match legacy::table_in(cx, name, region).await? {
            Some(table) => enable_stream(cx, &table).await?,
            None => match cx.service.engine.create_table(copy(cx, &like, legacy::scope(cx, region))).await {
                Ok(_) | Err(CreateError::Exists) => {}
                Err(CreateError::TooManyTables) => return Err(errors::too_many_tables()),
                Err(CreateError::NoRoom(no_room)) => return Err(capacity_quota::no_room(&no_room)),
                Err(CreateError::Store(error)) => return Err(store_error(&error)),
            },
        }
    }
    Ok(())
}

async fn enable_stream(cx: &Cx<'_, DynamoDb>, table: &Arc<Table>) -> Result<(), ApiError> {
    if table.settings.stream.as_ref().is_some_and(|stream| stream.enabled) {
        return Ok(());
    }
    let stream = stream(cx);
    crate::table_change::attempt(cx, table, |table| table.settings.stream = Some(stream.clone())).await?;
    Ok(())
}

fn stream(cx: &Cx<'_, DynamoDb>) -> StreamSpecification {
    StreamSpecification::beginning(StreamView::NewAndOldImages, cx.now_micros)
}

fn copy(cx: &Cx<'_, DynamoDb>, like: &Table, scope: Scope) -> NewTable {
    let Settings { billing_mode, throughput, on_demand, table_class, capacity, .. } = like.settings.clone();
    NewTable {
        scope,
        name: like.name.clone(),
        key: like.key.clone(),
        attribute_definitions: like.attribute_definitions.clone(),
        indexes: like.indexes.iter().map(|index| Index { warm: None, ..index.clone() }).collect(),
        settings: Settings {
            billing_mode,
            on_demand_since_micros: like.settings.on_demand_since_micros.map(|_| cx.now_micros),
            throughput: throughput.as_new(),
            on_demand,
            table_class,
            capacity,
            stream: Some(stream(cx)),
            ..Settings::default()
        },
    }
}
