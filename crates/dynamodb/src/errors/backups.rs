//! Texts about backups and restores.

use crate::errors::{codes, store_error};
use engine::BackupError;
use model::ApiError;
use std::fmt::Display;

/// No such backup.
pub fn backup_not_found(arn: &str) -> ApiError {
    ApiError::new(codes::BACKUP_NOT_FOUND, format!("Backup not found: {arn}"))
}

/// No such table: backups have a code and a text of their own for that.
pub fn source_not_found(table: &str) -> ApiError {
    ApiError::new(codes::TABLE_NOT_FOUND, format!("Table not found: {table}"))
}

/// A backup that cannot be used for what is wanted, which `restoring` says in the words of the refusal.
pub fn backup_error(error: &BackupError, arn: &str, restoring: &str) -> ApiError {
    let in_use = |what: &str| ApiError::new(codes::BACKUP_IN_USE, format!("Backup is being {what}: {arn}"));
    match error {
        BackupError::NotFound => backup_not_found(arn),
        BackupError::Creating => in_use("created"),
        BackupError::Restoring => in_use(restoring),
        BackupError::Store(error) => store_error(error),
    }
}

/// Something about a request of backups that does not fit.
pub fn invalid_request(what: impl Display) -> ApiError {
    ApiError::validation(format!("Invalid Request: {what}"))
}

/// A table without the history that is asked for.
pub fn recovery_unavailable(table: &str) -> ApiError {
    let text = format!("Point in time recovery is not enabled for table '{table}'");
    ApiError::new(codes::POINT_IN_TIME_RECOVERY_UNAVAILABLE, text)
}

/// The table that is to be restored is there.
pub fn restored_table_exists(table: &str) -> ApiError {
    ApiError::new(codes::TABLE_ALREADY_EXISTS, format!("Table already exists: {table}"))
}

/// The table that is to be restored is being restored already.
pub fn already_restored(table: &str, backup_arn: Option<&str>) -> ApiError {
    let from = backup_arn.map(|arn| format!(" from backup: {arn}")).unwrap_or_default();
    ApiError::new(codes::TABLE_IN_USE, format!("Table: {table} is already being restored{from}"))
}
