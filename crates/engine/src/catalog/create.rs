//! Creating a table.

use super::change::Claim;
use super::document::{self, Kind};
use super::load::next_table_id;
use super::quota::{Adds, Growth, NoRoom};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::jobs::{FillReplica, Job, RestoreTable, RestoredFrom};
use crate::stream::StreamLoad;
use crate::table::{Index, KeyAttribute, KeySchema, Provisioned, Scope, Settings, Table, replication_to};
use std::sync::Arc;
use stdx::future::Boxed;
use store::{Fence, Plan, RecordWrite, StoreError};

/// A table to be created. Its schema and settings have been checked.
#[derive(Debug, Clone)]
pub struct NewTable {
    /// Account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
    /// The primary key.
    pub key: KeySchema,
    /// All attribute definitions.
    pub attribute_definitions: Vec<KeyAttribute>,
    /// The secondary indexes; their numbers are given here.
    pub indexes: Vec<Index>,
    /// Everything else.
    pub settings: Settings,
}

/// Why a table was not created.
#[derive(Debug, Clone, PartialEq)]
pub enum CreateError {
    /// There is one of this name.
    Exists,
    /// The account has as many tables in this region as it may.
    TooManyTables,
    /// The account has as much provisioned in a region as it may.
    NoRoom(NoRoom),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for CreateError {
    fn from(error: StoreError) -> Self {
        CreateError::Store(error)
    }
}

impl NewTable {
    fn growth(&self) -> Growth<'_> {
        Growth::new(&self.scope, &self.name, Provisioned::of(&self.settings.throughput, &self.indexes))
    }
}

/// The fence of creations: how many table ids were given. No table has this id.
pub(super) fn creations(next_table_id: u32) -> Fence {
    Fence { subject: u64::MAX, version: u64::from(next_table_id) - 1 }
}

/// What the creation of a table commits beside it, where it gets its items from elsewhere.
pub(super) struct Beside {
    pub fences: Vec<Fence>,
    pub raise: Vec<Fence>,
    pub records: Vec<RecordWrite>,
    /// Further tables, in other places, that get their items from there too.
    pub also: Vec<NewTable>,
    /// That of the source, so that items are restored in the order of their keys.
    pub hash_key: [u8; 16],
    pub from: ItemsFrom,
}

/// What tables are created.
fn places(new: &NewTable, beside: Option<&Beside>) -> Vec<(Scope, String)> {
    let also = beside.into_iter().flat_map(|beside| &beside.also);
    std::iter::once(new).chain(also).map(|new| (new.scope.clone(), new.name.clone())).collect()
}

/// Where the items of a new table come from.
#[derive(Clone)]
pub(super) enum ItemsFrom {
    /// It is restored.
    Restored(RestoredFrom),
    /// From the replica in a region.
    Replica(Scope),
    /// From a replica, once others know of it.
    Later,
}

impl ItemsFrom {
    fn job(self, table: &Table) -> Option<Job> {
        match self {
            ItemsFrom::Restored(from) => Some(Job::RestoreTable(RestoreTable::of(table, from))),
            ItemsFrom::Replica(scope) => Some(Job::FillReplica(FillReplica::of(table, scope))),
            ItemsFrom::Later => None,
        }
    }
}

