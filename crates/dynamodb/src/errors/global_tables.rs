//! Texts about global tables: those of version 2017.11.29, those that several operations have about strongly consistent
//! ones, and regions that other servers host.

use super::{codes, invalid_parameter};
use model::ApiError;

/// Nothing is made in version 2017.11.29 any more.
pub fn legacy_version() -> ApiError {
    invalid_parameter(
        "DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version \
         2019.11.21, instead of version 2017.11.29 (Legacy).",
    )
}

/// No global table of version 2017.11.29.
pub fn global_table_not_found(name: &str) -> ApiError {
    let text = format!("Global table not found: Global table with name: '{name}' does not exist.");
    ApiError::new(codes::GLOBAL_TABLE_NOT_FOUND, text)
}

/// The same where its settings are asked for.
pub fn no_global_table_settings(name: &str) -> ApiError {
    ApiError::new(codes::GLOBAL_TABLE_NOT_FOUND, format!("Global table with name: '{name}' does not exist."))
}

/// One replica of a strongly consistent global table that is to go while others stay.
pub fn deletion_of_one() -> ApiError {
    ApiError::validation(
        "Deletion of only one table replica is not supported for global tables with MultiRegionConsistency set to \
         STRONG.",
    )
}

/// A transaction about a strongly consistent global table.
pub fn no_transactions() -> ApiError {
    ApiError::validation(
        "Transactions are not supported for global tables with MultiRegionConsistency set to STRONG.",
    )
}

/// Time to live for a strongly consistent global table, or such a table of one that has it.
pub fn no_time_to_live() -> ApiError {
    ApiError::validation(
        "TimeToLive is not supported for global tables with MultiRegionConsistency set to STRONG.",
    )
}

/// A region that is out of reach: there is no telling whether it is the caller's doing, and nothing was changed.
pub fn no_access(region: &str, why: &str) -> ApiError {
    ApiError::validation(format!("Failed to access the region: \u{2018}{region}\u{2019}. {why}"))
}
