//! The one function that decides what a write changes.
//!
//! Order of refusals, part of the API: index keys of a put item → presence → condition → update → key
//! attributes → nesting, size → index keys an update has changed → item collection.

use super::change::Change;
use super::{Action, Presence, Refusal, Returns, Write, Written, limits};
use crate::error::WriteError;
use crate::expiry::is_expired;
use crate::index::{self, IndexKeyFault, IndexKeyProblem, Marks};
use crate::replication::tombstone::Tombstone;
use crate::row::{RowFault, RowRef};
use crate::table::Table;
use expr::Updated;
use types::{Item, MapRef};

/// What a write finds.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Before<'a> {
    /// The item's row.
    pub row: Option<RowRef<'a>>,
    /// Size of the item's collection, in tables with a local secondary index.
    pub collection_bytes: u64,
    /// Which of the indexes that are being built have indexed the item.
    pub marks: Marks,
    /// What is left of an item that was deleted, in tables with replicas.
    pub tombstone: Option<Tombstone<'a>>,
}

impl<'a> Before<'a> {
    pub(super) fn item(&self) -> Option<MapRef<'a>> {
        self.row.map(|row| row.item())
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.row.map_or(0, |row| row.size_bytes as usize)
    }

    /// Time and region, where that is not this one, of the last write or deletion that is known.
    pub(super) fn last_write(&self) -> Option<(u64, Option<&'a str>)> {
        let tombstone = || self.tombstone.map(|stone| (stone.write_time_micros, stone.origin));
        self.row.map(|row| (row.write_time_micros, row.origin)).or_else(tombstone)
    }
}

