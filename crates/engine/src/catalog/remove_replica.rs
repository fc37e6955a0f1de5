//! Taking a replica away. First it is marked: from then on it takes no requests. Once the others have all that was
//! written there, it is deleted, and they forget it in the same commit; so nothing that was acknowledged is lost with
//! it, and the others never differ for it.

use super::AlterError;
use super::delete::{Beside, DeleteError};
use super::document;
use crate::engine::Engine;
use crate::feed::cursor;
use crate::jobs::{DropTombstones, Job};
use crate::table::Table;
use std::sync::Arc;
use stdx::future::Boxed;
use store::StoreError;

impl Engine {
    /// Marks the first of all replicas of a global table as being taken away, which shows until a time at least.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn begin_leaving<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        until_micros: u64,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move { self.mark_leaving(members, until_micros, |at| at == 0).await })
    }

    /// Marks all replicas of a global table but the first as being taken away.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn begin_dissolving<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        until_micros: u64,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move { self.mark_leaving(members, until_micros, |at| at > 0).await })
    }

    async fn mark_leaving(
        &self,
        members: &[Arc<Table>],
        until_micros: u64,
        leaves: impl Fn(usize) -> bool + Send + Sync,
    ) -> Result<Arc<Table>, AlterError> {
        self.alter_tables(members, |at, table| {
            for global in table.settings.global.iter_mut().filter(|_| leaves(at)) {
                global.leaving_until_micros = Some(until_micros);
            }
        })
        .await
    }

    /// Deletes a replica that is being taken away, if the others have all of it. False: they do not yet.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish_leaving<'a>(&'a self, table: &'a Table) -> Boxed<'a, Result<bool, StoreError>> {
        Box::pin(async move { self.finish_leaving_among(table, |_| true).await })
    }

    /// The same, whatever is with replicas in regions that it does not concern.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish_leaving_among(
        &self,
        table: &Table,
        concerns: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        self.refresh().await?;
        let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
        let Some(table) = table else { return Ok(true) };
        let Some(until_micros) = table.global().and_then(|global| global.leaving_until_micros) else {
            return Ok(true);
        };
        if !self.others_have_all(&table, concerns).await? {
            return Ok(false);
        }
        let beside = self.without(&table);
        match self.try_delete(&table, until_micros, beside).await {
            Ok(Some(())) | Err(DeleteError::NotFound) => {}
            Ok(None) => return Ok(false), // changed meanwhile: try again
            Err(DeleteError::Protected) => {
                return Err(StoreError::Unavailable("the replica is protected against deletion".to_owned()));
            }
            Err(DeleteError::Store(error)) => return Err(error),
        }
        self.refresh().await?;
        Ok(true)
    }

    /// The other replicas without this one.
    fn without(&self, table: &Table) -> Beside {
        let mut beside = Beside::default();
        let others = table.replica_scopes().filter_map(|scope| self.table(&scope, &table.name));
        for other in others.filter(|other| other.is_replica_of(table)) {
            let mut next = Table::clone(&other);
            next.remove_replica(&table.scope.region);
            next.had_consumers = true;
            next.schema_version += 1;
            let consumers = other.replication_consumers().filter(|one| one.id == *table.scope.region);
            beside.records.extend(consumers.map(|consumer| cursor::forget_one(&other, consumer)));
            beside.records.push(document::put_table(&next));
            let is_alone = other.global().filter(|global| next.global().is_none() && !global.is_strong);
            beside
                .jobs
                .extend(is_alone.map(|global| Job::DropTombstones(DropTombstones::of(&other, global))));
            beside.fences.push(other.fence());
            beside.raise.push(next.fence());
        }
        beside
    }
}
