//! Texts about key attributes, of the table and of its indexes.

use crate::errors::INVALID;
use engine::{IndexKeyFault, IndexKeyProblem, KeyFault};
use expr::KeyUseError;
use model::ApiError;
use types::Type;

/// The place of key attributes in a request; it decides how precise the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// In an item that is put.
    Item,
    /// In a key, or in an item of a batch.
    Key,
}

/// A key, or a batch's item, whose key attributes are not those of the table.
pub const KEY_DOES_NOT_MATCH: &str = "The provided key element does not match the schema";

/// The refusal of an expression that uses a key attribute as it may not.
pub fn key_use(error: KeyUseError) -> ApiError {
    ApiError::validation(error.to_string())
}

/// The refusal of an item or key that has no place in the table.
pub fn key_fault(fault: &KeyFault, used: KeyUse) -> ApiError {
    ApiError::validation(key_text(fault, used))
}

/// The text for it.
pub fn key_text(fault: &KeyFault, used: KeyUse) -> String {
    match (fault, used) {
        (KeyFault::Missing { name }, KeyUse::Item) => format!("{INVALID}Missing the key {name} in the item"),
        (KeyFault::WrongType { name, expected, actual }, KeyUse::Item) => format!(
            "{INVALID}Type mismatch for key {name} expected: {} actual: {}",
            expected.tag(),
            actual.tag()
        ),
        (KeyFault::Missing { .. } | KeyFault::WrongType { .. } | KeyFault::NotInSchema { .. }, _) => {
            KEY_DOES_NOT_MATCH.to_owned()
        }
        (KeyFault::Empty { name, ty }, _) => format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
             {} value. Key: {name}",
            empty(*ty)
        ),
        (KeyFault::PartitionTooLong, _) => partition_too_long(),
        (KeyFault::SortTooLong, _) => sort_too_long(),
    }
}

fn partition_too_long() -> String {
    format!("{INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes")
}

fn sort_too_long() -> String {
    format!("{INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
}

fn empty(ty: Type) -> &'static str {
    if ty == Type::B { "empty binary" } else { "empty string" }
}

/// The refusal of an item that a secondary index cannot hold.
pub fn index_key_fault(fault: &IndexKeyFault) -> ApiError {
    ApiError::validation(index_key_text(fault))
}

/// The text for it.
pub fn index_key_text(fault: &IndexKeyFault) -> String {
    let IndexKeyFault { index, attribute, problem, by_update } = fault;
    match problem {
        IndexKeyProblem::WrongType { expected, actual } => format!(
            "{INVALID}Type mismatch for Index Key {attribute} Expected: {} Actual: {} IndexName: {index}",
            expected.tag(),
            actual.tag()
        ),
        IndexKeyProblem::Unsupported => {
            "The update expression attempted to update the secondary index key to unsupported type".to_owned()
        }
        IndexKeyProblem::Empty { ty } if *by_update => format!(
            "One or more parameter values are not valid. The update expression attempted to update a secondary index \
             key to a value that is not supported. The AttributeValue for a key attribute cannot contain an {} value.",
            empty(*ty)
        ),
        IndexKeyProblem::Empty { ty } => format!(
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. \
             The AttributeValue for a key attribute cannot contain an {} value. IndexName: {index}, IndexKey: \
             {attribute}",
            empty(*ty)
        ),
        IndexKeyProblem::PartitionTooLong => partition_too_long(),
        IndexKeyProblem::SortTooLong => sort_too_long(),
    }
}
