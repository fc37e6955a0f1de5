//! Legacy parameters, converted to the resolved forms of expressions. Attribute names are names here,
//! whatever characters they have, never paths.

mod attribute_updates;
mod attributes_to_get;
mod comparison;
mod conditional_operator;
mod expected;
mod filter;
mod key_conditions;

pub use attribute_updates::attribute_updates;
pub use attributes_to_get::{attributes_to_get, check_attributes_to_get};
pub use comparison::{Comparison, Operator};
pub use conditional_operator::{Join, check_conditional_operator};
pub use expected::{expected, expected_depth, expected_has_empty_name, expected_values};
pub use filter::{check_filter, check_filter_values, filter_condition, missing_operators};
pub use key_conditions::{LegacyKeyCondition, check_key_conditions};
