//! Reading: one item, pages of Query and Scan.
//!
//! Filters and projections run on rows the store lends; only what goes into a page is copied. A page is no
//! snapshot, an item is read whole. Reads see durable data only.

mod bounds;
mod cursor;
mod fetch;
mod get;
mod page;
mod position;
mod query;
mod scan;
mod sign;
mod start_key;

pub(crate) use get::{found, read_own};
pub use query::QueryRequest;
pub use scan::{ScanRequest, Segment};
pub(crate) use sign::ReadSign;
pub use start_key::StartKeyFault;

use crate::index::projected;
use crate::table::{Index, Table};
use expr::Projection;
use types::{Item, MapRef};

/// An item that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The item, or what the projection left of it.
    pub item: Item,
    /// The size of the whole item.
    pub size_bytes: usize,
}

/// What of an item is returned.
#[derive(Debug, Clone, Copy, Default)]
pub enum Attributes<'a> {
    /// All there is in what is read.
    #[default]
    All,
    /// What this index holds of an item that is fetched only for the filter.
    Projected(&'a Table, &'a Index),
    /// Only these.
    Some(&'a Projection),
    /// Nothing: items are only counted.
    Count,
}

impl Attributes<'_> {
    fn of(self, item: MapRef<'_>) -> Option<Item> {
        match self {
            Attributes::All => Some(item.to_item()),
            Attributes::Projected(table, index) => {
                Some(Item::from_canonical(projected(table, index, item).into_owned()))
            }
            Attributes::Some(projection) => Some(projection.apply(item)),
            Attributes::Count => None,
        }
    }
}

/// A page of Query or Scan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// What was found, in order; empty where items are only counted.
    pub items: Vec<Item>,
    /// Items that passed the filter.
    pub count: usize,
    /// Items that were evaluated.
    pub scanned_count: usize,
    /// Their sizes together: items of the table, or entries of the index that was read.
    pub evaluated_bytes: usize,
    /// Size of each base item that was fetched for attributes the index does not hold.
    pub fetched_bytes: Vec<usize>,
    /// Where the next page continues; `None` at the end.
    pub last_evaluated_key: Option<Item>,
}
