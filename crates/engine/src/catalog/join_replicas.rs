//! Tables that are there become replicas of a global table, as in version 2017.11.29, and become tables of their own
//! again with what they have.
//!
//! What a table has when it joins is brought to the others by jobs, so none of them misses an item that was written
//! just before. One that goes its own way is marked first: from then on its writes are its own. Once the others have
//! those before, it is none of them any more.

use super::AlterError;
use super::alter_tables::Along;
use crate::engine::Engine;
use crate::feed::{Consumer, cursor};
use crate::jobs::{DropTombstones, FillReplica, Job};
use crate::replication::has_read;
use crate::table::{Table, replication_to};
use std::sync::Arc;
use stdx::future::Boxed;
use store::{FeedCursor, Position, StoreError};

impl Engine {
    /// Makes tables, one in each region, replicas of one global table of version 2017.11.29. Those that are replicas
    /// already are all of their global table, and come first.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn join_replicas<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        since_micros: u64,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            let known = members.first().and_then(|member| member.global());
            let group = known.map_or_else(|| self.random().uuid(), |global| global.group.clone());
            let since_micros = known.and_then(|global| global.legacy_since_micros).unwrap_or(since_micros);
            let read = FeedCursor::behind(self.store().newest().await?);
            let mut along = Along::default();
            for (from, to) in new_directions(members) {
                along.records.push(from.acknowledgement(&replication_to(&to.scope.region), read));
                along.jobs.push(Job::FillReplica(FillReplica::beside(to, from.scope.clone())));
            }
            let alter = |at: usize, table: &mut Table| join(table, members, at, &group, since_micros);
            self.alter_tables_along(members, alter, along).await
        })
    }

    /// Marks the first of all replicas of a global table as going its own way.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn begin_parting<'a>(
        &'a self,
        members: &'a [Arc<Table>],
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            self.alter_tables(members, |at, table| {
                table
                    .settings
                    .global
                    .iter_mut()
                    .filter(|_| at == 0)
                    .for_each(|global| global.is_parting = true);
            })
            .await
        })
    }

    /// Lets a replica go that is going its own way, if the others have all that was written before a position, behind
    /// which it was marked. False: they do not yet.
    ///
    /// # Errors
    /// When the store fails.
    pub fn finish_parting<'a>(
        &'a self,
        table: &'a Table,
        marked: Position,
    ) -> Boxed<'a, Result<bool, StoreError>> {
        Box::pin(async move {
            self.refresh().await?;
            let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
            let is_parting = |table: &Arc<Table>| table.global().is_some_and(|global| global.is_parting);
            let Some(table) = table.filter(is_parting) else { return Ok(true) };
            let Some(members) = self.replicas_of(&table) else { return Ok(false) };
            for (at, member) in members.iter().enumerate() {
                let is_its = |consumer: &&Consumer| at == 0 || consumer.id == *table.scope.region;
                for consumer in member.replication_consumers().filter(is_its) {
                    if !has_read(self.store(), member, consumer, Some(marked)).await? {
                        return Ok(false);
                    }
                }
            }
            let along = parted(&members);
            let region = Arc::clone(&table.scope.region);
            let alter = |at: usize, table: &mut Table| match at {
                0 => table.part(),
                _ => table.remove_replica(&region),
            };
            match self.alter_tables_along(&members, alter, along).await {
                Ok(_) => Ok(true),
                Err(AlterError::Changed | AlterError::NotFound) => Ok(false),
                Err(AlterError::Store(error)) => Err(error),
            }
        })
    }
}

/// From which table to which there was no way before.
fn new_directions(members: &[Arc<Table>]) -> impl Iterator<Item = (&Arc<Table>, &Arc<Table>)> {
    let pairs = members.iter().flat_map(move |from| members.iter().map(move |to| (from, to)));
    pairs.filter(|(from, to)| from.id != to.id && !from.is_replica_of(to))
}

fn join(table: &mut Table, members: &[Arc<Table>], at: usize, group: &str, since_micros: u64) {
    let others = members.iter().filter(|member| member.id != members[at].id);
    let new: Vec<_> = others.filter(|other| !other.is_replica_of(&members[at])).collect();
    table.join_legacy(group, since_micros);
    new.into_iter().for_each(|other| table.add_replica(group, &other.scope.region));
}

/// What is forgotten when the first of all replicas is none of them any more.
fn parted(members: &[Arc<Table>]) -> Along {
    let mut along = Along::default();
    let Some((parting, others)) = members.split_first() else { return along };
    let consumers = parting.replication_consumers();
    along.records.extend(consumers.map(|consumer| cursor::forget_one(parting, consumer)));
    for other in others {
        let consumers = other.replication_consumers().filter(|one| one.id == *parting.scope.region);
        along.records.extend(consumers.map(|consumer| cursor::forget_one(other, consumer)));
    }
    let alone = others.iter().filter(|other| {
        other.global().is_some_and(|global| global.regions.len() == 1 && global.legacy_since_micros.is_none())
    });
    let drops = std::iter::once(parting).chain(alone);
    along.jobs.extend(
        drops.filter_map(|table| Some(Job::DropTombstones(DropTombstones::of(table, table.global()?)))),
    );
    along
}
