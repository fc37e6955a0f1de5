//! Secondary indexes as functions of items: which entry an item has, what a change of the item does to it,
//! and which items an index rules out.

mod entries;
mod key_check;
mod marks;

pub(crate) use entries::{EntryChange, entry_change, entry_size, projected};
pub use key_check::{IndexKeyFault, IndexKeyProblem};
pub(crate) use key_check::{check_all, check_changed, violates};
pub(crate) use marks::{Marks, mark_count, mark_keys, mark_row};
