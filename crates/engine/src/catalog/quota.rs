//! What an account may have in a region: so many tables, and so much that is provisioned for all of them. Both are
//! decided in the commit that adds to them.
//!
//! What counts is what the catalog shows, and of tables that are being changed here what they come to: a change that
//! is under way keeps its room until it shows or has failed. Where other engines may have the store open, each region
//! of an account has a fence. A commit that adds to what is provisioned, or to tables that are nearly too many, raises
//! it, and is refused where another one was first. An engine remembers the version as of which it knows all tables of
//! the region, and reads them again where it has lost.

use super::{Catalog, Changes};
use crate::engine::Engine;
use crate::keys::hash128;
use crate::table::{Provisioned, Scope, Table};
use std::collections::BTreeMap;
use std::sync::Arc;
use stdx::limits::{ACCOUNT_CAPACITY_UNITS_MAX, TABLES_PER_REGION_MAX};
use store::{Fence, StoreError};
use tokio::sync::MutexGuard;

/// No more engines than this create tables in one region at the same time.
const ENGINES_MAX: usize = 32;

/// An account has no room in a region for more that is provisioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    /// Where.
    pub region: Arc<str>,
    /// For what.
    pub units: Units,
    /// What all its tables have there.
    pub provisioned: u64,
    /// How much more was asked for.
    pub more: u64,
}

/// What is provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Capacity for reads.
    Read,
    /// Capacity for writes.
    Write,
}

/// A table that is being changed: what it comes to, and what it had.
pub(super) struct Growth<'a> {
    scope: &'a Scope,
    name: &'a str,
    had: Provisioned,
    comes_to: Provisioned,
}

impl<'a> Growth<'a> {
    /// Of a table that is created.
    pub(super) fn new(scope: &'a Scope, name: &'a str, comes_to: Provisioned) -> Self {
        Growth { scope, name, had: Provisioned::default(), comes_to }
    }

    /// Of one that is there.
    pub(super) fn of(now: &'a Table, next: &Table) -> Self {
        Growth { scope: &now.scope, name: &now.name, had: now.provisioned(), comes_to: next.provisioned() }
    }

    fn more(&self) -> Provisioned {
        self.comes_to.beyond(self.had)
    }
}

/// What a change adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adds {
    /// The tables of regions, and what is provisioned for them.
    Tables,
    /// What is provisioned, if it does.
    Units,
}

/// The right to commit what adds to the tables of some regions. Where other engines may have the store open, nothing
/// else that does so is committed by this one meanwhile.
#[derive(Default)]
pub(super) struct Room<'a> {
    shared: Option<Shared<'a>>,
}

struct Shared<'a> {
    catalog: &'a Catalog,
    _alone: MutexGuard<'a, ()>,
    regions: Vec<(Scope, Fence)>,
}

impl Room<'_> {
    fn regions(&self) -> impl Iterator<Item = &(Scope, Fence)> {
        self.shared.iter().flat_map(|shared| &shared.regions)
    }

    /// What the commit is planned with.
    pub(super) fn fences(&self) -> impl Iterator<Item = Fence> {
        self.regions().map(|(_, fence)| *fence)
    }

    /// What the commit raises.
    pub(super) fn raise(&self) -> impl Iterator<Item = Fence> {
        self.fences().map(|fence| Fence { version: fence.version + 1, ..fence })
    }

    /// The commit was made, or another engine was first, which may have added to these regions.
    pub(super) fn close(self, is_made: bool) {
        let Some(Shared { catalog, regions, .. }) = self.shared else { return };
        let mut changes = catalog.changes.lock();
        for (scope, Fence { version, .. }) in regions {
            match is_made {
                true => changes.known.insert(scope, version + 1),
                false => changes.known.remove(&scope),
            };
        }
    }
}

impl Engine {
    /// Whether a region has room for so much more, as far as this engine knows.
    pub fn has_room(&self, scope: &Scope, more: Provisioned) -> Result<(), NoRoom> {
        let changes = self.catalog().changes.lock();
        fits(self.catalog().provisioned(&changes, scope), more, scope)
    }

