//! Changing the descriptors of several tables together: those of the replicas of a global table.

use super::alter::{Altered, Quota, altered, jobs};
use super::quota::{Adds, Growth, NoRoom, Room};
use super::{AlterError, document};
use crate::engine::Engine;
use crate::jobs::Job;
use crate::table::Table;
use std::sync::Arc;
use stdx::future::Boxed;
use store::{Plan, RecordWrite};

/// What is done in the commit that changes several tables.
#[derive(Default)]
pub(super) struct Along {
    pub records: Vec<RecordWrite>,
    pub jobs: Vec<Job>,
}

impl Engine {
    /// Replaces the descriptors of several tables in one commit, if they all still are those that were read. What
    /// follows from each change is that of [`Engine::alter_table`]. `alter` gets a descriptor and its index among those
    /// that were read; one that it leaves as it is stays as it is. Returns the first, though it may be gone by then.
    pub async fn alter_tables(
        &self,
        reads: &[Arc<Table>],
        alter: impl FnMut(usize, &mut Table) + Send,
    ) -> Result<Arc<Table>, AlterError> {
        self.alter_tables_along(reads, alter, Along::default()).await
    }

    /// The same within what the account may have provisioned in their regions.
    pub async fn alter_tables_within_quota(
        &self,
        reads: &[Arc<Table>],
        mut alter: impl FnMut(usize, &mut Table) + Send,
    ) -> Result<Result<Arc<Table>, NoRoom>, AlterError> {
        let altered = self.alter_tables_by(reads, &mut alter, Along::default(), Quota::Kept).await;
        altered.map(|Altered(altered)| altered)
    }

    /// The same with more that is done in the commit.
    pub(super) async fn alter_tables_along(
        &self,
        reads: &[Arc<Table>],
        mut alter: impl FnMut(usize, &mut Table) + Send,
        along: Along,
    ) -> Result<Arc<Table>, AlterError> {
        let altered = self.alter_tables_by(reads, &mut alter, along, Quota::Ignored).await;
        altered.map(Altered::whatever_it_has)
    }

    fn alter_tables_by<'a>(
        &'a self,
        reads: &'a [Arc<Table>],
        alter: &'a mut (dyn FnMut(usize, &mut Table) + Send),
        Along { records, jobs: more }: Along,
        quota: Quota,
    ) -> Boxed<'a, Result<Altered, AlterError>> {
        Box::pin(async move {
            let first = reads.first().ok_or(AlterError::NotFound)?;
            let mut places: Vec<_> = reads.iter().map(|table| (&table.scope, &table.name)).collect();
            places.sort_unstable(); // so that no two changes wait for each other
            places.dedup();
            let (mut claim, mut claims) = (None, Vec::new());
            for (scope, name) in places {
                let claimed = self.claim(scope, name).await;
                match (scope, name) == (&first.scope, &first.name) {
                    true => claim = Some(claimed),
                    false => claims.push(claimed),
                }
            }
            let claim = claim.ok_or(AlterError::NotFound)?;
            self.refresh().await?;
            let mut plan = Plan::default();
            let (mut fences, mut started, mut changed) = (Vec::new(), Vec::new(), Arc::clone(first));
            let mut changes = Vec::new();
            for (at, read) in reads.iter().enumerate() {
                let now = self.table(&read.scope, &read.name).filter(|now| now.id == read.id);
                let now = now.ok_or(AlterError::NotFound)?;
                if now.schema_version != read.schema_version {
                    return Err(AlterError::Changed);
                }
                fences.push(now.fence());
                let table = altered(&now, |table| alter(at, table));
                if !is_unchanged(&now, &table) {
                    changes.push((at, now, table));
                }
            }
            let growths: Vec<_> = changes.iter().map(|(_, now, table)| Growth::of(now, table)).collect();
            let room = match quota {
                Quota::Ignored => Room::default(),
                Quota::Kept => match self.take_room(&growths, Adds::Units).await? {
                    Ok(room) => room,
                    Err(no_room) => return Ok(Altered(Err(no_room))),
                },
            };
            fences.extend(room.fences());
            plan.raise.extend(room.raise());
            for (at, now, mut table) in changes {
                let stream = self.alter_stream(&now, &mut table).await?;
                let jobs = jobs(&now, &table);
                plan.records.push(document::put_table(&table));
                plan.records.extend(jobs.iter().map(Job::record));
                plan.raise.push(table.fence());
                if at == 0 {
                    changed = Arc::new(table);
                }
                stream.add_to(&mut plan);
                started.extend(jobs);
            }
            plan.records.extend(records.into_iter().chain(more.iter().map(Job::record)));
            started.extend(more);
            let change = self.begin(fences, plan);
            let end = move |engine: &Engine, table| {
                started.into_iter().for_each(|job| engine.jobs().start(job));
                drop(claims);
                table
            };
            let ended = self.see_through(claim, change, end).await?;
            room.close(ended.is_some());
            // Another server may have deleted it since: a replica that is taken away goes as soon as it can.
            let table = ended.ok_or(AlterError::Changed)?.unwrap_or(changed);
            self.refresh().await?; // shows the others
            Ok(Altered(Ok(table)))
        })
    }
}

fn is_unchanged(now: &Table, next: &Table) -> bool {
    let Table { schema_version, had_consumers, .. } = *now;
    let same = Table { schema_version, had_consumers, ..next.clone() };
    same == *now
}
