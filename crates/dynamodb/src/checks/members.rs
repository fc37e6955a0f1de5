//! The stage of single members: which are missing or break a constraint of their own. What is collected is
//! reported together, in the order of the calls, which is the operation's.

use crate::errors::{self, enveloped_together};
use model::ApiError;
use std::fmt::Display;

/// ReturnConsumedCapacity, in DynamoDB's order.
pub const RETURN_CONSUMED_CAPACITY: &[&str] = &["INDEXES", "TOTAL", "NONE"];
/// ReturnItemCollectionMetrics, in DynamoDB's order.
pub const RETURN_ITEM_COLLECTION_METRICS: &[&str] = &["SIZE", "NONE"];
/// ReturnValuesOnConditionCheckFailure, in DynamoDB's order.
pub const RETURN_VALUES_ON_CONDITION_CHECK_FAILURE: &[&str] = &["ALL_OLD", "NONE"];
/// ReturnValues, in the order of the older layer.
pub const RETURN_VALUES: &[&str] = &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
/// Select, in DynamoDB's order.
pub const SELECT: &[&str] = &["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"];
/// ConditionalOperator, in DynamoDB's order.
pub const CONDITIONAL_OPERATOR: &[&str] = &["OR", "AND"];
/// ComparisonOperator, in DynamoDB's order.
pub const COMPARISON_OPERATOR: &[&str] = &[
    "IN",
    "NULL",
    "BETWEEN",
    "LT",
    "NOT_CONTAINS",
    "EQ",
    "GT",
    "NOT_NULL",
    "NE",
    "LE",
    "BEGINS_WITH",
    "GE",
    "CONTAINS",
];

/// What is wrong with the members of a request.
#[derive(Debug, Default)]
pub struct Members {
    broken: Vec<String>,
}

impl Members {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn add(&mut self, text: impl Into<String>) -> &mut Self {
        self.broken.push(text.into());
        self
    }

    /// Adds what a check of its own has found.
    pub fn add_all(&mut self, texts: impl IntoIterator<Item = String>) -> &mut Self {
        self.broken.extend(texts);
        self
    }

    /// A member that must be there.
    pub fn required<T>(&mut self, path: impl Display, value: &Option<T>) -> &mut Self {
        if value.is_none() {
            self.broken.push(errors::must_not_be_null(path));
        }
        self
    }

    /// A member with a closed set of values.
    pub fn one_of(&mut self, path: impl Display, value: &Option<String>, values: &[&str]) -> &mut Self {
        self.broken.extend(outside(path, value, values));
        self
    }

    /// ReturnConsumedCapacity.
    pub fn return_consumed_capacity(&mut self, value: &Option<String>) -> &mut Self {
        self.one_of("returnConsumedCapacity", value, RETURN_CONSUMED_CAPACITY)
    }

    /// ReturnItemCollectionMetrics.
    pub fn return_item_collection_metrics(&mut self, value: &Option<String>) -> &mut Self {
        self.one_of("returnItemCollectionMetrics", value, RETURN_ITEM_COLLECTION_METRICS)
    }

    /// ReturnValuesOnConditionCheckFailure.
    pub fn return_values_on_condition_check_failure(&mut self, value: &Option<String>) -> &mut Self {
        self.one_of("returnValuesOnConditionCheckFailure", value, RETURN_VALUES_ON_CONDITION_CHECK_FAILURE)
    }

    /// ReturnValues, in the newer wording.
    pub fn return_values(&mut self, value: &Option<String>) -> &mut Self {
        if is_outside(value, RETURN_VALUES) {
            self.add(errors::UNKNOWN_RETURN_VALUES);
        }
        self
    }

    /// Refuses the request if anything was found.
    pub fn check(&self) -> Result<(), ApiError> {
        match enveloped_together(&self.broken) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// The text for a value outside its set.
pub fn outside(path: impl Display, value: &Option<String>, values: &[&str]) -> Option<String> {
    let value = value.as_deref().filter(|value| !values.contains(value))?;
    Some(errors::member_value(value, path, errors::one_of(values)))
}

/// Whether a value is given and outside its set.
pub fn is_outside(value: &Option<String>, values: &[&str]) -> bool {
    value.as_deref().is_some_and(|value| !values.contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reported_together_in_the_order_asked_for() {
        let (none, odd) = (None::<String>, Some("X".to_owned()));
        let mut members = Members::new();
        members.required("item", &none).return_consumed_capacity(&odd).return_values(&odd);
        let text = members.check().unwrap_err().message.unwrap();
        assert_eq!(
            text,
            "3 validation errors detected: Value null at 'item' failed to satisfy constraint: Member must not be \
             null; Value 'X' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value \
             set: [INDEXES, TOTAL, NONE]; Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, \
             UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
        );
        assert!(Members::new().return_values(&Some("UPDATED_NEW".into())).check().is_ok());
    }
}
