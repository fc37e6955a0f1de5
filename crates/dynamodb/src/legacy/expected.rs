//! Expected: the condition of a single write, attribute by attribute.

use crate::checks::attribute_values;
use crate::errors::{self, Layer, expected_rule};
use crate::legacy::{Comparison, Join, Operator};
use expr::{Comparator, Condition, Path};
use model::ApiError;
use model::dynamodb::ExpectedAttributeValue;
use std::collections::BTreeMap;
use wire::attribute::AttributeValue;

type Expected = BTreeMap<String, ExpectedAttributeValue>;

/// Whether an attribute has the empty name, here or in a value.
pub fn expected_has_empty_name(expected: Option<&Expected>) -> bool {
    let mut all = expected.into_iter().flatten();
    all.any(|(name, one)| name.is_empty() || values(one).any(|value| value.has_empty_name))
}

/// The values, attribute by attribute.
pub fn expected_values(expected: Option<&Expected>) -> impl Iterator<Item = &AttributeValue> {
    expected.into_iter().flat_map(BTreeMap::values).flat_map(values)
}

/// The stage of depth.
pub fn expected_depth(expected: Option<&Expected>, layer: Layer) -> Result<(), ApiError> {
    expected_values(expected).try_for_each(|value| attribute_values::depth(value.nesting_levels, layer))
}

/// The stage of rules, and the condition it makes.
pub fn expected(
    expected: Option<&Expected>,
    operator: Option<&str>,
    layer: Layer,
) -> Result<Option<Condition>, ApiError> {
    attribute_values::names(expected.into_iter().flat_map(BTreeMap::keys), layer)?;
    let conditions = expected.into_iter().flatten().map(|(name, one)| condition(name, one, layer));
    Ok(Join::of(operator).all(conditions.collect::<Result<_, _>>()?))
}

fn values(one: &ExpectedAttributeValue) -> impl Iterator<Item = &AttributeValue> {
    one.value.iter().chain(one.attribute_value_list.iter().flatten())
}

fn condition(name: &str, one: &ExpectedAttributeValue, layer: Layer) -> Result<Condition, ApiError> {
    values(one).try_for_each(|value| attribute_values::value(value, layer))?;
    if let Some(rule) = broken_combination(one) {
        return Err(layer.refuse(expected_rule(rule, name)));
    }
    match (&one.comparison_operator, one.exists) {
        (Some(operator), _) => comparison(operator, one, name, layer),
        (None, Some(false)) => Ok(Condition::NotExists(Path::top_level(name))),
        (None, _) => {
            Comparison::new(Operator::Compare(Comparator::Eq), listed(one), layer).map(|c| c.condition(name))
        }
    }
}

/// Which members go together, in DynamoDB's order.
fn broken_combination(one: &ExpectedAttributeValue) -> Option<String> {
    let has_operator = one.comparison_operator.is_some();
    let (has_value, has_list) = (one.value.is_some(), one.attribute_value_list.is_some());
    let rule = match one.exists {
        Some(_) if has_operator => "Exists and ComparisonOperator cannot be used together",
        _ if has_value && has_list => "Value and AttributeValueList cannot be used together",
        _ if has_list && !has_operator => "AttributeValueList can only be used with a ComparisonOperator",
        Some(true) if !has_value => "Value must be provided when Exists is true",
        Some(false) if has_value => "Value cannot be used when Exists is false",
        None if !has_value && !has_operator => "Value must be provided when Exists is null",
        _ => return None,
    };
    Some(rule.to_owned())
}

fn comparison(
    name: &str,
    one: &ExpectedAttributeValue,
    attribute: &str,
    layer: Layer,
) -> Result<Condition, ApiError> {
    let operator = Operator::of(name).ok_or_else(|| layer.refuse(errors::invalid_comparison_operator()))?;
    let has_none = one.value.is_none() && one.attribute_value_list.is_none();
    if has_none && !matches!(operator, Operator::Null | Operator::NotNull) {
        let rule = format!("Value or AttributeValueList must be used with ComparisonOperator: {name}");
        return Err(layer.refuse(expected_rule(rule, attribute)));
    }
    let condition = Comparison::new(operator, listed(one), layer)?.condition(attribute);
    Ok(match operator {
        // Here, unlike in filters, NOT_CONTAINS does not hold of an attribute that is not there.
        Operator::NotContains => {
            Condition::And(vec![Condition::Exists(Path::top_level(attribute)), condition])
        }
        _ => condition,
    })
}

fn listed(one: &ExpectedAttributeValue) -> &[AttributeValue] {
    match (&one.value, &one.attribute_value_list) {
        (Some(value), _) => std::slice::from_ref(value),
        (None, Some(list)) => list,
        (None, None) => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, expected: &str) {
        let one: ExpectedAttributeValue = wire::json::decode(one.as_bytes()).unwrap();
        let found = condition("a", &one, Layer::Plain).err().and_then(|error| error.message);
        assert_eq!(found.as_deref().unwrap_or_default().trim_start_matches(errors::INVALID), expected);
    }

    #[test]
    fn which_members_go_together() {
        let list = r#""AttributeValueList":[{"S":"x"}]"#;
        check(r#"{"Value":{"S":"x"}}"#, "");
        check(r#"{"Exists":false}"#, "");
        check("{}", "Value must be provided when Exists is null for Attribute: a");
        check(r#"{"Exists":true}"#, "Value must be provided when Exists is true for Attribute: a");
        check(
            r#"{"Exists":false,"Value":{"S":"x"}}"#,
            "Value cannot be used when Exists is false for Attribute: a",
        );
        check(
            r#"{"Exists":true,"ComparisonOperator":"EQ"}"#,
            "Exists and ComparisonOperator cannot be used together for Attribute: a",
        );
        check(
            &format!(r#"{{"ComparisonOperator":"EQ","Value":{{"S":"x"}},{list}}}"#),
            "Value and AttributeValueList cannot be used together for Attribute: a",
        );
        check(
            &format!("{{{list}}}"),
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
        );
        check(
            r#"{"ComparisonOperator":"EQ"}"#,
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a",
        );
        check(r#"{"ComparisonOperator":"NULL"}"#, "");
        check(r#"{"ComparisonOperator":"LIKE"}"#, "Invalid comparison operator");
    }
}
