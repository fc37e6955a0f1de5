//! Whether the settings of a table go to its replicas. A table without replicas keeps it and does not describe it.

use crate::errors::member_value;
use model::ApiError;

/// Overrides are for a table with replicas.
pub fn check(mode: Option<&str>) -> Result<(), ApiError> {
    match mode {
        Some(mode @ "ENABLED_WITH_OVERRIDES") => Err(ApiError::validation(member_value(
            mode,
            "GlobalTableSettingsReplicationMode",
            "Only ENABLED and DISABLED settings replication are supported for a Regional Table.",
        ))),
        _ => Ok(()),
    }
}

/// As it is kept.
pub fn is_enabled(mode: Option<&str>) -> Option<bool> {
    mode.map(|mode| mode == "ENABLED")
}
