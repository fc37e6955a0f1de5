//! Key conditions: the shape a Query's condition must have, and its binding to a key schema.
//!
//! ParsedCondition (of [`Kind::KeyCondition`]) → [`Condition`] → [`KeyCondition`], which needs no schema →
//! [`BoundKeyCondition`]. Legacy KeyConditions build the [`KeyCondition`] directly.

mod bind;

pub use bind::{BoundKeyCondition, KeyAttribute, RangeCondition};

use crate::condition::{self, Comparator, Condition, Operand, ParsedCondition};
use crate::error::{ExprError, KeyConditionError, Kind};
use crate::path::Path;
use types::ValueBuf;

/// Reads a KeyConditionExpression; as [`condition::parse`].
pub fn parse(text: &str) -> Result<ParsedCondition<'_>, ExprError> {
    condition::parse(text, Kind::KeyCondition)
}

/// Conditions on attributes that are to be the key, at most one for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCondition {
    clauses: Vec<KeyClause>,
}

/// The condition on one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyClause {
    /// The attribute.
    pub name: String,
    /// What it must fulfil.
    pub test: KeyTest,
}

/// What an attribute of the key must fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyTest {
    /// `=`
    Eq(ValueBuf),
    /// Anything else.
    Range(RangeCondition),
}

impl KeyTest {
    /// The values it compares with.
    pub fn values(&self) -> Vec<&ValueBuf> {
        match self {
            KeyTest::Eq(value) => vec![value],
            KeyTest::Range(range) => range.values(),
        }
    }
}

impl KeyCondition {
    /// Conditions as given, in order; of two on one attribute the second is an error.
    pub fn new(clauses: Vec<KeyClause>) -> Result<KeyCondition, KeyConditionError> {
        let repeated = |(i, clause): (usize, &KeyClause)| clauses[..i].iter().any(|c| c.name == clause.name);
        if clauses.iter().enumerate().any(repeated) {
            return Err(KeyConditionError::RepeatedKey);
        }
        Ok(KeyCondition { clauses })
    }

    /// Converts a condition to a key condition: comparisons of attributes with values, joined by AND. Errors
    /// come in the order of the expression.
    pub fn from_condition(condition: &Condition) -> Result<KeyCondition, KeyConditionError> {
        let mut clauses = Vec::new();
        collect(condition, &mut clauses)?;
        Ok(KeyCondition { clauses })
    }

    /// The conditions in the order given.
    pub fn clauses(&self) -> &[KeyClause] {
        &self.clauses
    }
}

fn collect(condition: &Condition, clauses: &mut Vec<KeyClause>) -> Result<(), KeyConditionError> {
    if let Condition::And(all) = condition {
        return all.iter().try_for_each(|one| collect(one, clauses));
    }
    let clause = clause(condition)?;
    if clauses.iter().any(|earlier| earlier.name == clause.name) {
        return Err(KeyConditionError::RepeatedKey);
    }
    clauses.push(clause);
    Ok(())
}

fn clause(condition: &Condition) -> Result<KeyClause, KeyConditionError> {
    match condition {
        Condition::Compare { comparator, left, right } => comparison(*comparator, left, right),
        Condition::Between { subject, low, high } => {
            let name = first_operand("BETWEEN", subject)?;
            let (low, high) = (value(low)?, value(high)?);
            Ok(KeyClause { name, test: KeyTest::Range(RangeCondition::Between(low, high)) })
        }
        Condition::BeginsWith { subject, prefix } => {
            let name = first_operand("begins_with", subject)?;
            Ok(KeyClause { name, test: KeyTest::Range(RangeCondition::BeginsWith(value(prefix)?)) })
        }
        other => Err(KeyConditionError::InvalidOperator(operator_name(other))),
    }
}

fn operator_name(condition: &Condition) -> &'static str {
    match condition {
        Condition::Or(_) => "OR",
        Condition::Not(_) => "NOT",
        Condition::In { .. } => "IN",
        Condition::Exists(_) => "attribute_exists",
        Condition::NotExists(_) => "attribute_not_exists",
        Condition::HasType(..) => "attribute_type",
        Condition::Contains { .. } => "contains",
        Condition::And(_) => "AND",
        Condition::Between { .. } => "BETWEEN",
        Condition::BeginsWith { .. } => "begins_with",
        Condition::Compare { comparator, .. } => comparator.symbol(),
    }
}

fn comparison(
    comparator: Comparator,
    left: &Operand,
    right: &Operand,
) -> Result<KeyClause, KeyConditionError> {
    if comparator == Comparator::Ne {
        return Err(KeyConditionError::InvalidOperator("<>"));
    }
    let (comparator, path, operand) = match (left, right) {
        (Operand::Size(_), _) => return Err(KeyConditionError::Nested),
        (Operand::Path(path), operand) => (comparator, path, operand),
        (operand, Operand::Path(path)) => (comparator.mirrored(), path, operand),
        (Operand::Value(_), Operand::Size(_)) => return Err(KeyConditionError::Nested),
        (Operand::Value(_), Operand::Value(_)) => return Err(KeyConditionError::NoAttribute),
    };
    Ok(KeyClause { name: key_name(path)?, test: test(comparator, value(operand)?) })
}

fn test(comparator: Comparator, value: ValueBuf) -> KeyTest {
    match comparator {
        Comparator::Eq | Comparator::Ne => KeyTest::Eq(value),
        Comparator::Lt => KeyTest::Range(RangeCondition::Lt(value)),
        Comparator::Le => KeyTest::Range(RangeCondition::Le(value)),
        Comparator::Gt => KeyTest::Range(RangeCondition::Gt(value)),
        Comparator::Ge => KeyTest::Range(RangeCondition::Ge(value)),
    }
}

fn first_operand(operator: &'static str, operand: &Operand) -> Result<String, KeyConditionError> {
    match operand {
        Operand::Path(path) => key_name(path),
        Operand::Value(_) | Operand::Size(_) => Err(KeyConditionError::KeyNotFirst(operator)),
    }
}

fn key_name(path: &Path) -> Result<String, KeyConditionError> {
    if path.is_nested() {
        return Err(KeyConditionError::NestedPath);
    }
    Ok(path.top_level_name().to_owned())
}

fn value(operand: &Operand) -> Result<ValueBuf, KeyConditionError> {
    match operand {
        Operand::Value(value) => Ok(value.clone()),
        Operand::Path(_) => Err(KeyConditionError::SeveralAttributes),
        Operand::Size(_) => Err(KeyConditionError::Nested),
    }
}

#[cfg(test)]
mod tests;
