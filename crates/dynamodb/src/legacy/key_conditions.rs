//! KeyConditions: one or two conditions on key attributes.

use crate::errors::{self, Layer};
use crate::legacy::filter::comparison;
use crate::legacy::{Comparison, Operator};
use expr::{Comparator, KeyClause, KeyCondition, KeyTest, RangeCondition};
use model::ApiError;
use model::generated::Condition as LegacyCondition;
use std::collections::BTreeMap;
use types::ValueBuf;

type KeyConditions = BTreeMap<String, LegacyCondition>;

/// The operators and the number and types of their values.
pub fn check_key_conditions(conditions: Option<&KeyConditions>, layer: Layer) -> Result<(), ApiError> {
    conditions.into_iter().flat_map(BTreeMap::values).try_for_each(|one| comparison(one, layer).map(drop))
}

/// The key condition, before it is bound to a key schema.
pub fn key_condition(conditions: &KeyConditions, layer: Layer) -> Result<KeyCondition, ApiError> {
    if !(1..=2).contains(&conditions.len()) {
        return Err(layer.refuse(errors::KEY_CONDITION_COUNT));
    }
    let clauses = conditions.iter().map(|(name, one)| {
        let test =
            test(comparison(one, layer)?).ok_or_else(|| layer.refuse(errors::KEY_CONDITION_NOT_SUPPORTED))?;
        Ok(KeyClause { name: name.clone(), test })
    });
    let clauses = clauses.collect::<Result<_, ApiError>>()?;
    KeyCondition::new(clauses).map_err(|error| layer.refuse(error))
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
