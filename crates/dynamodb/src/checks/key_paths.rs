//! Key attributes are scalars: no path leads into one, be it of the table's key or of any of its indexes, whichever is
//! read. DynamoDB reports this after the table lookup and before it reads.

use crate::errors;
use engine::{Action, Table, Write};
use expr::{Condition, KeyUseError, Path, Projection, Update};
use model::ApiError;

/// The paths of a filter.
pub fn check_filter(table: &Table, filter: Option<&Condition>) -> Result<(), ApiError> {
    let Some(filter) = filter else { return Ok(()) };
    check_all(table, |mut check| filter.visit_paths(&mut check)).map_err(errors::key_use)
}

/// The paths of a projection.
pub fn check_projection(table: &Table, projection: Option<&Projection>) -> Result<(), ApiError> {
    let mut paths = projection.into_iter().flat_map(Projection::paths);
    paths.try_for_each(|path| check(table, path)).map_err(errors::key_use)
}

/// The targets of an update and the paths it reads. A target in the table's key is refused in other words.
pub fn check_update(table: &Table, update: &Update) -> Result<(), KeyUseError> {
    check_all(table, |mut check| update.visit_paths(&mut check))
}

/// No action of an update may name a key attribute, whatever it would make of it, and no path may lead into one.
pub fn keeps_key(table: &Table, write: &Write) -> Result<(), ApiError> {
    let Action::Update { update: Some(update), .. } = write.action() else { return Ok(()) };
    match update.top_level_names().find(|name| table.key.contains(name)) {
        Some(name) => Err(ApiError::validation(errors::key_attribute_changed(name))),
        None => check_update(table, update).map_err(errors::key_use),
    }
}

/// The first fault among the paths that are visited.
fn check_all<'p>(table: &Table, visit: impl FnOnce(&mut dyn FnMut(&'p Path))) -> Result<(), KeyUseError> {
    let mut checked = Ok(());
    visit(&mut |path| {
        if checked.is_ok() {
            checked = check(table, path);
        }
    });
    checked
}

fn check(table: &Table, path: &Path) -> Result<(), KeyUseError> {
    if !path.is_nested() {
        return Ok(());
    }
    let name = path.top_level_name();
    if table.key.contains(name) {
        return Err(KeyUseError::IntoKey(name.to_owned()));
    }
    match table.indexes.iter().any(|index| index.key.contains(name)) {
        true => Err(KeyUseError::IntoIndexKey(name.to_owned())),
        false => Ok(()),
    }
}
