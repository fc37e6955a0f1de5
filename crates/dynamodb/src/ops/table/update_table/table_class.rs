//! The table class. The summary shows the old one until the change is done.

use super::{When, show};
use crate::table_settings;
use engine::Table;
use engine::table::{Change, TableClass};
use model::dynamodb::UpdateTableInput;

/// The class that a table has already, or has by never having been given another, is answered like a change.
pub fn apply(next: &mut Table, input: &UpdateTableInput, when: When) {
    let Some(class) = input.table_class.as_deref().map(table_settings::table_class) else { return };
    let settings = &mut next.settings;
    let (before, changed_micros) = (settings.table_class, settings.table_class_changed_micros);
    if class == before.unwrap_or(TableClass::Standard) {
        let only_answered = When { shows_until_micros: 0, ..when };
        return show(next, Change::TableClass { class: before, changed_micros }, only_answered);
    }
    (settings.table_class, settings.table_class_changed_micros) = (Some(class), Some(when.now_micros));
    show(next, Change::TableClass { class: before, changed_micros }, when);
}
