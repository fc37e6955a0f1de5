//! Texts about the parameters that were there before expressions.

use crate::errors::invalid;
use std::fmt::Display;

/// An operator that DynamoDB does not have.
pub fn invalid_comparison_operator() -> String {
    invalid("Invalid comparison operator")
}

/// An operator with too few or too many values.
pub fn argument_count(operator: impl Display) -> String {
    invalid(format_args!("Invalid number of argument(s) for the {operator} ComparisonOperator"))
}

/// An operator with a value of a type it does not take.
pub fn operand_type(operator: impl Display, tag: &str) -> String {
    invalid(format_args!("ComparisonOperator {operator} is not valid for {tag} AttributeValue type"))
}

/// Values of different types in one list.
pub fn list_of_several_types() -> String {
    invalid("AttributeValues inside AttributeValueList must be of same type")
}

/// BETWEEN with its bounds the wrong way round.
pub const BETWEEN_BOUNDS: &str =
    "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound";

/// A rule of Expected about one attribute.
pub fn expected_rule(rule: impl Display, attribute: &str) -> String {
    invalid(format_args!("{rule} for Attribute: {attribute}"))
}

/// ConditionalOperator without conditions.
pub const OPERATOR_WITHOUT_CONDITIONS: &str = "ConditionalOperator cannot be used without Filter or Expected";
/// ConditionalOperator with nothing to join.
pub const OPERATOR_WITH_ONE_CONDITION: &str =
    "ConditionalOperator can only be used when Filter or Expected has two or more elements";
/// ConditionalOperator outside its enum, the list with DynamoDB's own spelling.
pub const UNKNOWN_CONDITIONAL_OPERATOR: &str =
    "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]";

/// AttributeUpdates with an action that does not exist; the stray quote is DynamoDB's.
pub const UNKNOWN_ACTION: &str = "Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action";

/// AttributeUpdates without a value.
pub fn only_delete_without_value() -> String {
    invalid("Only DELETE action is allowed when no attribute value is specified")
}

/// AttributeUpdates that delete from something that is no set.
pub fn delete_from(tag: &str) -> String {
    invalid(format_args!("DELETE action with value is not supported for the type {tag}"))
}

/// AttributeUpdates that add something that cannot be added.
pub fn add_of(tag: &str) -> String {
    invalid(format_args!("ADD action is not supported for the type {tag}"))
}

/// KeyConditions with too few or too many entries.
pub const KEY_CONDITION_COUNT: &str = "Conditions can be of length 1 or 2 only";
/// KeyConditions with an operator no key can have.
pub const KEY_CONDITION_NOT_SUPPORTED: &str = "Query key condition not supported";