/// The item after a write.
enum After<'w> {
    /// There is none (any more).
    Nothing,
    /// As it was; nothing is written.
    Untouched,
    Put(&'w Item),
    Updated(Updated<'w>),
}

/// Decides. Pure: no store, no clock, no randomness; it may run again.
pub(crate) fn apply(
    table: &Table,
    write: &Write,
    before: Before<'_>,
    now: u64,
) -> Result<Change, WriteError> {
    check_identity(table, write, &before)?;
    if is_superseded(table, write, &before) {
        return Ok(Change::none(untouched(table, write, &before)));
    }
    if let Action::Put(item) = &write.action
        && !write.provenance().is_restored
    {
        index::check_all(table, item.as_ref()).map_err(Refusal::IndexKey)?;
    }
    check_presence(table, write, &before)?;
    check_condition(write, &before)?;
    let after = after(table, write, &before)?;
    let new = match &after {
        After::Nothing => None,
        After::Untouched => return Ok(Change::none(untouched(table, write, &before))),
        After::Put(item) => Some(item.as_ref()),
        After::Updated(updated) => Some(updated.item.as_ref()),
    };
    let new_size_bytes = new.map_or(Ok(0), |new| check_new(table, write, &before, new))?;
    let mut change = Change::of(table, write, &before, new.map(|new| (new, new_size_bytes)), now)?;
    change.written.attributes = attributes(write.returns, &before, &after);
    Ok(change)
}

/// The row's key attributes must be those of the write: another item under this key is damage.
fn check_identity(table: &Table, write: &Write, before: &Before<'_>) -> Result<(), RowFault> {
    let Some(old) = before.item() else { return Ok(()) };
    match write.key.is_of(table, old) {
        true => Ok(()),
        false => Err(RowFault::OtherKey),
    }
}

/// Last writer wins: a write of a given time does nothing to an item that was written or deleted later, or at the same
/// time in a region whose name sorts higher. Between replicas the same write may come twice: the second does nothing.
fn is_superseded(table: &Table, write: &Write, before: &Before<'_>) -> bool {
    let (Some(time), Some(last)) = (write.provenance().time_micros, before.last_write()) else {
        return false;
    };
    let here = &*table.scope.region;
    let origin = write.provenance().origin.as_deref().unwrap_or(here);
    let (last, this) = ((last.0, last.1.unwrap_or(here)), (time, origin));
    last > this || (last == this && table.global().is_some())
}

fn check_presence(table: &Table, write: &Write, before: &Before<'_>) -> Result<(), Refusal> {
    match (write.presence, before.row) {
        (Presence::MustExist, None) => Err(Refusal::Absent),
        (Presence::MustNotExist, Some(row)) => {
            Err(Refusal::Exists { old: write.old_on_failure.then(|| row.item().to_item()) })
        }
        (Presence::MustBeExpired(now), row) => {
            match row.is_some_and(|row| is_expired(table, row.item(), now)) {
                true => Ok(()),
                false => Err(Refusal::Absent),
            }
        }
        _ => Ok(()),
    }
}

fn check_condition(write: &Write, before: &Before<'_>) -> Result<(), Refusal> {
    let Some(condition) = &write.condition else { return Ok(()) };
    let absent = Item::empty();
    let item = before.item().unwrap_or(absent.as_ref());
    if condition.matches(item) {
        return Ok(());
    }
    let old = before.item().filter(|_| write.old_on_failure).map(MapRef::to_item);
    Err(Refusal::ConditionFailed { old, old_size_bytes: before.size_bytes() })
}

fn after<'w>(table: &Table, write: &'w Write, before: &Before<'w>) -> Result<After<'w>, Refusal> {
    Ok(match &write.action {
        Action::Put(item) => After::Put(item),
        Action::Delete { .. } if before.row.is_none() && !leaves_tombstone(table, write) => After::Untouched,
        Action::Delete { .. } => After::Nothing,
        Action::Check { .. } => After::Untouched,
        Action::Update { update: None, key } if before.row.is_none() => After::Put(key),
        Action::Update { update: None, .. } => After::Untouched,
        Action::Update { update: Some(update), .. } if before.row.is_none() && update.only_removes() => {
            After::Untouched
        }
        Action::Update { key, update: Some(update) } => {
            let old = before.item().unwrap_or(key.as_ref());
            After::Updated(update.apply(old).map_err(Refusal::Update)?)
        }
    })
}

/// A deletion by another replica is remembered even if there is no such item yet.
fn leaves_tombstone(table: &Table, write: &Write) -> bool {
    write.provenance().time_micros.is_some() && table.global().is_some()
}

/// Checks the item a write makes; returns its size.
fn check_new(table: &Table, write: &Write, before: &Before<'_>, new: MapRef<'_>) -> Result<usize, Refusal> {
    if let Action::Put(_) = write.action {
        limits::check_nesting(new)?;
        return limits::check_size(table, &write.key, new, write.too_large());
    }
    let key = write.item_or_key().as_ref();
    let changed = |name: &str| new.get_bytes(name) != key.get_bytes(name);
    if let Some(attribute) = table.key.attributes().find(|attribute| changed(&attribute.name)) {
        return Err(Refusal::KeyAttributeChanged { name: attribute.name.clone() });
    }
    let size = limits::check_size(table, &write.key, new, write.too_large())?;
    index::check_changed(table, before.item(), new).map_err(|fault| refused_by_index(write, fault))?;
    Ok(size)
}

/// A wrong type is reported in full only where the request shows it.
fn refused_by_index(write: &Write, mut fault: IndexKeyFault) -> Refusal {
    let shown = matches!(&write.action, Action::Update { update: Some(update), .. } if update.sets_literal(&fault.attribute));
    if !shown && matches!(fault.problem, IndexKeyProblem::WrongType { .. }) {
        fault.problem = IndexKeyProblem::Unsupported;
    }
    Refusal::IndexKey(fault)
}

fn untouched(table: &Table, write: &Write, before: &Before<'_>) -> Written {
    let wanted = matches!(write.returns, Returns::AllOld | Returns::AllNew);
    Written {
        attributes: before.item().filter(|_| wanted).map(MapRef::to_item),
        old_size_bytes: before.size_bytes(),
        new_size_bytes: before.size_bytes(),
        index_costs: Vec::new(),
        collection: table.has_local_index().then(|| write.collection_size(table, before.collection_bytes)),
    }
}

fn attributes(returns: Returns, before: &Before<'_>, after: &After<'_>) -> Option<Item> {
    match (returns, after) {
        (Returns::Nothing, _) => None,
        (Returns::AllOld, _) => before.item().map(MapRef::to_item),
        (Returns::AllNew, After::Put(item)) => Some((*item).clone()),
        (Returns::AllNew, After::Updated(updated)) => Some(updated.item.clone()),
        (Returns::UpdatedOld, After::Updated(updated)) if before.row.is_some() => updated.updated_old(),
        (Returns::UpdatedNew, After::Updated(updated)) => updated.updated_new(),
        _ => None,
    }
}

impl Write {
    /// The put item, or the key.
    pub(crate) fn item_or_key(&self) -> &Item {
        match &self.action {
            Action::Put(item) => item,
            Action::Update { key, .. } | Action::Delete { key } | Action::Check { key } => key,
        }
    }

    /// What an item that is too large is refused with.
    pub(super) fn too_large(&self) -> Refusal {
        match self.action {
            Action::Put(_) => Refusal::ItemTooLarge,
            _ => Refusal::UpdatedItemTooLarge,
        }
    }
}
