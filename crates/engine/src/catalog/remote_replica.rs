//! Replicas on other stores, as the replicas on this one know them: that one is made, is there, was asked to go, or is
//! gone. No commit spans two stores: what is agreed on between servers, and in which order, is decided above.

use super::AlterError;
use super::alter_tables::Along;
use crate::engine::Engine;
use crate::feed::{Consumer, cursor};
use crate::jobs::{DropTombstones, Job};
use crate::replication::has_read;
use crate::table::{OwnSettings, RemoteReplica, RemoteState, Table, replication_to};
use std::sync::Arc;
use stdx::future::Boxed;
use store::{FeedCursor, RecordWrite, StoreError};

impl Engine {
    /// Adds a replica on another store to all replicas on this one, which are these. It is being made, whatever it says
    /// of its state, from the replica in a region, here or elsewhere. What is committed here up to now stands in the
    /// rows of that one, if it is the first of these; what the others have for it comes to the new one from them.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn add_remote_replica<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        replica: &'a RemoteReplica,
        source: &'a Arc<str>,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            let first = members.first().ok_or(AlterError::NotFound)?;
            let group = first.global().map_or_else(|| self.random().uuid(), |global| global.group.clone());
            let cursors = self.cursors_of_new(members, &replica.region, source).await?;
            let state = RemoteState::Joining { source: Arc::clone(source) };
            let replica = RemoteReplica { state, ..replica.clone() };
            let along = Along { records: cursors, ..Along::default() };
            self.alter_tables_along(members, |_, table| table.add_remote(&group, replica.clone()), along)
                .await
        })
    }

    /// Adds a replica on this store, which was made before and gets its items from another store, to the others on this
    /// one.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn add_hosted_replica<'a>(
        &'a self,
        others: &'a [Arc<Table>],
        region: &'a Arc<str>,
        source: &'a Arc<str>,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            let first = others.first().ok_or(AlterError::NotFound)?;
            let group = first.global().ok_or(AlterError::NotFound)?.group.clone();
            let cursors = self.cursors_of_new(others, region, source).await?;
            let along = Along { records: cursors, ..Along::default() };
            self.alter_tables_along(others, |_, table| table.add_replica(&group, region), along).await
        })
    }

    /// Where the feed of each of some replicas begins for a new one that gets its items from a source: behind what that
    /// source has.
    async fn cursors_of_new(
        &self,
        members: &[Arc<Table>],
        region: &str,
        source: &Arc<str>,
    ) -> Result<Vec<RecordWrite>, StoreError> {
        let consumer = replication_to(region);
        let mut records = Vec::with_capacity(members.len());
        for member in members {
            let read = match member.scope.region == *source {
                true => FeedCursor::behind(self.store().newest().await?),
                false => self.acknowledged(member, &replication_to(source)).await?,
            };
            records.push(member.acknowledgement(&consumer, read));
        }
        Ok(records)
    }

    /// Sets how it stands with a replica on another store, in all replicas on this one.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn set_remote_replica<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        region: &'a str,
        state: RemoteState,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            self.alter_and_forget(members, |table| table.set_remote_state(region, state.clone())).await
        })
    }

    /// Keeps what a replica on another store has of its own, in all replicas on this one.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn set_remote_own<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        region: &'a str,
        own: &'a OwnSettings,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(
            async move { self.alter_tables(members, |_, table| table.set_remote_own(region, own)).await },
        )
    }

    /// Forgets a replica on another store in all replicas on this one. One that has no others is none any more.
    ///
    /// # Errors
    /// When one of them was changed since it was read.
    pub fn forget_remote_replica<'a>(
        &'a self,
        members: &'a [Arc<Table>],
        region: &'a str,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move { self.alter_and_forget(members, |table| table.remove_remote(region)).await })
    }

    /// Changes replicas, and forgets what was kept for those that are not among the others any more.
    async fn alter_and_forget(
        &self,
        members: &[Arc<Table>],
        alter: impl Fn(&mut Table) + Send + Sync,
    ) -> Result<Arc<Table>, AlterError> {
        let mut along = Along::default();
        for member in members {
            let mut next = Table::clone(member);
            alter(&mut next);
            let is_gone = |consumer: &&Consumer| !next.consumers.contains(consumer);
            let gone = member.replication_consumers().filter(is_gone);
            along.records.extend(gone.map(|consumer| cursor::forget_one(member, consumer)));
            let ended = member.global().filter(|_| next.global().is_none());
            along.jobs.extend(ended.map(|global| Job::DropTombstones(DropTombstones::of(member, global))));
        }
        self.alter_tables_along(members, |_, table| alter(table), along).await
    }

    /// A replica on this store that got its items from another one has them all.
    ///
    /// # Errors
    /// When it was changed since it was read.
    pub fn complete_replica<'a>(
        &'a self,
        replica: &'a Arc<Table>,
    ) -> Boxed<'a, Result<Arc<Table>, AlterError>> {
        Box::pin(async move {
            self.alter_tables(std::slice::from_ref(replica), |_, table| {
                table.settings.global.iter_mut().for_each(|global| global.is_filling = false);
            })
            .await
        })
    }

    /// Whether the replicas in other regions have all that was written to this one, but for those whom it does not
    /// concern.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn others_have_all(
        &self,
        table: &Table,
        concerns: impl Fn(&str) -> bool,
    ) -> Result<bool, StoreError> {
        for consumer in table.replication_consumers().filter(|consumer| concerns(&consumer.id)) {
            if !has_read(self.store(), table, consumer, None).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
