//! Global secondary indexes: one is created or deleted in a call, any number is updated.

mod check;
mod create;
mod find;
mod update;

pub use check::{check, only_one_online_index};
pub use find::are_there;
pub use update::{all_have_units, units_fit};

use super::When;
use engine::Table;
use model::ApiError;
use model::dynamodb::{GlobalSecondaryIndexUpdate, UpdateTableInput};

/// The elements of the request.
pub fn updates(input: &UpdateTableInput) -> impl Iterator<Item = &GlobalSecondaryIndexUpdate> {
    input.global_secondary_index_updates.iter().flatten()
}

/// The index that an element is about.
pub fn index_name(update: &GlobalSecondaryIndexUpdate) -> &str {
    let name = update.update.as_ref().map(|update| &update.index_name);
    let name = name.or(update.create.as_ref().map(|create| &create.index_name));
    let name = name.or(update.delete.as_ref().map(|delete| &delete.index_name));
    name.and_then(|name| name.as_deref()).unwrap_or_default()
}

/// Makes all changes of the request.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    for update in updates(input).filter_map(|update| update.update.as_ref()) {
        update::apply(next, update, when)?;
    }
    for create in updates(input).filter_map(|update| update.create.as_ref()) {
        create::apply(read, next, create, input, when)?;
    }
    for delete in updates(input).filter_map(|update| update.delete.as_ref()) {
        find::delete(next, delete.index_name.as_deref().unwrap_or_default());
    }
    Ok(())
}