impl Engine {
    /// Creates a table. It can be used as soon as this returns.
    pub fn create_table(&self, new: NewTable) -> Boxed<'_, Result<Arc<Table>, CreateError>> {
        Box::pin(async move {
            for _ in 0..Engine::PLANS_MAX {
                if let Some(table) = self.create_once(new.clone(), None).await? {
                    return Ok(table);
                }
            }
            Err(CreateError::Store(Engine::table_keeps_changing()))
        })
    }

    /// `None`: another engine has created a table, or changed what this one comes from, meanwhile.
    pub(super) fn create_once(
        &self,
        new: NewTable,
        beside: Option<Beside>,
    ) -> Boxed<'_, Result<Option<Arc<Table>>, CreateError>> {
        Box::pin(async move {
            let shared = self.store().capabilities().shared;
            let _alone = if shared { Some(self.catalog().creating.lock().await) } else { None };
            let places = places(&new, beside.as_ref());
            let created = self.try_create(new, shared, beside).await?;
            if created.is_none() {
                self.store().settled().await?; // what has come between is durable by then
            }
            if created.is_none() && shared {
                let next = next_table_id(self.store()).await.map_err(EngineError::into_store)?;
                self.catalog().changes.lock().next_table_id = next;
                // Who was given a lower id may not have acknowledged its table yet.
                for (scope, name) in &places {
                    let found = self.catalog().reload(self.store(), scope, name).await?;
                    found.iter().for_each(|table| self.tend(table));
                }
            }
            Ok(created)
        })
    }

    /// `None`: another engine on the store has created a table since this one has looked.
    async fn try_create(
        &self,
        mut new: NewTable,
        shared: bool,
        mut beside: Option<Beside>,
    ) -> Result<Option<Arc<Table>>, CreateError> {
        let mut also = beside.as_mut().map(|beside| std::mem::take(&mut beside.also)).unwrap_or_default();
        let (claim, claims) = self.claim_all(&new, &also).await;
        self.refresh().await?;
        for new in std::iter::once(&mut new).chain(&mut also) {
            self.give_label(&new.scope, &new.name, &mut new.settings.stream).await?;
        }
        self.are_free(&new, &also)?;
        let growths: Vec<_> = std::iter::once(&new).chain(&also).map(NewTable::growth).collect();
        let room = self.take_room(&growths, Adds::Tables).await?.map_err(CreateError::NoRoom)?;
        self.are_free(&new, &also)?; // another engine's tables may have come to be known
        let (change, tables, jobs) = {
            let mut changes = self.catalog().changes.lock();
            let seen = creations(changes.next_table_id);
            let mut tables = Vec::with_capacity(1 + also.len());
            for new in std::iter::once(new).chain(also) {
                if !self.catalog().has_place(&changes, &new.scope) {
                    return Err(CreateError::TooManyTables);
                }
                let mut table = self.descriptor(new, changes.next_table_id + tables.len() as u32);
                table.hash_key = beside.as_ref().map_or(table.hash_key, |beside| beside.hash_key);
                tables.push(table);
            }
            changes.next_table_id += tables.len() as u32;
            let mut records: Vec<_> = tables.iter().map(document::put_table).collect();
            records.push(document::put_global(Kind::NextTableId, "", &changes.next_table_id));
            records.extend(tables.iter().flat_map(|table| self.stream_of_new(table)));
            let mut raise: Vec<Fence> = tables.iter().map(Table::fence).chain(room.raise()).collect();
            raise.extend(shared.then(|| creations(changes.next_table_id)));
            let mut fences: Vec<Fence> = shared.then_some(seen).into_iter().chain(room.fences()).collect();
            let mut jobs = Vec::new();
            if let Some(beside) = beside {
                jobs.extend(tables.iter().filter_map(|table| beside.from.clone().job(table)));
                records.extend(beside.records.into_iter().chain(jobs.iter().map(Job::record)));
                raise.extend(beside.raise);
                fences.extend(beside.fences);
            }
            (self.begin(fences, Plan { records, raise, ..Plan::default() }), tables, jobs)
        };
        let end = move |engine: &Engine, table: Option<Arc<Table>>| {
            tables.iter().skip(1).for_each(|table| engine.tend(table));
            jobs.into_iter().for_each(|job| engine.jobs().start(job));
            drop(claims);
            // It was created, though another server may have deleted it since.
            table.or_else(|| tables.into_iter().next().map(Arc::new))
        };
        let created = self.see_through(claim, change, end).await?;
        room.close(created.is_some());
        Ok(created.flatten())
    }

    /// The right to create a table, and those to create further ones: taken in their order, so that no two creations
    /// wait for each other.
    async fn claim_all(&self, new: &NewTable, also: &[NewTable]) -> (Claim, Vec<Claim>) {
        let (before, behind): (Vec<_>, Vec<_>) = {
            let mut places: Vec<_> = also.iter().map(|new| (&new.scope, &new.name)).collect();
            places.sort_unstable();
            places.into_iter().partition(|place| *place < (&new.scope, &new.name))
        };
        let mut claims = Vec::with_capacity(also.len());
        for (scope, name) in before {
            claims.push(self.claim(scope, name).await);
        }
        let claim = self.claim(&new.scope, &new.name).await;
        for (scope, name) in behind {
            claims.push(self.claim(scope, name).await);
        }
        (claim, claims)
    }

    /// Refuses names that are taken.
    fn are_free(&self, new: &NewTable, also: &[NewTable]) -> Result<(), CreateError> {
        let is_taken = |new: &NewTable| self.table(&new.scope, &new.name).is_some();
        match std::iter::once(new).chain(also).any(is_taken) {
            true => Err(CreateError::Exists),
            false => Ok(()),
        }
    }

    fn descriptor(&self, new: NewTable, id: u32) -> Table {
        let NewTable { scope, name, key, attribute_definitions, mut indexes, settings } = new;
        for (number, index) in (1..).zip(&mut indexes) {
            index.number = number;
        }
        let followed = settings.global.iter().filter(|global| !global.is_strong);
        let regions = followed.flat_map(|global| &global.regions);
        let remote = settings.elsewhere.iter().flat_map(|elsewhere| &elsewhere.replicas);
        let regions =
            regions.chain(remote.filter(|replica| replica.is_member()).map(|replica| &replica.region));
        Table {
            id,
            schema_version: 1,
            scope,
            name,
            uuid: settings.promised_uuid().unwrap_or_else(|| self.random().uuid()),
            created_micros: self.now_micros(),
            hash_key: self.random().bytes16(),
            key,
            attribute_definitions,
            index_number_max: indexes.len() as u16,
            indexes,
            consumers: regions.map(|region| replication_to(region)).collect(),
            had_consumers: false,
            load: StreamLoad::default(),
            buckets: Default::default(),
            settings,
        }
    }
}
