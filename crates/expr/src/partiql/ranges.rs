//! What a SELECT reads: ranges of partitions that its WHERE clause names, or everything.
//!
//! A clause names partitions where each of its branches (the clause itself, or the sides of an OR at its top) demands
//! that the partition key equals one value or one of several. The first condition on the sort key that a key condition
//! can be is part of the range; whatever else there is filters.

use super::OrderTerm;
use super::item_key::{flatten, joined};
use super::where_clause::equality;
use crate::condition::{Condition, Operand, compare_ordered};
use crate::key_condition::{KeyCondition, KeyTest, RangeCondition};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::fmt::{self, Display, Formatter};
use types::ValueBuf;
use types::value::key_bytes;

/// What a SELECT reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranges {
    /// Everything, of which the condition takes a part.
    All(Option<Condition>),
    /// These, one after the other.
    Keyed(Vec<ReadRange>),
}

/// A part of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRange {
    /// The value of the partition key.
    pub hash: ValueBuf,
    /// The condition on the sort key.
    pub range: Option<KeyTest>,
    /// The condition on what is read.
    pub filter: Option<Condition>,
}

/// A clause that cannot be carried out. `Display` is DynamoDB's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RangesError {
    /// Two branches are about the same items.
    Overlap,
    /// ORDER BY without a partition.
    NoPartition,
    /// ORDER BY another attribute.
    NotOfKey(String),
    /// ORDER BY the sort key alone where there are several partitions.
    SeveralPartitions,
}

impl Display for RangesError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            RangesError::Overlap => {
                f.write_str("Overlapping conditions with range keys are not supported in where clause")
            }
            RangesError::NoPartition => f.write_str(
                "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
            ),
            RangesError::NotOfKey(name) => {
                write!(f, "Attribute {name} in ORDER BY clause must be part of the primary key")
            }
            RangesError::SeveralPartitions => f.write_str(
                "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE \
                 clause.",
            ),
        }
    }
}

impl std::error::Error for RangesError {}

/// What the clause reads of a table or index with this key.
pub fn ranges(condition: Option<Condition>, hash: &str, range: Option<&str>) -> Result<Ranges, RangesError> {
    let Some(condition) = condition else { return Ok(Ranges::All(None)) };
    let branches = match &condition {
        Condition::Or(branches) => branches.clone(),
        other => vec![other.clone()],
    };
    let mut found: Vec<ReadRange> = Vec::new();
    let mut of_partition: HashMap<ValueBuf, Vec<usize>> = HashMap::new();
    for branch in branches {
        let Some(of_branch) = branch_ranges(branch, hash, range) else {
            return Ok(Ranges::All(Some(condition)));
        };
        for one in of_branch {
            let others = of_partition.entry(one.hash.clone()).or_default();
            if others.iter().any(|at| one.overlaps(&found[*at])) {
                return Err(RangesError::Overlap);
            }
            others.push(found.len());
            found.push(one);
        }
    }
    Ok(Ranges::Keyed(found))
}

impl Ranges {
    /// Puts ranges into the order that ORDER BY demands; whether each is read from its end.
    pub fn ordered(
        &mut self,
        terms: &[OrderTerm],
        hash: &str,
        range: Option<&str>,
    ) -> Result<bool, RangesError> {
        if terms.is_empty() {
            return Ok(false);
        }
        let Ranges::Keyed(ranges) = self else { return Err(RangesError::NoPartition) };
        let foreign =
            terms.iter().find(|term| term.attribute != hash && Some(term.attribute.as_str()) != range);
        if let Some(term) = foreign {
            return Err(RangesError::NotOfKey(term.attribute.clone()));
        }
        let of = |name: Option<&str>| terms.iter().find(|term| Some(term.attribute.as_str()) == name);
        let (by_hash, by_range) = (of(Some(hash)), of(range));
        let several = ranges.iter().any(|one| one.hash != ranges[0].hash);
        if several && by_hash.is_none() {
            return Err(RangesError::SeveralPartitions);
        }
        let descends = |term: Option<&OrderTerm>| term.is_some_and(|term| term.descending);
        // Where only the partition key is named, the items of one partition stay in their order.
        let (hash_descends, range_descends) = (descends(by_hash), descends(by_range));
        ranges.sort_by(|a, b| {
            let by_hash = turned(order(&a.hash, &b.hash), hash_descends);
            by_hash.then_with(|| turned(a.order_in_partition(b), range_descends))
        });
        Ok(range_descends)
    }
}

fn turned(order: Ordering, descends: bool) -> Ordering {
    if descends { order.reverse() } else { order }
}

fn order(a: &ValueBuf, b: &ValueBuf) -> Ordering {
    compare_ordered(a.as_ref(), b.as_ref()).unwrap_or(Ordering::Equal)
}

