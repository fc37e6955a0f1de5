//! QueryFilter and ScanFilter (and the form of KeyConditions): conditions with an operator each.

use crate::checks::attribute_values;
use crate::errors::{self, Layer};
use crate::legacy::{Comparison, Join, Operator};
use expr::Condition;
use model::ApiError;
use model::dynamodb::Condition as LegacyCondition;
use std::collections::BTreeMap;

type Filter = BTreeMap<String, LegacyCondition>;

/// The texts for entries without an operator, `member` being `scanFilter`, `queryFilter` or `keyConditions`.
pub fn missing_operators(filter: Option<&Filter>, member: &str) -> Vec<String> {
    let without = filter.into_iter().flatten().filter(|(_, one)| one.comparison_operator.is_none());
    without
        .map(|(name, _)| errors::must_not_be_null(format_args!("{member}.{name}.member.comparisonOperator")))
        .collect()
}

/// The names and values of a filter: length, depth and faults. `levels_max` is 31, or 32 for ScanFilter.
pub fn check_filter_values(filter: Option<&Filter>, levels_max: usize, layer: Layer) -> Result<(), ApiError> {
    attribute_values::names(filter.into_iter().flat_map(BTreeMap::keys), layer)?;
    for value in filter
        .into_iter()
        .flat_map(BTreeMap::values)
        .flat_map(|one| one.attribute_value_list.iter().flatten())
    {
        if value.nesting_levels > levels_max {
            return Err(layer.refuse(errors::ATTRIBUTES_TOO_DEEP));
        }
        attribute_values::value(value, layer)?;
    }
    Ok(())
}

/// The operators and the number and types of their values.
pub fn check_filter(filter: Option<&Filter>, layer: Layer) -> Result<(), ApiError> {
    filter.into_iter().flat_map(BTreeMap::values).try_for_each(|one| comparison(one, layer).map(drop))
}

/// The condition of a filter; `None` for an empty one.
pub fn filter_condition(
    filter: Option<&Filter>,
    operator: Option<&str>,
    layer: Layer,
) -> Result<Option<Condition>, ApiError> {
    let conditions =
        filter.into_iter().flatten().map(|(name, one)| Ok(comparison(one, layer)?.condition(name)));
    Ok(Join::of(operator).all(conditions.collect::<Result<_, ApiError>>()?))
}

pub(super) fn comparison(one: &LegacyCondition, layer: Layer) -> Result<Comparison, ApiError> {
    let name = one.comparison_operator.as_deref().unwrap_or_default();
    let operator = Operator::of(name).ok_or_else(|| layer.refuse(errors::invalid_comparison_operator()))?;
    Comparison::new(operator, one.attribute_value_list.as_deref().unwrap_or_default(), layer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::limits::NESTING_LEVELS_MAX;

    fn filter(json: &str) -> Filter {
        wire::json::decode(json.as_bytes()).unwrap()
    }

    #[test]
    fn missing_operators_are_named_by_their_attribute() {
        let found =
            missing_operators(Some(&filter(r#"{"a":{},"b":{"ComparisonOperator":"NULL"}}"#)), "scanFilter");
        assert_eq!(
            found,
            [
                "Value null at 'scanFilter.a.member.comparisonOperator' failed to satisfy constraint: Member must not \
              be null"
            ]
        );
    }

    #[test]
    fn values_then_operators_then_the_condition() {
        let sound = filter(r#"{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}"#);
        assert!(check_filter_values(Some(&sound), NESTING_LEVELS_MAX, Layer::Plain).is_ok());
        assert!(check_filter(Some(&sound), Layer::Plain).is_ok());
        assert!(filter_condition(Some(&sound), None, Layer::Plain).unwrap().is_some());
        let nested = filter(r#"{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"L":[{"L":[]}]}]}}"#);
        assert!(check_filter_values(Some(&nested), 1, Layer::Plain).is_err());
        let unknown = filter(r#"{"a":{"ComparisonOperator":"LIKE"}}"#);
        assert!(check_filter(Some(&unknown), Layer::Plain).is_err());
        assert!(filter_condition(None, None, Layer::Plain).unwrap().is_none());
    }
}
