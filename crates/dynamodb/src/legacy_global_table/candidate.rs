//! Tables that are to be part of a global table of version 2017.11.29, here or at a peer: one in each region, ready,
//! empty, in no global table, with a stream of both images, and alike.

use crate::errors::{codes, store_error};
use crate::global_table;
use crate::legacy_global_table as legacy;
use crate::peering::{self, Definition};
use crate::service::DynamoDb;
use engine::table::StreamView;
use engine::{Engine, Table};
use model::ApiError;
use pipeline::Cx;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::StoreError;

/// What matters of a table that is ready. Servers tell each other of theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// Where it is.
    pub region: String,
    /// Whether it is in a global table already.
    pub is_replica: bool,
    /// Whether it has a stream of both images.
    pub has_stream: bool,
    /// Whether it has no items.
    pub is_empty: bool,
    /// Its keys, its indexes, and how it is paid for.
    pub definition: Definition,
}

impl Candidate {
    /// A table of this server; `None`: it is not ready.
    pub async fn of(
        engine: &Engine,
        table: &Table,
        now_micros: u64,
    ) -> Result<Option<Candidate>, StoreError> {
        if global_table::is_changing(table, now_micros) {
            return Ok(None);
        }
        let stream = table.settings.stream.as_ref().filter(|stream| stream.enabled);
        Ok(Some(Candidate {
            region: table.scope.region.to_string(),
            is_replica: table.global().is_some(),
            has_stream: stream.is_some_and(|stream| stream.view == StreamView::NewAndOldImages),
            is_empty: engine.statistics(table).await?.items == 0,
            definition: Definition::of(table),
        }))
    }

    /// Whether the table can be part of a global table that it is in none of yet.
    pub fn check(&self, name: &str) -> Result<(), ApiError> {
        let region = &self.region;
        if self.is_replica {
            return Err(ApiError::validation(format!(
                "Table {name} in region {region} is a replica of a global table already."
            )));
        }
        if !self.has_stream {
            return Err(ApiError::validation(format!(
                "Table {name} in region {region} must have a stream enabled with view type NEW_AND_OLD_IMAGES."
            )));
        }
        self.check_empty(name)
    }

    /// A global table begins without items, and grows only while it has none.
    pub fn check_empty(&self, name: &str) -> Result<(), ApiError> {
        match self.is_empty {
            true => Ok(()),
            false => {
                Err(ApiError::validation(format!("Table {name} in region {} must be empty.", self.region)))
            }
        }
    }
}

/// All have the same keys, the same global indexes, and pay for writes in the same way.
pub fn are_alike(candidates: &[Candidate]) -> Result<(), ApiError> {
    let Some((first, others)) = candidates.split_first() else { return Ok(()) };
    match others.iter().all(|other| other.definition.is_alike(&first.definition)) {
        true => Ok(()),
        false => Err(ApiError::validation(
            "Tables of a global table must have the same key schema, the same global secondary indexes and the same \
             management of write capacity.",
        )),
    }
}

/// Those of this server and those of its peers, of some regions: of each that is ready.
pub async fn look(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    regions: impl Iterator<Item = &str>,
) -> Result<Found, ApiError> {
    let (here, there): (Vec<&str>, Vec<&str>) = regions.partition(|region| cx.service.peers.host(region));
    let seen = peering::look(cx, name, &there).await?;
    let mut found = Found { tables: Vec::new(), candidates: seen.tables, groups: seen.groups };
    for region in here {
        let Some(table) = legacy::table_in(cx, name, region).await? else { continue };
        let candidate = Candidate::of(&cx.service.engine, &table, cx.now_micros).await;
        if let Some(candidate) = candidate.map_err(|error| store_error(&error))? {
            found.candidates.push(candidate);
            found.tables.push(table);
        }
    }
    Ok(found)
}

/// What there is.
pub struct Found {
    /// The tables of this server.
    pub tables: Vec<Arc<Table>>,
    /// All of them.
    pub candidates: Vec<Candidate>,
    /// The global tables of version 2017.11.29 that peers have of this name.
    pub groups: Vec<String>,
}

impl Found {
    /// That of a region.
    pub fn in_region(&self, name: &str, region: &str) -> Result<&Candidate, ApiError> {
        self.candidates.iter().find(|candidate| candidate.region == region).ok_or_else(|| {
            ApiError::new(codes::TABLE_NOT_FOUND, format!("Table not found: {name} in region {region}"))
        })
    }
}
