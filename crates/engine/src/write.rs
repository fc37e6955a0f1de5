//! Writing one item: the request ([`Write`]), the one function that decides what changes (`apply`), and its results
//! ([`Written`], [`Refusal`]).
//!
//! Single writes, batches, transactions, time to live, and later import and replication all go through `apply`; it
//! is pure and sees only the rows it is handed.

mod apply;
mod change;
mod collection;
mod each;
mod limits;
mod lot;
mod maintain;
mod provenance;
mod single;

pub(crate) use apply::{Before, apply};
pub(crate) use collection::{collection_row, read_collection};
pub(crate) use each::{Tried, try_each};
pub(crate) use lot::{Rows, plan_lot, rows_of};
pub use provenance::Provenance;
pub(crate) use single::Verdict;

use crate::error::WriteError;
use crate::feed::Principal;
use crate::index::IndexKeyFault;
use crate::keys::{ItemKey, KeyFault};
use crate::table::Table;
use expr::{Condition, Update, UpdateError};
use std::sync::Arc;
use types::Item;

/// A write of one item.
#[derive(Debug, Clone)]
pub struct Write {
    key: ItemKey,
    action: Action,
    condition: Option<Condition>,
    presence: Presence,
    returns: Returns,
    old_on_failure: bool,
    provenance: Provenance,
}

/// What is done to the item. A key is an item of exactly the table's key attributes.
#[derive(Debug, Clone)]
pub enum Action {
    /// Replaces the item as a whole.
    Put(Item),
    /// Changes attributes; creates the item where there is none.
    Update {
        /// Which item.
        key: Item,
        /// How; `None` only makes sure that there is one.
        update: Option<Update>,
    },
    /// Removes the item.
    Delete {
        /// Which item.
        key: Item,
    },
    /// Changes nothing, only checks the condition.
    Check {
        /// Which item.
        key: Item,
    },
}

/// Whether there must be an item already. PartiQL's INSERT, UPDATE and DELETE require it without a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// There may be one or not.
    #[default]
    Any,
    /// There must be one.
    MustExist,
    /// There must be none.
    MustNotExist,
    /// There must be one whose time to live was over before this second: anything else is [`Refusal::Absent`].
    MustBeExpired(u64),
}

/// Which attributes a write returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Returns {
    /// None.
    #[default]
    Nothing,
    /// The item before the write.
    AllOld,
    /// The item after it.
    AllNew,
    /// The updated paths as they were before.
    UpdatedOld,
    /// The updated paths as they are after.
    UpdatedNew,
}

impl Write {
    /// Puts an item.
    pub fn put(table: &Table, item: Item) -> Result<Write, KeyFault> {
        Ok(Write::new(ItemKey::of(table, &item)?, Action::Put(item)))
    }

    /// Updates the item of a key; without an update it only makes sure that there is one.
    pub fn update(table: &Table, key: Item, update: Option<Update>) -> Result<Write, KeyFault> {
        Ok(Write::new(ItemKey::exact(table, &key)?, Action::Update { key, update }))
    }

    /// Deletes the item of a key.
    pub fn delete(table: &Table, key: Item) -> Result<Write, KeyFault> {
        Ok(Write::new(ItemKey::exact(table, &key)?, Action::Delete { key }))
    }

    /// Checks a condition on the item of a key.
    pub fn check(table: &Table, key: Item, condition: Condition) -> Result<Write, KeyFault> {
        let write = Write::new(ItemKey::exact(table, &key)?, Action::Check { key });
        Ok(write.with_condition(Some(condition)))
    }

    /// The deletion of an item that a write in another region brings to a replica.
    pub(crate) fn brought(replica: &Table, key: &Item, origin: &Arc<str>) -> Result<Write, KeyFault> {
        Ok(Write::delete(replica, key.clone())?.with_provenance(Provenance {
            origin: Some(Arc::clone(origin)),
            is_restored: true,
            ..Provenance::of(Principal::Replication)
        }))
    }

