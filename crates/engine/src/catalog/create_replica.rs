//! Adding a replica to a table: a table of its own in another region, which a job fills with the items of the one that
//! it is added at, while writes go on everywhere.
//!
//! What the others have written and that one does not have yet comes to the new one by their feeds: it begins to read
//! each of them where that one has come to. Where some are on other stores, their servers are told of it first, and
//! it is filled once all of them keep records for it: each from where the one it is filled from has come to by then.

use super::alter_tables::Along;
use super::create::{Beside, CreateError, ItemsFrom, NewTable};
use super::{AlterError, document};
use crate::engine::Engine;
use crate::jobs::{FillReplica, Job};
use crate::table::{GlobalTable, Introduction, Table, replication_to};
use std::sync::Arc;
use stdx::future::Boxed;
use store::FeedCursor;

impl Engine {
    /// Creates a table that is a replica of the first of these, in a region in which there is none, and begins to fill
    /// it. The others are the replicas that the first one has. Those on other stores are told which of the replicas of
    /// its region it is. `None`: one of them was changed since it was read.
    ///
    /// # Errors
    /// When the table is there, or the store fails.
    pub fn create_replica<'a>(
        &'a self,
        mut new: NewTable,
        members: &'a [Arc<Table>],
        incarnation: u64,
    ) -> Boxed<'a, Result<Option<Arc<Table>>, CreateError>> {
        Box::pin(async move {
            let Some((source, others)) = members.split_first() else { return Ok(None) };
            self.refresh().await?;
            if !members.iter().all(|member| self.is_current_version(member)) {
                return Ok(None);
            }
            let group = source.global().map_or_else(|| self.random().uuid(), |global| global.group.clone());
            let (region, consumer) = (Arc::clone(&new.scope.region), replication_to(&new.scope.region));
            new.settings.global = Some(GlobalTable {
                group: group.clone(),
                regions: members.iter().map(|member| Arc::clone(&member.scope.region)).collect(),
                since_version: 1,
                is_filling: true,
                failure: None,
                leaving_until_micros: None,
                is_strong: false,
                witness: None,
                legacy_since_micros: None,
                is_parting: false,
            });
            let has_own = new.settings.replica_overrides.is_some() || new.settings.sse.is_some();
            new.settings.elsewhere = source.elsewhere_for_new(has_own, incarnation);
            let from = match new.settings.elsewhere {
                Some(_) => ItemsFrom::Later,
                None => ItemsFrom::Replica(source.scope.clone()),
            };
            // What is committed up to here stands in the source's rows when the job reads them.
            let mut records =
                vec![source.acknowledgement(&consumer, FeedCursor::behind(self.store().newest().await?))];
            for other in others {
                let read = self.acknowledged(other, &replication_to(&source.scope.region)).await?;
                records.push(other.acknowledgement(&consumer, read));
            }
            let next: Vec<Table> =
                members.iter().map(|member| with_replica(member, &group, &region)).collect();
            records.extend(next.iter().map(document::put_table));
            let beside = Beside {
                fences: members.iter().map(|member| member.fence()).collect(),
                raise: next.iter().map(Table::fence).collect(),
                records,
                also: Vec::new(),
                hash_key: source.hash_key,
                from,
            };
            let created = self.create_once(new, Some(beside)).await?;
            self.refresh().await?; // shows the others
            Ok(created)
        })
    }

    /// Begins to fill a new replica, of which all servers that host others have been told.
    ///
    /// # Errors
    /// When it was changed since it was read.
    pub fn fill_announced<'a>(&'a self, table: &'a Arc<Table>) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            let told = table.introduction().filter(|known| !known.is_announced).cloned();
            let told =
                told.map(|known| Introduction { is_announced: true, ..known }).ok_or(AlterError::Changed)?;
            let job = Job::FillReplica(FillReplica::of(table, table.replica_scope(&told.source)));
            let along = Along { jobs: vec![job], ..Along::default() };
            let told = |_, table: &mut Table| table.set_introduction(Some(told.clone()));
            self.alter_tables_along(std::slice::from_ref(table), told, along).await
        })
    }

    /// All servers that host others know that a new replica is there; or, with the reason, it cannot be made.
    ///
    /// # Errors
    /// When it was changed since it was read.
    pub fn end_introduction<'a>(
        &'a self,
        table: &'a Arc<Table>,
        failure: Option<&'a str>,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            self.alter_tables(std::slice::from_ref(table), |_, table| {
                if let Some((global, why)) = table.settings.global.as_mut().zip(failure) {
                    global.failure = Some(why.to_owned());
                }
                table.set_introduction(None);
            })
            .await
        })
    }

    /// Creates tables in other regions with which this one is a strongly consistent global table, beside a region that
    /// only is its witness. Items that it has by then come to them in time. `None`: it was changed since it was read.
    ///
    /// # Errors
    /// When one of the tables is there, or the store fails.
    pub fn create_strong_replicas<'a>(
        &'a self,
        mut new: Vec<NewTable>,
        source: &'a Arc<Table>,
        witness: Option<Arc<str>>,
    ) -> Boxed<'a, Result<Option<Arc<Table>>, CreateError>> {
        Box::pin(async move {
            self.refresh().await?;
            if !self.is_current_version(source) {
                return Ok(None);
            }
            let group = self.random().uuid();
            let here = Arc::clone(&source.scope.region);
            let regions: Vec<_> = new.iter().map(|new| Arc::clone(&new.scope.region)).collect();
            for new in &mut new {
                let others = regions.iter().filter(|region| **region != new.scope.region).cloned();
                new.settings.global = Some(GlobalTable {
                    group: group.clone(),
                    regions: std::iter::once(Arc::clone(&here)).chain(others).collect(),
                    since_version: 1,
                    is_filling: true,
                    failure: None,
                    leaving_until_micros: None,
                    is_strong: true,
                    witness: witness.clone(),
                    legacy_since_micros: None,
                    is_parting: false,
                });
            }
            let mut next = Table::clone(source);
            next.join_strong(&group, regions, witness.as_ref());
            next.had_consumers |= !source.consumers.is_empty();
            next.schema_version += 1;
            let mut new = new.into_iter();
            let Some(first) = new.next() else { return Ok(None) };
            let beside = Beside {
                fences: vec![source.fence()],
                raise: vec![next.fence()],
                records: vec![document::put_table(&next)],
                also: new.collect(),
                hash_key: source.hash_key,
                from: ItemsFrom::Replica(source.scope.clone()),
            };
            let created = self.create_once(first, Some(beside)).await?;
            self.refresh().await?; // shows the others
            Ok(created)
        })
    }

    fn is_current_version(&self, read: &Table) -> bool {
        let now = self.table(&read.scope, &read.name);
        now.is_some_and(|now| (now.id, now.schema_version) == (read.id, read.schema_version))
    }
}

fn with_replica(member: &Table, group: &str, region: &Arc<str>) -> Table {
    let mut next = member.clone();
    next.add_replica(group, region);
    next.had_consumers |= !member.consumers.is_empty();
    next.schema_version += 1;
    next
}
