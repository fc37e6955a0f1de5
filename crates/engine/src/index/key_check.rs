//! Index key attributes must have the right type and must not be empty, in any item of the table.

use crate::table::{Index, IndexStatus, KeyAttribute, Table};
use stdx::limits::{PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use types::value::key_bytes;
use types::{MapRef, Type};

/// An attribute that an item must not have because it is a key of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKeyFault {
    /// The index.
    pub index: String,
    /// The attribute.
    pub attribute: String,
    /// What is wrong.
    pub problem: IndexKeyProblem,
    /// An update made it so (the wording differs).
    pub by_update: bool,
}

/// What is wrong with an index key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKeyProblem {
    /// Another type than the definition has.
    WrongType {
        /// The type in the definition.
        expected: Type,
        /// What it is.
        actual: Type,
    },
    /// The same, of a value that an update did not find in its request: one of the item, or made of such.
    Unsupported,
    /// An empty string or binary.
    Empty {
        /// Which of the two.
        ty: Type,
    },
    /// Longer than a partition key may be.
    PartitionTooLong,
    /// Longer than a sort key may be.
    SortTooLong,
}

/// Checks all index keys of an item. Of several faults, that of the index whose name sorts first is reported.
pub(crate) fn check_all(table: &Table, item: MapRef<'_>) -> Result<(), IndexKeyFault> {
    check(table, item, |_| true, false)
}

/// Checks the index keys that an update has changed.
pub(crate) fn check_changed(
    table: &Table,
    old: Option<MapRef<'_>>,
    new: MapRef<'_>,
) -> Result<(), IndexKeyFault> {
    let changed = |name: &str| old.is_none_or(|old| old.get_bytes(name) != new.get_bytes(name));
    check(table, new, changed, true)
}

fn check(
    table: &Table,
    item: MapRef<'_>,
    wanted: impl Fn(&str) -> bool,
    by_update: bool,
) -> Result<(), IndexKeyFault> {
    let written = table.indexes.iter().filter(|index| index.status != IndexStatus::Deleting);
    let faulty = written.filter_map(|index| Some((index, check_index(index, item, &wanted).err()?)));
    // Of several, DynamoDB names the index whose name sorts first.
    match faulty.min_by_key(|(index, _)| &index.name) {
        None => Ok(()),
        Some((index, (attribute, problem))) => Err(IndexKeyFault {
            index: index.name.clone(),
            attribute: attribute.name.clone(),
            problem,
            by_update,
        }),
    }
}

/// Whether an item cannot be in an index because of what its index key attributes hold.
pub(crate) fn violates(index: &Index, item: MapRef<'_>) -> bool {
    check_index(index, item, &|_| true).is_err()
}

type Problem<'a> = (&'a KeyAttribute, IndexKeyProblem);

fn check_index<'i>(
    index: &'i Index,
    item: MapRef<'_>,
    wanted: &impl Fn(&str) -> bool,
) -> Result<(), Problem<'i>> {
    check_half(&index.key.hash, item, wanted, (PARTITION_KEY_BYTES_MAX, IndexKeyProblem::PartitionTooLong))?;
    check_half(&index.key.range, item, wanted, (SORT_KEY_BYTES_MAX, IndexKeyProblem::SortTooLong))
}

/// Attributes that are not wanted count towards the length, but are not found fault with.
fn check_half<'i>(
    attributes: &'i [KeyAttribute],
    item: MapRef<'_>,
    wanted: &impl Fn(&str) -> bool,
    (max, too_long): (usize, IndexKeyProblem),
) -> Result<(), Problem<'i>> {
    let (mut total, mut last_wanted) = (0, None);
    for attribute in attributes {
        match (check_one(attribute, item), wanted(&attribute.name)) {
            (Err(problem), true) => return Err((attribute, problem)),
            (checked, is_wanted) => {
                total += checked.unwrap_or(0);
                last_wanted = if is_wanted { Some(attribute) } else { last_wanted };
            }
        }
    }
    match last_wanted {
        Some(attribute) if total > max => Err((attribute, too_long)),
        _ => Ok(()),
    }
}

/// The length of the attribute's key bytes; 0 if it is absent.
fn check_one(attribute: &KeyAttribute, item: MapRef<'_>) -> Result<usize, IndexKeyProblem> {
    let Some(encoded) = item.get_bytes(&attribute.name) else { return Ok(0) };
    let (expected, actual) = (attribute.ty.as_type(), Type::of_encoded(encoded));
    match key_bytes(encoded) {
        Some([]) if expected == actual => Err(IndexKeyProblem::Empty { ty: expected }),
        Some(bytes) if expected == actual => Ok(bytes.len()),
        _ => Err(IndexKeyProblem::WrongType { expected, actual }),
    }
}
