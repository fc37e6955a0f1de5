//! Every text of this service that the model's constraints do not have, each in one named constructor, and
//! the one place where errors of the crates below become errors of the API.
//!
//! The texts of expressions are in `expr`; here they only get their form ([`Layer`]).

mod backups;
pub mod codes;
mod engine;
mod global_tables;
pub mod java_date;
mod keys;
mod layer;
mod legacy;
mod members;
mod parameters;
mod partiql;
mod ranges;
mod requests;
pub mod resource_policies;
mod streams;
mod tags;
mod throttling;
mod transactions;
mod values;

use model::ApiError;

pub use backups::*;
pub use engine::{
    conflict, internal_error, read_error, record_error, store_error, table_keeps_changing, write_error,
};
pub use global_tables::*;
pub use keys::{KeyUse, index_key_fault, index_key_text, key_fault, key_text, key_use};
pub use layer::{Layer, enveloped, enveloped_together};
pub use legacy::*;
pub use members::*;
pub use parameters::*;
pub use partiql::*;
pub use ranges::*;
pub use requests::*;
pub use streams::*;
pub use tags::*;
pub use throttling::{Limit, throttled, throttled_action};
pub use transactions::*;
pub use values::{ATTRIBUTES_TOO_DEEP, EMPTY_ATTRIBUTE_NAME, named_value, value_text};

/// What most texts about parameters begin with.
pub const INVALID: &str = "One or more parameter values were invalid: ";

/// A text that begins as most texts about parameters do.
pub fn invalid(what: impl std::fmt::Display) -> String {
    format!("{INVALID}{what}")
}

/// The same as a refusal.
pub fn invalid_parameter(what: impl std::fmt::Display) -> ApiError {
    ApiError::validation(invalid(what))
}
