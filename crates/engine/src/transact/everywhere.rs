//! A write of an item of a strongly consistent global table: one mutation in all replicas.
//!
//! The replica that is asked decides; the others come to the same item, each with its own indexes, counters and feed.
//! So they are equal at every position of the store: a consistent read anywhere finds what was acknowledged anywhere.
//!
//! A writer holds the item in all regions until it is durable, and a place that only writers of its own region take:
//! where the tombstone would be, of which these tables have none. One that finds the item held in all regions and that
//! place free has met a writer in another region; any other holder is waited for.

use super::write::{Keys, mutate};
use crate::engine::Engine;
use crate::error::WriteError;
use crate::keys::{KeyBuf, KeyFault, tombstone_key};
use crate::replication::{Stamped, is_written, write_from};
use crate::row::RowRef;
use crate::table::Table;
use crate::write::{Before, Verdict, Write, Written, apply};
use crate::write_stamps::Stamping;
use std::sync::Arc;
use store::{OldRows, Outcome, Plan, Store, StoreError};
use types::MapRef;

/// The index of the place of a region among the keys of a write; the items follow.
const REGION: usize = 0;

/// One try of a write, planned with one descriptor of each replica, the one that is asked first.
struct Attempt {
    actions: Vec<(Arc<Table>, Write)>,
    now: u64,
    keys: Keys,
}

impl Engine {
    /// One plan of a write in all replicas. What was planned with an old descriptor of one of them ends as fenced off.
    pub(crate) async fn attempt_everywhere(
        &self,
        table: &Arc<Table>,
        write: &Write,
    ) -> Result<(Verdict, Outcome), WriteError> {
        let Some(members) = self.replicas_of(table) else { return Ok((None, Outcome::Fenced)) };
        let attempt = Attempt::of(&members, write, self.now_micros());
        let attempt = attempt.map_err(|_| StoreError::Corrupt("replicas have different keys".to_owned()))?;
        let others = attempt.actions[1..].iter();
        let stamping = self.options().stamp(others.clone().map(|(table, write)| (&**table, write)));
        let (mut since, mut ended) = (None, None);
        for _ in 0..Engine::WAITS_MAX {
            let (verdict, outcome) = attempt.run(self.store()).await?;
            let Outcome::Conflict(busy) = &outcome else {
                ended = Some((verdict, outcome));
                break;
            };
            if attempt.has_met_another_region(busy) || !self.wait_for_holder(&mut since).await? {
                break;
            }
        }
        Stamping::conclude(stamping);
        let Some((verdict, outcome)) = ended else {
            return Ok((Some(Err(WriteError::ReplicatedWriteConflict)), Outcome::Refused));
        };
        if let Outcome::Committed(_) = outcome {
            others.for_each(|(table, write)| self.note_write(table, write));
        }
        Ok((verdict, outcome))
    }
}

impl Attempt {
    fn of(members: &[Arc<Table>], write: &Write, now: u64) -> Result<Attempt, KeyFault> {
        let mut actions = Vec::with_capacity(members.len());
        for (at, member) in members.iter().enumerate() {
            let write = match at {
                0 => write.clone(),
                _ => Write::brought(member, &write.primary_key(&members[0]), &members[0].scope.region)?,
            };
            actions.push((Arc::clone(member), write));
        }
        let keys =
            Keys::of(&actions, actions.first().and_then(|(table, write)| place_of_region(table, write)));
        Ok(Attempt { actions, now, keys })
    }

    async fn run(&self, store: &dyn Store) -> Result<(Verdict, Outcome), StoreError> {
        mutate(store, &self.keys, &self.actions, |old, plan| self.decide(old, plan)).await
    }

    fn decide(&self, old: &OldRows<'_>, plan: &mut Plan) -> Result<Written, WriteError> {
        let mut found = self.keys.found();
        let (asked, others) = self.actions.split_first().expect("the replica that is asked");
        let change = apply(&asked.0, &asked.1, found.next(&asked.0, old)?, self.now)?;
        let item = match change.item_row() {
            None => return Ok(change.add_to(plan)),
            Some(row) => row.map(RowRef::read).transpose()?.map(|row| MapRef::to_item(row.item())),
        };
        let written = change.add_to(plan);
        for (replica, write) in others {
            let before = found.next(replica, old)?;
            let change = match &item {
                Some(item) => apply(replica, &write.becoming(item.clone()), before, self.now),
                None => apply(replica, write, before, self.now),
            };
            change.map_err(of_replica)?.add_to(plan);
        }
        Ok(written)
    }

    /// Whether all of the item is held, and not by a writer of this region.
    fn has_met_another_region(&self, busy: &[usize]) -> bool {
        let mut items = (0..self.actions.len()).map(|at| self.keys.items_at() + at);
        !busy.contains(&REGION) && items.all(|item| busy.contains(&item))
    }
}

fn place_of_region(table: &Table, write: &Write) -> Option<KeyBuf> {
    let global = table.global()?;
    Some(tombstone_key(table.id, global.since_version, write.key().as_bytes()))
}

fn of_replica(error: WriteError) -> WriteError {
    match error {
        WriteError::Refused(refusal) => {
            StoreError::Corrupt(format!("a replica refuses what another one has taken: {refusal:?}")).into()
        }
        error => error,
    }
}

/// Gives a replica the item that another one has now, if it has one: for what was written before there were two. False:
/// it is to be tried again.
pub(crate) async fn level(
    store: &dyn Store,
    now: u64,
    (source, replica): (&Arc<Table>, &Arc<Table>),
    item: MapRef<'_>,
) -> Result<bool, StoreError> {
    let stamp = Stamped { time_micros: now, origin: None };
    let placed = [(source, source), (source, replica)].map(|(source, table)| {
        write_from(source, table, item, true, stamp).map(|write| (Arc::clone(table), write))
    });
    let [there, here] = placed;
    let actions = [there?, here?];
    let keys = Keys::of(&actions, None);
    let decide = |old: &OldRows<'_>, plan: &mut Plan| levelled(&keys, (source, replica), old, now, plan);
    let (verdict, outcome) = mutate(store, &keys, &actions, decide).await?;
    is_written((verdict, Ok(outcome)))
}

fn levelled(
    keys: &Keys,
    (source, replica): (&Table, &Table),
    old: &OldRows<'_>,
    now: u64,
    plan: &mut Plan,
) -> Result<Written, WriteError> {
    let mut found = keys.found();
    let Before { row: Some(row), .. } = found.next(source, old)? else { return Ok(Written::default()) };
    let stamp = Stamped { time_micros: row.write_time_micros, origin: row.origin };
    let write = write_from(source, replica, row.item(), true, stamp)?;
    let change = apply(replica, &write, found.next(replica, old)?, now)?;
    Ok(change.add_to(plan))
}
