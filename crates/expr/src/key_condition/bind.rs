//! Key conditions against a key schema, which may have several partition and several sort key attributes:
//! equality on every partition key attribute, equality on a leading run of sort key attributes, and at most
//! one other condition on the attribute after that run.

use crate::error::KeyConditionError;
use crate::key_condition::{KeyClause, KeyCondition, KeyTest};
use types::{Type, ValueBuf};

/// An attribute of a key schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAttribute<'a> {
    /// Its name.
    pub name: &'a str,
    /// S, N or B.
    pub kind: Type,
}

/// A key condition in terms of a key schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundKeyCondition {
    /// The value of each partition key attribute, in schema order.
    pub hash: Vec<ValueBuf>,
    /// The values the leading sort key attributes equal, in schema order.
    pub range_prefix: Vec<ValueBuf>,
    /// The condition on the sort key attribute after those of the prefix.
    pub range: Option<RangeCondition>,
}

/// A condition on a sort key attribute other than equality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangeCondition {
    /// `<`
    Lt(ValueBuf),
    /// `<=`
    Le(ValueBuf),
    /// `>`
    Gt(ValueBuf),
    /// `>=`
    Ge(ValueBuf),
    /// From the first to the second, both included.
    Between(ValueBuf, ValueBuf),
    /// The beginning of a string or binary.
    BeginsWith(ValueBuf),
}

impl RangeCondition {
    /// The values it compares with.
    pub fn values(&self) -> Vec<&ValueBuf> {
        use RangeCondition::*;
        match self {
            Lt(value) | Le(value) | Gt(value) | Ge(value) | BeginsWith(value) => vec![value],
            Between(low, high) => vec![low, high],
        }
    }
}

impl KeyCondition {
    /// Binds the conditions to the attributes of a key schema, partition key first.
    pub fn bind(
        &self,
        hash: &[KeyAttribute<'_>],
        range: &[KeyAttribute<'_>],
    ) -> Result<BoundKeyCondition, KeyConditionError> {
        let attributes = hash.len() + range.len();
        if self.clauses().len() > attributes {
            return Err(KeyConditionError::TooManyConditions {
                conditions: self.clauses().len(),
                attributes,
            });
        }
        if hash.len() > 1 || range.len() > 1 {
            self.check_hash_equalities(hash)?;
        }
        self.check_names(hash, range)?;
        let hash = hash.iter().map(|key| self.bind_hash(key)).collect::<Result<_, _>>()?;
        let (range_prefix, range) = self.bind_range(range)?;
        Ok(BoundKeyCondition { hash, range_prefix, range })
    }

    fn clause(&self, key: &KeyAttribute<'_>) -> Option<&KeyClause> {
        self.clauses().iter().find(|clause| clause.name == key.name)
    }

    /// Every partition key attribute has an equality: the check of keys of several attributes of a kind.
    fn check_hash_equalities(&self, hash: &[KeyAttribute<'_>]) -> Result<(), KeyConditionError> {
        match self.without_equality(hash) {
            missing if missing.is_empty() => Ok(()),
            missing => Err(KeyConditionError::HashEqualityRequired { missing }),
        }
    }

    fn without_equality(&self, keys: &[KeyAttribute<'_>]) -> Vec<String> {
        let lacks = |key: &&KeyAttribute<'_>| {
            !matches!(self.clause(key), Some(KeyClause { test: KeyTest::Eq(_), .. }))
        };
        keys.iter().filter(lacks).map(|key| key.name.to_owned()).collect()
    }

    /// Every partition key attribute has a condition, which is an equality, and no condition is on a foreign
    /// attribute: otherwise the key attribute that has none is reported.
    fn check_names(
        &self,
        hash: &[KeyAttribute<'_>],
        range: &[KeyAttribute<'_>],
    ) -> Result<(), KeyConditionError> {
        let missed = |keys: &[KeyAttribute<'_>]| {
            let key = keys.iter().find(|key| self.clause(key).is_none());
            key.map_or(Ok(()), |key| Err(KeyConditionError::MissedKey(key.name.to_owned())))
        };
        missed(hash)?;
        if hash
            .iter()
            .any(|key| self.clause(key).is_some_and(|clause| !matches!(clause.test, KeyTest::Eq(_))))
        {
            return Err(KeyConditionError::NotSupported);
        }
        let known = |clause: &KeyClause| hash.iter().chain(range).any(|key| key.name == clause.name);
        if self.clauses().iter().all(known) { Ok(()) } else { missed(range) }
    }

    fn bind_hash(&self, key: &KeyAttribute<'_>) -> Result<ValueBuf, KeyConditionError> {
        match self.clause(key).map(|clause| &clause.test) {
            Some(KeyTest::Eq(value)) => typed(value, key).cloned(),
            Some(KeyTest::Range(_)) => Err(KeyConditionError::NotSupported),
            None => Err(KeyConditionError::MissedKey(key.name.to_owned())),
        }
    }

    fn bind_range(
        &self,
        range: &[KeyAttribute<'_>],
    ) -> Result<(Vec<ValueBuf>, Option<RangeCondition>), KeyConditionError> {
        let Some(last) = range.iter().rposition(|key| self.clause(key).is_some()) else {
            return Ok((Vec::new(), None));
        };
        self.check_run(&range[..last], &range[last])?;
        let mut prefix = Vec::new();
        for key in &range[..=last] {
            match self.clause(key).map(|clause| &clause.test) {
                Some(KeyTest::Eq(value)) => prefix.push(typed(value, key)?.clone()),
                Some(KeyTest::Range(condition)) => {
                    condition.values().into_iter().try_for_each(|value| typed(value, key).map(drop))?;
                    return Ok((prefix, Some(condition.clone())));
                }
                None => return Err(KeyConditionError::MissedKey(key.name.to_owned())),
            }
        }
        Ok((prefix, None))
    }

    /// All attributes before the last one named have an equality.
    fn check_run(&self, run: &[KeyAttribute<'_>], last: &KeyAttribute<'_>) -> Result<(), KeyConditionError> {
        let missing = self.without_equality(run);
        if missing.is_empty() {
            return Ok(());
        }
        Err(KeyConditionError::EqualityRequired { missing, present: last.name.to_owned() })
    }
}

fn typed<'v>(value: &'v ValueBuf, key: &KeyAttribute<'_>) -> Result<&'v ValueBuf, KeyConditionError> {
    if value.as_ref().kind() == key.kind { Ok(value) } else { Err(KeyConditionError::TypeMismatch) }
}