/// The partitions that a clause names anywhere, each once; `None` where it reads all of a table or index. Whatever the
/// clause turns out to read or write is among them, so permissions are judged by them.
pub fn partitions(condition: &Condition, hash: &str) -> Option<Vec<ValueBuf>> {
    let branches = match condition {
        Condition::Or(branches) => branches,
        one => std::slice::from_ref(one),
    };
    let mut values = Vec::new();
    for branch in branches {
        let mut conjuncts = Vec::new();
        flatten(branch.clone(), &mut conjuncts);
        let mut named = conjuncts.iter().filter_map(|one| values_of(one, hash)).peekable();
        named.peek()?;
        values.extend(named.flatten());
    }
    Some(distinct(values))
}

/// The ranges of one branch, unless it names no partition.
fn branch_ranges(branch: Condition, hash: &str, range: Option<&str>) -> Option<Vec<ReadRange>> {
    let mut conjuncts = Vec::new();
    flatten(branch, &mut conjuncts);
    let (at, values) =
        conjuncts.iter().enumerate().find_map(|(at, one)| values_of(one, hash).map(|values| (at, values)))?;
    conjuncts.remove(at);
    let key_test = |one: &Condition| range.and_then(|range| sort_key_test(one, range));
    let found = conjuncts.iter().enumerate().find_map(|(at, one)| key_test(one).map(|test| (at, test)));
    let test = found.map(|(at, test)| {
        conjuncts.remove(at);
        test
    });
    let filter = joined(conjuncts);
    let of = |hash| ReadRange { hash, range: test.clone(), filter: filter.clone() };
    Some(values.into_iter().map(of).collect())
}

/// The values of the partition key that a condition allows, each once.
fn values_of(condition: &Condition, hash: &str) -> Option<Vec<ValueBuf>> {
    let mut values = Vec::new();
    match condition {
        Condition::In { subject: Operand::Path(path), candidates } => {
            let is_hash = !path.is_nested() && path.top_level_name() == hash;
            for candidate in candidates.iter().filter(|_| is_hash) {
                let Operand::Value(value) = candidate else { return None };
                values.push(value.clone());
            }
        }
        Condition::Or(branches) => {
            for branch in branches {
                values.extend(values_of(branch, hash)?);
            }
        }
        other => {
            values.extend(equality(other).filter(|(name, _)| *name == hash).map(|(_, value)| value.clone()))
        }
    }
    (!values.is_empty()).then(|| distinct(values))
}

fn distinct(values: Vec<ValueBuf>) -> Vec<ValueBuf> {
    let mut seen = HashSet::new();
    values.into_iter().filter(|value| seen.insert(value.clone())).collect()
}

fn sort_key_test(condition: &Condition, range: &str) -> Option<KeyTest> {
    let single = match equality(condition) {
        Some((name, value)) => return (name == range).then(|| KeyTest::Eq(value.clone())),
        None => KeyCondition::from_condition(condition).ok()?,
    };
    match single.clauses() {
        [clause] if clause.name == range => Some(clause.test.clone()),
        _ => None,
    }
}

/// Where a range ends.
enum End<'a> {
    Open,
    At(&'a ValueBuf, bool),
    Prefix(&'a ValueBuf),
}

impl ReadRange {
    /// Whether two of one partition have a place in common.
    fn overlaps(&self, other: &ReadRange) -> bool {
        !is_before(self.end(), other.beginning()) && !is_before(other.end(), self.beginning())
    }

    fn order_in_partition(&self, other: &ReadRange) -> Ordering {
        match (self.beginning(), other.beginning()) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => order(a, b),
        }
    }

    /// The least value, and whether it belongs to the range.
    fn beginning(&self) -> Option<(&ValueBuf, bool)> {
        use RangeCondition::*;
        match self.range.as_ref()? {
            KeyTest::Eq(value) | KeyTest::Range(Ge(value) | Between(value, _) | BeginsWith(value)) => {
                Some((value, true))
            }
            KeyTest::Range(Gt(value)) => Some((value, false)),
            KeyTest::Range(Lt(_) | Le(_)) => None,
        }
    }

    fn end(&self) -> End<'_> {
        use RangeCondition::*;
        match self.range.as_ref() {
            Some(KeyTest::Eq(value) | KeyTest::Range(Le(value) | Between(_, value))) => End::At(value, true),
            Some(KeyTest::Range(Lt(value))) => End::At(value, false),
            Some(KeyTest::Range(BeginsWith(prefix))) => End::Prefix(prefix),
            Some(KeyTest::Range(Gt(_) | Ge(_))) | None => End::Open,
        }
    }
}

fn is_before(end: End<'_>, beginning: Option<(&ValueBuf, bool)>) -> bool {
    let Some((low, includes_low)) = beginning else { return false };
    match end {
        End::Open => false,
        End::At(high, includes_high) => match order(high, low) {
            Ordering::Less => true,
            Ordering::Equal => !(includes_low && includes_high),
            Ordering::Greater => false,
        },
        End::Prefix(prefix) => {
            let starts = key_bytes(low.as_bytes()).zip(key_bytes(prefix.as_bytes()));
            order(prefix, low) == Ordering::Less
                && !starts.is_some_and(|(low, prefix)| low.starts_with(prefix))
        }
    }
}
