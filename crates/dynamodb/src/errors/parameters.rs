//! Texts about parameters that do not go together.

use crate::errors::invalid;
use std::fmt::Display;

/// Parameters of both families in one request; each list in DynamoDB's order.
pub fn mixed_parameters(non_expression: &[&str], expression: &[&str]) -> String {
    format!(
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: \
         {{{}}} Expression parameters: {{{}}}",
        non_expression.join(", "),
        expression.join(", ")
    )
}

/// Aliases without an expression that could use them. `tail` names the expressions that are null, where an
/// operation does so.
pub fn only_with_expressions(member: &str, tail: &str) -> String {
    format!("{member} can only be specified when using expressions{tail}")
}

/// Names and values of expressions that are too large together. The limit is DynamoDB's; its words are not known.
pub const SUBSTITUTIONS_TOO_LARGE: &str = "ExpressionAttributeNames and ExpressionAttributeValues have exceeded the \
    maximum allowed size of 2 MB";

/// An alias for the empty name.
pub fn empty_name_for_alias(alias: &str) -> String {
    format!("ExpressionAttributeNames contains invalid value: Empty attribute name for key {alias}")
}

/// A name that AttributesToGet has twice.
pub fn duplicate_attribute_to_get(name: impl Display) -> String {
    invalid(format_args!("Duplicate value in attribute name: {name}"))
}

/// The same key twice in a batch, or for BatchWriteItem twice in its requests.
pub const DUPLICATE_KEYS: &str = "Provided list of item keys contains duplicates";
