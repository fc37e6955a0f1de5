//! Backups and point-in-time recovery are of tables that are not encrypted under a key of KMS: copied items, and old
//! images that are kept for weeks, are not sealed yet. A table that is restored may be encrypted.

use engine::Table;
use engine::feed::ConsumerKind;
use model::ApiError;

/// Refuses to copy a table that is encrypted, or was and still holds what is sealed.
pub fn check(table: &Table) -> Result<(), ApiError> {
    match table.settings.sealing.is_some() || table.settings.sse.is_some() {
        true => Err(not_built()),
        false => Ok(()),
    }
}

/// Refuses to encrypt a table that is being copied, or whose changes may be.
pub fn check_to_encrypt(table: &Table) -> Result<(), ApiError> {
    let is_copied = |kind| matches!(kind, ConsumerKind::Backup | ConsumerKind::PointInTime);
    match table.consumers.iter().any(|consumer| is_copied(consumer.kind)) {
        true => Err(not_built()),
        false => Ok(()),
    }
}

fn not_built() -> ApiError {
    ApiError::validation(
        "Backups and point-in-time recovery of a table that is encrypted under a key of KMS are not supported by this \
         version of Stator",
    )
}
