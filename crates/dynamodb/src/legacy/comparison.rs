//! The operators of legacy conditions: how many values they take, of which types, and what they mean.

use crate::errors::{self, Layer};
use expr::{Comparator, Condition, Operand, Path};
use model::ApiError;
use std::cmp::Ordering;
use types::{Type, ValueBuf, ValueRef};
use wire::attribute::AttributeValue;

/// A ComparisonOperator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Compare(Comparator),
    Contains,
    NotContains,
    BeginsWith,
    In,
    Between,
    Null,
    NotNull,
}

const OPERATORS: [(&str, Operator); 13] = [
    ("EQ", Operator::Compare(Comparator::Eq)),
    ("NE", Operator::Compare(Comparator::Ne)),
    ("LE", Operator::Compare(Comparator::Le)),
    ("LT", Operator::Compare(Comparator::Lt)),
    ("GE", Operator::Compare(Comparator::Ge)),
    ("GT", Operator::Compare(Comparator::Gt)),
    ("CONTAINS", Operator::Contains),
    ("NOT_CONTAINS", Operator::NotContains),
    ("BEGINS_WITH", Operator::BeginsWith),
    ("IN", Operator::In),
    ("BETWEEN", Operator::Between),
    ("NULL", Operator::Null),
    ("NOT_NULL", Operator::NotNull),
];

impl Operator {
    /// The operator of this name, in exactly these letters.
    pub fn of(name: &str) -> Option<Operator> {
        OPERATORS.iter().find(|(known, _)| *known == name).map(|(_, operator)| *operator)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(name, _)| name)
    }

    fn takes(self, count: usize) -> bool {
        match self {
            Operator::Null | Operator::NotNull => count == 0,
            Operator::Between => count == 2,
            Operator::In => count >= 1,
            _ => count == 1,
        }
    }

    fn accepts(self, kind: Type) -> bool {
        match self {
            Operator::Compare(Comparator::Eq | Comparator::Ne) | Operator::Null | Operator::NotNull => true,
            Operator::BeginsWith => matches!(kind, Type::S | Type::B),
            _ => matches!(kind, Type::S | Type::N | Type::B),
        }
    }
}

/// A comparison of an attribute with values, its rules checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// The operator.
    pub operator: Operator,
    /// Its values, as many as it takes.
    pub values: Vec<ValueBuf>,
}

impl Comparison {
    /// Checks, in this order: the number of values, their types, that they are of one type (of BETWEEN before its
    /// types), the order of BETWEEN's bounds.
    pub fn new(operator: Operator, values: &[AttributeValue], layer: Layer) -> Result<Comparison, ApiError> {
        Self::fault(operator, values).map_or(Ok(()), |text| Err(layer.refuse(text)))?;
        Ok(Comparison { operator, values: values.iter().map(|value| value.value.clone()).collect() })
    }

    fn fault(operator: Operator, values: &[AttributeValue]) -> Option<String> {
        if !operator.takes(values.len()) {
            return Some(errors::argument_count(operator.name()));
        }
        let kinds = || values.iter().map(|value| value.value.as_ref().kind());
        let several = kinds().any(|kind| Some(kind) != kinds().next());
        match kinds().find(|kind| !operator.accepts(*kind)) {
            Some(kind) if !(several && operator == Operator::Between) => {
                return Some(errors::operand_type(operator.name(), kind.tag()));
            }
            _ if several => return Some(errors::list_of_several_types()),
            _ => {}
        }
        match (operator, values) {
            (Operator::Between, [low, high]) if is_above(low, high) => {
                Some(errors::BETWEEN_BOUNDS.to_owned())
            }
            _ => None,
        }
    }

    /// The comparison as a condition on this attribute. Of an attribute that is not there only NULL, NE and
    /// NOT_CONTAINS hold.
    pub fn condition(self, attribute: &str) -> Condition {
        let path = Path::top_level(attribute);
        let subject = || Operand::Path(path.clone());
        let mut values = self.values.into_iter().map(Operand::Value);
        let mut value = || values.next().expect("as many values as the operator takes have been checked");
        match self.operator {
            Operator::Compare(comparator) => {
                Condition::Compare { comparator, left: subject(), right: value() }
            }
            Operator::Contains => Condition::Contains { container: subject(), member: value() },
            Operator::NotContains => {
                Condition::Not(Box::new(Condition::Contains { container: subject(), member: value() }))
            }
            Operator::BeginsWith => Condition::BeginsWith { subject: subject(), prefix: value() },
            Operator::Between => Condition::Between { subject: subject(), low: value(), high: value() },
            Operator::In => Condition::In { subject: subject(), candidates: values.collect() },
            Operator::Null => Condition::NotExists(path),
            Operator::NotNull => Condition::Exists(path),
        }
    }
}

fn is_above(low: &AttributeValue, high: &AttributeValue) -> bool {
    let ordering = match (low.value.as_ref(), high.value.as_ref()) {
        (ValueRef::S(low), ValueRef::S(high)) => low.cmp(high),
        (ValueRef::N(low), ValueRef::N(high)) => low.cmp(&high),
        (ValueRef::B(low), ValueRef::B(high)) => low.cmp(high),
        _ => Ordering::Equal,
    };
    ordering == Ordering::Greater
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, values: &str, expected: &str) {
        let values: Vec<AttributeValue> = wire::json::decode(values.as_bytes()).unwrap();
        let operator = Operator::of(name).unwrap();
        let found = Comparison::fault(operator, &values).unwrap_or_default();
        assert_eq!(found.trim_start_matches(errors::INVALID), expected, "{name}");
    }

    #[test]
    fn counts_types_and_bounds() {
        check("EQ", r#"[{"M":{}}]"#, "");
        check("EQ", "[]", "Invalid number of argument(s) for the EQ ComparisonOperator");
        check("NULL", r#"[{"S":"a"}]"#, "Invalid number of argument(s) for the NULL ComparisonOperator");
        check(
            "BETWEEN",
            r#"[{"S":"a"}]"#,
            "Invalid number of argument(s) for the BETWEEN ComparisonOperator",
        );
        check("LT", r#"[{"BOOL":true}]"#, "ComparisonOperator LT is not valid for BOOL AttributeValue type");
        check(
            "BEGINS_WITH",
            r#"[{"N":"1"}]"#,
            "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type",
        );
        check(
            "IN",
            r#"[{"S":"a"},{"N":"1"}]"#,
            "AttributeValues inside AttributeValueList must be of same type",
        );
        check(
            "IN",
            r#"[{"S":"a"},{"L":[]}]"#,
            "ComparisonOperator IN is not valid for L AttributeValue type",
        );
        check(
            "BETWEEN",
            r#"[{"S":"a"},{"L":[]}]"#,
            "AttributeValues inside AttributeValueList must be of same type",
        );
        check(
            "BETWEEN",
            r#"[{"L":[]},{"L":[]}]"#,
            "ComparisonOperator BETWEEN is not valid for L AttributeValue type",
        );
        check("BETWEEN", r#"[{"N":"10"},{"N":"9"}]"#, errors::BETWEEN_BOUNDS);
        check("BETWEEN", r#"[{"N":"9"},{"N":"10"}]"#, "");
    }

    #[test]
    fn names_are_exact() {
        assert_eq!(Operator::of("eq"), None);
        for (name, operator) in OPERATORS {
            assert_eq!((Operator::of(name), operator.name()), (Some(operator), name));
        }
    }
}
