//! Global secondary indexes: one is created or deleted in a call, any number is updated.

mod check;
mod create;
mod find;
pub mod units;
mod update;

pub use check::{check, only_one_online_index};
pub use find::are_there;

use super::When;
use engine::Table;
use engine::table::{Change, Index};
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

/// The throughput that an index has, to be shown while another one is set.
pub fn throughput_of(index: &Index) -> Change {
    let Index { number, throughput, on_demand, warm, .. } = *index;
    Change::IndexThroughput { index: number, throughput, on_demand, warm }
}

/// Makes all changes of the request.
pub fn apply(read: &Table, next: &mut Table, input: &UpdateTableInput, when: When) -> Result<(), ApiError> {
    for update in updates(input).filter_map(|update| update.update.as_ref()) {
        update::apply(read, next, update, when)?;
    }
    for create in updates(input).filter_map(|update| update.create.as_ref()) {
        create::apply(read, next, create, input, when)?;
    }
    for delete in updates(input).filter_map(|update| update.delete.as_ref()) {
        find::delete(next, delete.index_name.as_deref().unwrap_or_default(), when);
    }
    Ok(())
}
