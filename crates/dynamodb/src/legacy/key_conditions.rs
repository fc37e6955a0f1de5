//! KeyConditions: one or two conditions on key attributes, more on indexes whose keys have more.

use crate::errors::{self, Layer};
use crate::legacy::filter::comparison;
use crate::legacy::{Comparison, Operator};
use expr::{Comparator, KeyClause, KeyCondition, KeyTest, RangeCondition};
use model::ApiError;
use model::dynamodb::Condition as LegacyCondition;
use std::collections::BTreeMap;
use types::ValueBuf;

type KeyConditions = BTreeMap<String, LegacyCondition>;

/// The operators and the number and types of their values.
pub fn check_key_conditions(conditions: Option<&KeyConditions>, layer: Layer) -> Result<(), ApiError> {
    conditions.into_iter().flat_map(BTreeMap::values).try_for_each(|one| comparison(one, layer).map(drop))
}

/// KeyConditions whose operators are checked. What they lack as a key condition is reported after the table lookup:
/// how many there may be depends on the key.
#[derive(Debug)]
pub struct LegacyKeyCondition {
    count: usize,
    condition: Result<KeyCondition, ApiError>,
    layer: Layer,
}

impl LegacyKeyCondition {
    /// Of checked KeyConditions.
    pub fn of(conditions: &KeyConditions, layer: Layer) -> Self {
        let clauses = conditions.iter().map(|(name, one)| {
            let test = test(comparison(one, layer)?)
                .ok_or_else(|| layer.refuse(errors::KEY_CONDITION_NOT_SUPPORTED))?;
            Ok(KeyClause { name: name.clone(), test })
        });
        let clauses = clauses.collect::<Result<_, ApiError>>();
        let condition =
            clauses.and_then(|clauses| KeyCondition::new(clauses).map_err(|error| layer.refuse(error)));
        LegacyKeyCondition { count: conditions.len(), condition, layer }
    }

    /// The condition of the request, if it can be one on a key.
    pub fn given(&self) -> Option<&KeyCondition> {
        self.condition.as_ref().ok()
    }

    /// The condition on a key of so many attributes.
    pub fn on_key_of(&self, key_attributes: usize) -> Result<&KeyCondition, ApiError> {
        if !(1..=key_attributes.max(2)).contains(&self.count) {
            return Err(self.layer.refuse(errors::KEY_CONDITION_COUNT));
        }
        self.condition.as_ref().map_err(Clone::clone)
    }
}

fn test(comparison: Comparison) -> Option<KeyTest> {
    let mut values = comparison.values.into_iter();
    let mut value = || -> Option<ValueBuf> { values.next() };
    Some(match comparison.operator {
        Operator::Compare(Comparator::Eq) => KeyTest::Eq(value()?),
        Operator::Compare(Comparator::Lt) => KeyTest::Range(RangeCondition::Lt(value()?)),
        Operator::Compare(Comparator::Le) => KeyTest::Range(RangeCondition::Le(value()?)),
        Operator::Compare(Comparator::Gt) => KeyTest::Range(RangeCondition::Gt(value()?)),
        Operator::Compare(Comparator::Ge) => KeyTest::Range(RangeCondition::Ge(value()?)),
        Operator::Between => KeyTest::Range(RangeCondition::Between(value()?, value()?)),
        Operator::BeginsWith => KeyTest::Range(RangeCondition::BeginsWith(value()?)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(conditions: &str, expected: &str) {
        let conditions: KeyConditions = wire::json::decode(conditions.as_bytes()).unwrap();
        let condition = LegacyKeyCondition::of(&conditions, Layer::Plain);
        let found = condition.on_key_of(1).err().and_then(|error| error.message);
        assert_eq!(found.as_deref().unwrap_or_default(), expected);
    }

    #[test]
    fn one_or_two_conditions_a_key_can_have() {
        let eq = r#"{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}"#;
        check("{}", errors::KEY_CONDITION_COUNT);
        check(&format!(r#"{{"a":{eq}}}"#), "");
        check(&format!(r#"{{"a":{eq},"b":{eq}}}"#), "");
        check(&format!(r#"{{"a":{eq},"b":{eq},"c":{eq}}}"#), errors::KEY_CONDITION_COUNT);
        check(r#"{"a":{"ComparisonOperator":"NULL"}}"#, errors::KEY_CONDITION_NOT_SUPPORTED);
        let ne = r#"{"ComparisonOperator":"NE","AttributeValueList":[{"S":"x"}]}"#;
        check(&format!(r#"{{"a":{ne}}}"#), errors::KEY_CONDITION_NOT_SUPPORTED);
    }
}