    /// Takes the room that tables need in their regions, whose names are claimed.
    pub(super) async fn take_room(
        &self,
        growths: &[Growth<'_>],
        what: Adds,
    ) -> Result<Result<Room<'_>, NoRoom>, StoreError> {
        let adds = |growth: &&Growth<'_>| {
            !growth.more().is_nothing() || what == Adds::Tables && self.is_nearly_full(growth.scope)
        };
        let growths: Vec<_> = growths.iter().filter(adds).collect();
        if growths.is_empty() {
            return Ok(Ok(Room::default()));
        }
        if !self.store().capabilities().shared {
            return Ok(self.catalog().take(&growths).map(|()| Room::default()));
        }
        let catalog = self.catalog();
        let alone = catalog.growing.lock().await;
        let mut regions = Vec::with_capacity(growths.len());
        for growth in &growths {
            regions.push((growth.scope.clone(), self.known_region(growth.scope).await?));
        }
        let shared = Some(Shared { catalog, _alone: alone, regions });
        Ok(catalog.take(&growths).map(|()| Room { shared }))
    }

    /// An engine creates one table at a time, so what it does not know of those of others is less than this.
    fn is_nearly_full(&self, scope: &Scope) -> bool {
        let tables = self.catalog().tables.read();
        tables.get(scope).map_or(0, BTreeMap::len) + ENGINES_MAX > TABLES_PER_REGION_MAX
    }

    /// The fence of a region as of a time since when nothing was added to its tables that this engine does not know.
    async fn known_region(&self, scope: &Scope) -> Result<Fence, StoreError> {
        let subject = subject(scope);
        let known = self.catalog().changes.lock().known.get(scope).copied();
        if let Some(version) = known {
            return Ok(Fence { subject, version });
        }
        let version = self.store().fence(subject).await?;
        self.reload_within(&scope.account, Some(&scope.region)).await?;
        self.catalog().changes.lock().known.insert(scope.clone(), version);
        Ok(Fence { subject, version })
    }
}

impl Catalog {
    /// Whether there is no table too many in a region. Those that are being created count.
    pub(super) fn has_place(&self, changes: &Changes, scope: &Scope) -> bool {
        let tables = self.tables.read();
        let names = tables.get(scope);
        let is_table = |name: &str| names.is_some_and(|names| names.contains_key(name));
        let created = changes.underway.keys().filter(|(of, name)| of == scope && !is_table(name)).count();
        names.map_or(0, BTreeMap::len) + created <= TABLES_PER_REGION_MAX
    }

    /// What all tables of a region have, or come to.
    fn provisioned(&self, changes: &Changes, scope: &Scope) -> Provisioned {
        let tables = self.tables.read();
        let names = tables.get(scope);
        let shown = names.into_iter().flat_map(BTreeMap::values).map(|table| table.provisioned());
        let underway = changes.underway.iter().filter(|((of, _), _)| of == scope);
        let growing = underway.map(|((_, name), comes_to)| {
            let shown = names.and_then(|names| names.get(name)).map(|table| table.provisioned());
            comes_to.beyond(shown.unwrap_or_default())
        });
        shown.chain(growing).fold(Provisioned::default(), Provisioned::and)
    }

    /// Takes the room for these. What a refused change has taken is free with its names.
    fn take(&self, growths: &[&Growth<'_>]) -> Result<(), NoRoom> {
        let mut changes = self.changes.lock();
        for growth in growths.iter().filter(|growth| !growth.more().is_nothing()) {
            fits(self.provisioned(&changes, growth.scope), growth.more(), growth.scope)?;
            changes.underway.insert((growth.scope.clone(), growth.name.to_owned()), growth.comes_to);
        }
        Ok(())
    }
}

fn fits(now: Provisioned, more: Provisioned, scope: &Scope) -> Result<(), NoRoom> {
    for (units, provisioned, more) in
        [(Units::Read, now.read_units, more.read_units), (Units::Write, now.write_units, more.write_units)]
    {
        if more > 0 && provisioned.saturating_add(more) > ACCOUNT_CAPACITY_UNITS_MAX {
            return Err(NoRoom { region: Arc::clone(&scope.region), units, provisioned, more });
        }
    }
    Ok(())
}

/// What the fence of a region is about: above tables, below copies. Regions that have one in common only get into each
/// other's way.
fn subject(scope: &Scope) -> u64 {
    let parts = [scope.account.as_bytes(), scope.region.as_bytes()];
    let hash = u128::from_be_bytes(hash128(&[0; 16], parts.into_iter()));
    1 << 62 | (hash >> 66) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(read_units: u64, write_units: u64) -> Provisioned {
        Provisioned { read_units, write_units }
    }

    #[test]
    fn only_what_is_added_has_to_fit() {
        let scope = Scope { account: "1".into(), region: "eu-west-1".into() };
        let check = |now, had: Provisioned, comes_to: Provisioned| fits(now, comes_to.beyond(had), &scope);
        assert_eq!(check(units(79_990, 0), units(0, 0), units(10, 80_000)), Ok(()));
        assert_eq!(check(units(90_000, 5), units(9, 5), units(9, 6)), Ok(()));
        let no_room = check(units(79_990, 0), units(5, 0), units(16, 0)).unwrap_err();
        assert_eq!((no_room.units, no_room.provisioned, no_room.more), (Units::Read, 79_990, 11));
        assert!(check(units(0, 1), units(0, 0), units(0, u64::MAX)).is_err());
    }

    #[test]
    fn subjects_are_their_own() {
        let of =
            |account: &str, region: &str| subject(&Scope { account: account.into(), region: region.into() });
        assert_ne!(of("1", "r"), of("1", "s"));
        assert_ne!(of("1", "r"), of("2", "r"));
        assert_eq!(of("1", "r") >> 62, 1, "no table, and no copy");
    }
}
