//! Deletion protection: takes effect in the answer already.

use engine::Table;
use model::dynamodb::UpdateTableInput;

/// Applies the request.
pub fn apply(next: &mut Table, input: &UpdateTableInput) {
    if let Some(enabled) = input.deletion_protection_enabled {
        next.settings.deletion_protection = enabled;
    }
}
