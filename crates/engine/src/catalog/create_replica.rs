//! Adding a replica to a table: a table of its own in another region, which a job fills with the items of the one that
//! it is added at, while writes go on everywhere.
//!
//! What the others have written and that one does not have yet comes to the new one by their feeds: it begins to read
//! each of them where that one has come to.

use super::create::{Beside, CreateError, ItemsFrom, NewTable};
use super::document;
use crate::engine::Engine;
use crate::table::{GlobalTable, Table, replication_to};
use std::sync::Arc;
use store::FeedCursor;

impl Engine {
    /// Creates a table that is a replica of the first of these, in a region in which there is none, and begins to fill
    /// it. The others are the replicas that the first one has. `None`: one of them was changed since it was read.
    ///
    /// # Errors
    /// When the table is there, or the store fails.
    pub async fn create_replica(
        &self,
        mut new: NewTable,
        members: &[Arc<Table>],
    ) -> Result<Option<Arc<Table>>, CreateError> {
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
            leaving_until_micros: None,
        });
        // What is committed up to here stands in the source's rows when the job reads them.
        let mut records =
            vec![source.acknowledgement(&consumer, FeedCursor::behind(self.store().newest().await?))];
        for other in others {
            let read = self.acknowledged(other, &replication_to(&source.scope.region)).await?;
            records.push(other.acknowledgement(&consumer, read));
        }
        let next: Vec<Table> = members.iter().map(|member| with_replica(member, &group, &region)).collect();
        records.extend(next.iter().map(document::put_table));
        let beside = Beside {
            fences: members.iter().map(|member| member.fence()).collect(),
            raise: next.iter().map(Table::fence).collect(),
            records,
            hash_key: source.hash_key,
            from: ItemsFrom::Replica(source.scope.clone()),
        };
        let created = self.create_once(new, Some(beside)).await?;
        self.refresh().await?; // shows the others
        Ok(created)
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
