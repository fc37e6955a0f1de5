//! Tables that are there become replicas of a global table, as in version 2017.11.29, and become tables of their own
//! again with what they have.
//!
//! What a table has when it joins is brought to the others by jobs, so none of them misses an item that was written
//! just before. Those on other stores are put down as joining: it is brought to them from above. One that goes its own
//! way is marked first: from then on its writes are its own. Once the others have those before, it is none of them any
//! more.

use super::AlterError;
use super::alter_tables::Along;
use crate::engine::Engine;
use crate::feed::{Consumer, cursor};
use crate::jobs::{DropTombstones, FillReplica, Job};
use crate::replication::has_read;
use crate::table::{RemoteReplica, RemoteState, Table, replication_to};
use std::sync::Arc;
use stdx::future::Boxed;
use store::{FeedCursor, Position, StoreError};

/// What tables become replicas of.
#[derive(Debug, Clone, Copy, Default)]
pub struct Joined<'a> {
    /// The id of the global table; `None`: that of the first table, or a new one.
    pub group: Option<&'a str>,
    /// Since when it is there, in microseconds since the Unix epoch, if none of the tables knows.
    pub since_micros: u64,
    /// The regions of replicas on other stores, and which of those that each region has had they are; those that a
    /// table knows already stay as they are.
    pub elsewhere: &'a [(Arc<str>, u64)],
    /// The same of tables that become replicas on this store.
    pub incarnation: u64,
    /// The region of the replica whose server makes tables on other stores replicas.
    pub source: &'a str,
}

impl Engine {
    /// Makes tables, one in each region, replicas of one global table of version 2017.11.29. Those that are replicas
    /// already are all of their global table on this store, and come first.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn join_replicas<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        joined: Joined<'a>,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            let known = members.first().and_then(|member| member.global());
            let group = known.map(|global| global.group.clone()).or(joined.group.map(str::to_owned));
            let group = group.unwrap_or_else(|| self.random().uuid());
            let since_micros =
                known.and_then(|global| global.legacy_since_micros).unwrap_or(joined.since_micros);
            let read = FeedCursor::behind(self.store().newest().await?);
            let mut along = Along::default();
            for (from, to) in new_directions(members) {
                along.records.push(from.acknowledgement(&replication_to(&to.scope.region), read));
                along.jobs.push(Job::FillReplica(FillReplica::beside(to, from.scope.clone())));
            }
            for (member, (region, _)) in
                members.iter().flat_map(|member| new_elsewhere(member, joined).map(move |to| (member, to)))
            {
                along.records.push(member.acknowledgement(&replication_to(region), read));
            }
            let alter = |at: usize, table: &mut Table| {
                join(table, members, at, &group, since_micros);
                for (region, incarnation) in new_elsewhere(&members[at], joined) {
                    let state = RemoteState::Joining { source: joined.source.into() };
                    let replica = RemoteReplica::new(region, state);
                    table.add_remote(&group, RemoteReplica { incarnation: *incarnation, ..replica });
                }
                if let Some(elsewhere) =
                    table.settings.elsewhere.as_mut().filter(|_| members[at].global().is_none())
                {
                    elsewhere.incarnation = joined.incarnation;
                }
            };
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

    /// Whether the others have all that was written to a replica before a position, behind which it was marked as going
    /// its own way, and it has what those on this store had written by then; but for those whom it does not concern.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn has_parted(
        &self,
        table: &Arc<Table>,
        marked: Position,
        concerns: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        let Some(members) = self.replicas_of(table) else { return Ok(false) };
        for (at, member) in members.iter().enumerate() {
            let is_its = |consumer: &&Consumer| match at {
                0 => concerns(&consumer.id),
                _ => consumer.id == *table.scope.region,
            };
            for consumer in member.replication_consumers().filter(is_its) {
                if !has_read(self.store(), member, consumer, Some(marked)).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Lets a replica go that is going its own way, once it [has parted](Engine::has_parted) from all whom it concerns.
    /// False: it has not yet.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish_parting(
        &self,
        table: &Table,
        marked: Position,
        concerns: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        self.refresh().await?;
        let table = self.table(&table.scope, &table.name).filter(|now| now.id == table.id);
        let is_parting = |table: &Arc<Table>| table.global().is_some_and(|global| global.is_parting);
        let Some(table) = table.filter(is_parting) else { return Ok(true) };
        if !self.has_parted(&table, marked, concerns).await? {
            return Ok(false);
        }
        let Some(members) = self.replicas_of(&table) else { return Ok(false) };
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
    }
}

/// From which table to which there was no way before.
fn new_directions(members: &[Arc<Table>]) -> impl Iterator<Item = (&Arc<Table>, &Arc<Table>)> {
    let pairs = members.iter().flat_map(move |from| members.iter().map(move |to| (from, to)));
    pairs.filter(|(from, to)| from.id != to.id && !from.is_replica_of(to))
}

/// The regions on other stores to which there was no way from a table before.
fn new_elsewhere<'a>(table: &Table, joined: Joined<'a>) -> impl Iterator<Item = &'a (Arc<str>, u64)> {
    let is_known = |region: &str| table.remote_replica(region).is_some_and(RemoteReplica::is_member);
    joined.elsewhere.iter().filter(move |(region, _)| !is_known(region))
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
        let mut next = Table::clone(other);
        next.remove_replica(&parting.scope.region);
        next.global().is_none()
    });
    let drops = std::iter::once(parting).chain(alone);
    along.jobs.extend(
        drops.filter_map(|table| Some(Job::DropTombstones(DropTombstones::of(table, table.global()?)))),
    );
    along
}