    /// The same, where the item comes to be this one.
    pub(crate) fn becoming(&self, item: Item) -> Write {
        Write { action: Action::Put(item), ..self.clone() }
    }

    fn new(key: ItemKey, action: Action) -> Write {
        let (presence, returns) = (Presence::Any, Returns::Nothing);
        let provenance = Provenance::default();
        Write { key, action, condition: None, presence, returns, old_on_failure: false, provenance }
    }

    /// Only if the condition holds on the item as it is (an absent item has no attributes).
    pub fn with_condition(mut self, condition: Option<Condition>) -> Write {
        self.condition = condition;
        self
    }

    /// Only if there is, or is no, such item.
    pub fn with_presence(mut self, presence: Presence) -> Write {
        self.presence = presence;
        self
    }

    /// What to return of the item.
    pub fn returning(mut self, returns: Returns) -> Write {
        self.returns = returns;
        self
    }

    /// Whether a failed condition returns the item it failed on.
    pub fn returning_old_on_failure(mut self, wanted: bool) -> Write {
        self.old_on_failure = wanted;
        self
    }

    /// Principal, origin and time; the default is a client of this region, now.
    pub fn with_provenance(mut self, provenance: Provenance) -> Write {
        self.provenance = provenance;
        self
    }

    pub(crate) fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Whether a put item fits the table's indexes; what [`apply`] refuses as well. For callers that refuse several
    /// writes together before any of them is done.
    pub fn check_index_keys(&self, table: &Table) -> Result<(), IndexKeyFault> {
        match &self.action {
            Action::Put(item) => crate::index::check_all(table, item.as_ref()),
            Action::Update { .. } | Action::Delete { .. } | Action::Check { .. } => Ok(()),
        }
    }

    /// The item's place.
    pub fn key(&self) -> &ItemKey {
        &self.key
    }

    /// What is done.
    pub fn action(&self) -> &Action {
        &self.action
    }
}

/// What a write did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Written {
    /// The attributes that [`Returns`] requested; `None` where there are none.
    pub attributes: Option<Item>,
    /// Size of the item before; 0 if there was none.
    pub old_size_bytes: usize,
    /// Size of the item after; 0 if there is none. A check reports the item it read in both.
    pub new_size_bytes: usize,
    /// What the entries that were written cost, in index order.
    pub index_costs: Vec<IndexCost>,
    /// The item's collection, in tables with a local secondary index.
    pub collection: Option<CollectionSize>,
}

/// Write units of an entry of an index. One that moves costs some where it was, and then where it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexCost {
    /// Position in [`Table::indexes`](crate::Table::indexes).
    pub index: usize,
    /// Whole write units.
    pub units: u64,
    /// Where in the index's ranges of key hashes.
    pub position: u64,
}

/// An item collection after a write.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionSize {
    /// The partition key, as an item of the hash attributes.
    pub key: Item,
    /// Items and entries of local secondary indexes together.
    pub size_bytes: u64,
}

/// Why a write was not done.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The condition does not hold.
    ConditionFailed {
        /// The item it failed on, if requested and present.
        old: Option<Item>,
        /// That item's size; 0 if there is none.
        old_size_bytes: usize,
    },
    /// There is an item and must not be.
    Exists {
        /// The item, if requested.
        old: Option<Item>,
    },
    /// There is no item and must be.
    Absent,
    /// A put item is too large.
    ItemTooLarge,
    /// The item would be too large after the update.
    UpdatedItemTooLarge,
    /// The item is nested too deeply.
    NestedTooDeeply,
    /// The update would change a key attribute.
    KeyAttributeChanged {
        /// The attribute.
        name: String,
    },
    /// The update cannot be applied to the item.
    Update(UpdateError),
    /// A key attribute of an index is not as it must be.
    IndexKey(IndexKeyFault),
    /// The item collection would grow beyond its limit.
    CollectionTooLarge,
}

impl From<Refusal> for WriteError {
    fn from(refusal: Refusal) -> Self {
        WriteError::Refused(refusal)
    }
}
