//! The indexes that a request names: those to be updated or deleted are there, and global.

use super::super::{When, show};
use super::updates;
use crate::errors::codes;
use engine::Table;
use engine::table::{Change, Index, IndexKind, IndexStatus};
use model::ApiError;
use model::dynamodb::UpdateTableInput;

/// The first one that is not.
pub fn are_there(table: &Table, input: &UpdateTableInput) -> Result<(), ApiError> {
    for update in updates(input) {
        if let Some(delete) = &update.delete {
            find(table, delete.index_name.as_deref(), "delete")?;
        }
        if let Some(update) = &update.update {
            find(table, update.index_name.as_deref(), "update")?;
        }
    }
    Ok(())
}

fn find<'t>(table: &'t Table, name: Option<&str>, action: &str) -> Result<&'t Index, ApiError> {
    let name = name.unwrap_or_default();
    match table.index(name) {
        Some((_, index)) if index.kind == IndexKind::Global => Ok(index),
        Some(_) => Err(ApiError::validation(format!(
            "Cannot {action} an index that is not a GlobalSecondaryIndex: {name}"
        ))),
        None => Err(ApiError::new(
            codes::RESOURCE_NOT_FOUND,
            format!("Requested resource not found: Index {name} for table {}", table.name),
        )),
    }
}

/// From now on the index is neither written nor read; the engine removes it.
pub fn delete(next: &mut Table, name: &str, when: When) {
    let Some(index) = next.indexes.iter_mut().find(|index| index.name == name) else { return };
    index.status = IndexStatus::Deleting;
    let index = index.number;
    show(next, Change::IndexDeleting { index }, when);
}
