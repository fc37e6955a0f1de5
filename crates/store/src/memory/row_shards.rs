//! The rows, sharded by the first bytes of the key, each shard under its own lock.
//!
//! A shard's place is the first five bytes of its keys; cutting keys there keeps their order, so ranges that
//! span shards visit them in order. Several shards are locked in ascending order.

use super::after_prefix;
use super::ordered_map::{Bytes, OrderedMap, Page, is_empty};
use crate::contract::{Direction, KeyRange, RowWrite};
use parking_lot::RwLock;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::ops::Bound;

const PLACE_BYTES: usize = 5;

/// The first bytes of a key. Zeros behind a short one keep the order of the keys; the length breaks ties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    bytes: [u8; PLACE_BYTES],
    length: u8,
}

impl Place {
    fn of(key: &[u8]) -> Self {
        let length = key.len().min(PLACE_BYTES);
        let mut bytes = [0; PLACE_BYTES];
        bytes[..length].copy_from_slice(&key[..length]);
        Self { bytes, length: length as u8 }
    }

    fn key(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

type Shards = BTreeMap<Place, RwLock<OrderedMap>>;

/// All rows. Commits come one at a time (their caller serializes them), reads at any time.
#[derive(Debug, Default)]
pub(super) struct RowShards(RwLock<Shards>);

impl RowShards {
    pub(super) fn row(&self, key: &[u8]) -> Option<Bytes> {
        self.0.read().get(&Place::of(key))?.read().row(key)
    }

    /// The rows of several keys, and what `seen` returns, with no commit between them.
    pub(super) fn rows_together<T>(
        &self,
        keys: &[&[u8]],
        seen: impl FnOnce() -> T,
    ) -> (Vec<Option<Bytes>>, T) {
        let shards = self.0.read();
        let places = ascending(keys.iter().map(|key| Place::of(key)));
        let locked: SmallVec<[_; 4]> =
            places.iter().map(|place| shards.get(place).map(RwLock::read)).collect();
        let row = |key: &&[u8]| {
            let at = places.binary_search(&Place::of(key)).expect("every key's place was locked");
            locked[at].as_ref().and_then(|rows| rows.row(key))
        };
        (keys.iter().map(row).collect(), seen())
    }

    /// Writes the rows and calls `publish` before they are visible.
    pub(super) fn write(&self, writes: Vec<RowWrite>, publish: impl FnOnce()) {
        let places = ascending(writes.iter().map(|write| Place::of(&write.key)));
        self.make(&places);
        let shards = self.0.read();
        let mut locked: SmallVec<[_; 4]> = places.iter().map(|place| shards[place].write()).collect();
        for write in writes {
            let at = places.binary_search(&Place::of(&write.key)).expect("every key's place was locked");
            locked[at].write(write.key, write.row);
        }
        publish();
    }

    /// Makes the shards that are not there yet. They stay, because only `take_prefix` removes shards and
    /// commits come one at a time.
    fn make(&self, places: &[Place]) {
        let missing = {
            let shards = self.0.read();
            places.iter().any(|place| !shards.contains_key(place))
        };
        if missing {
            let mut shards = self.0.write();
            for place in places {
                shards.entry(*place).or_default();
            }
        }
    }

    /// Adds rows of the range to the page, shard after shard, until it is full.
    pub(super) fn read(&self, range: KeyRange<'_>, direction: Direction, page: &mut Page) {
        if is_empty(range) {
            return;
        }
        let shards = self.0.read();
        let places = shards.range((place(range.start), place(range.end))).map(|(_, shard)| shard);
        let mut read = |shard: &RwLock<OrderedMap>| {
            shard.read().read(range, direction, page);
            page.is_full()
        };
        match direction {
            Direction::Forward => places.into_iter().any(&mut read),
            Direction::Reverse => places.rev().any(read),
        };
    }

    /// Takes out every row whose key begins with `prefix`, calls `publish` before anybody can see that, and
    /// hands the rows back to be freed without a lock.
    pub(super) fn take_prefix(&self, prefix: &[u8], publish: &dyn Fn()) -> Vec<OrderedMap> {
        let after = after_prefix(prefix);
        let mut shards = self.0.write();
        let cut = &prefix[..prefix.len().min(PLACE_BYTES)];
        let touched: Vec<Place> = shards
            .range(Place::of(cut)..)
            .map(|(place, _)| *place)
            .take_while(|place| place.key().starts_with(cut))
            .collect();
        let taken =
            touched.into_iter().filter_map(|place| take(&mut shards, place, prefix, after.as_deref()));
        let taken = taken.collect();
        publish();
        taken
    }
}

fn take(shards: &mut Shards, place: Place, prefix: &[u8], after: Option<&[u8]>) -> Option<OrderedMap> {
    if place.key().starts_with(prefix) {
        return shards.remove(&place).map(RwLock::into_inner);
    }
    Some(shards.get_mut(&place)?.get_mut().take_prefix(prefix, after))
}

/// The bound of the places that a bound of keys touches: even an excluded key's shard has keys beside it.
fn place(key: Bound<&[u8]>) -> Bound<Place> {
    match key {
        Bound::Included(key) | Bound::Excluded(key) => Bound::Included(Place::of(key)),
        Bound::Unbounded => Bound::Unbounded,
    }
}

/// The places of a commit are few: mostly one table, its item collections, a token.
type Places = SmallVec<[Place; 4]>;

fn ascending(places: impl Iterator<Item = Place>) -> Places {
    let mut places: Places = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}
