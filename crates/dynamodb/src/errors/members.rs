//! Texts about single members of a request.

use std::fmt::Display;

/// A required member that is absent.
pub fn must_not_be_null(path: impl Display) -> String {
    format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")
}

/// A member that breaks a constraint, in the wording that repeats its value.
pub fn member_value(value: impl Display, path: impl Display, constraint: impl Display) -> String {
    format!("Value '{value}' at '{path}' failed to satisfy constraint: {constraint}")
}

/// The same in the newer wording, which repeats no value and begins the member's name with a capital.
pub fn member(path: impl Display, constraint: impl Display) -> String {
    format!("Value at '{path}' failed to satisfy constraint: {constraint}")
}

/// A constraint on a length.
pub fn length_at_least(min: usize) -> String {
    format!("Member must have length greater than or equal to {min}")
}

/// A constraint on a length.
pub fn length_at_most(max: usize) -> String {
    format!("Member must have length less than or equal to {max}")
}

/// A constraint on an amount.
pub fn value_at_least(min: i64) -> String {
    format!("Member must have value greater than or equal to {min}")
}

/// A constraint on an amount.
pub fn value_at_most(max: i64) -> String {
    format!("Member must have value less than or equal to {max}")
}

/// The constraint of an enum, in DynamoDB's own order.
pub fn one_of(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

/// The constraint on characters of names.
pub const NAME_PATTERN: &str = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";

/// The constraint on the keys of a map of table names.
pub const TABLE_NAME_KEYS: &str = "Map keys must satisfy constraint: [Member must have length less than or equal to \
    255, Member must have length greater than or equal to 3, Member must satisfy regular expression pattern: \
    [a-zA-Z0-9_.-]+]";

/// The constraint on the lists of BatchWriteItem.
pub const WRITE_REQUEST_LISTS: &str = "Map value must satisfy constraint: [Member must have length less than or \
    equal to 25, Member must have length greater than or equal to 1]";

/// ReturnValues outside its enum, the list with DynamoDB's own spelling.
pub const UNKNOWN_RETURN_VALUES: &str = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, \
    UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]";

/// ReturnValues that PutItem and DeleteItem do not honour.
pub const RETURN_VALUES_NOT_HONOURED: &str = "ReturnValues can only be ALL_OLD or NONE";
