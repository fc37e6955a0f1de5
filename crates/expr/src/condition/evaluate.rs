//! Whether an item fulfils a condition. Reads the item's bytes in place; nothing of it is copied.

use crate::condition::{Comparator, Condition, Operand};
use std::cmp::Ordering;
use types::{ListRef, MapRef, Number, SetRef, ValueRef};

impl Condition {
    /// Whether the item fulfils the condition. No item is the item without attributes.
    pub fn matches(&self, item: MapRef<'_>) -> bool {
        match self {
            Condition::And(all) => all.iter().all(|one| one.matches(item)),
            Condition::Or(all) => all.iter().any(|one| one.matches(item)),
            Condition::Not(inner) => !inner.matches(item),
            other => other.holds(item),
        }
    }

    /// [`Condition::matches`] for one without conditions inside: apart, so that the stack of the recursion
    /// stays small.
    fn holds(&self, item: MapRef<'_>) -> bool {
        match self {
            Condition::Compare { comparator, left, right } => {
                comparator.holds(left.evaluate(item), right.evaluate(item))
            }
            Condition::Between { subject, low, high } => {
                let subject = subject.evaluate(item);
                Comparator::Ge.holds(subject, low.evaluate(item))
                    && Comparator::Le.holds(subject, high.evaluate(item))
            }
            Condition::In { subject, candidates } => {
                let subject = subject.evaluate(item);
                candidates.iter().any(|candidate| Comparator::Eq.holds(subject, candidate.evaluate(item)))
            }
            Condition::Exists(path) => path.find_bytes(item).is_some(),
            Condition::NotExists(path) => path.find_bytes(item).is_none(),
            Condition::HasType(operand, of_type) => {
                operand.evaluate(item).is_some_and(|value| value.kind() == *of_type)
            }
            Condition::BeginsWith { subject, prefix } => {
                both(subject, prefix, item).is_some_and(|(subject, prefix)| begins_with(subject, prefix))
            }
            Condition::Contains { container, member } => {
                both(container, member, item).is_some_and(|(container, member)| contains(container, member))
            }
            Condition::And(_) | Condition::Or(_) | Condition::Not(_) => self.matches(item),
        }
    }
}

impl Operand {
    /// The operand's value for this item, `None` where it has none.
    pub fn evaluate<'v>(&'v self, item: MapRef<'v>) -> Option<ValueRef<'v>> {
        match self {
            Operand::Path(path) => path.find(item),
            Operand::Value(value) => Some(value.as_ref()),
            Operand::Size(inner) => size(inner.evaluate(item)?).map(ValueRef::N),
        }
    }
}

fn both<'v>(a: &'v Operand, b: &'v Operand, item: MapRef<'v>) -> Option<(ValueRef<'v>, ValueRef<'v>)> {
    Some((a.evaluate(item)?, b.evaluate(item)?))
}

impl Comparator {
    /// Whether it holds between two values. Canonical bytes make equality that of the values; where one is
    /// missing or the types have no common order only `<>` holds.
    pub fn holds(self, left: Option<ValueRef<'_>>, right: Option<ValueRef<'_>>) -> bool {
        let Some((left, right)) = left.zip(right) else { return self == Comparator::Ne };
        match self {
            Comparator::Eq => left == right,
            Comparator::Ne => left != right,
            Comparator::Lt => compare_ordered(left, right).is_some_and(Ordering::is_lt),
            Comparator::Le => compare_ordered(left, right).is_some_and(Ordering::is_le),
            Comparator::Gt => compare_ordered(left, right).is_some_and(Ordering::is_gt),
            Comparator::Ge => compare_ordered(left, right).is_some_and(Ordering::is_ge),
        }
    }
}

/// The order of two values of one scalar type: strings by their UTF-8 bytes, numbers by value, binaries as
/// unsigned bytes.
pub(crate) fn compare_ordered(left: ValueRef<'_>, right: ValueRef<'_>) -> Option<Ordering> {
    match (left, right) {
        (ValueRef::S(a), ValueRef::S(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (ValueRef::N(a), ValueRef::N(b)) => Some(a.cmp(&b)),
        (ValueRef::B(a), ValueRef::B(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// A string's size is its length in UTF-16 code units.
fn size(value: ValueRef<'_>) -> Option<Number> {
    let size = match value {
        ValueRef::S(s) => s.encode_utf16().count(),
        ValueRef::B(b) => b.len(),
        ValueRef::SS(set) | ValueRef::NS(set) | ValueRef::BS(set) => set.len(),
        ValueRef::L(list) => list.len(),
        ValueRef::M(map) => map.len(),
        ValueRef::N(_) | ValueRef::Bool(_) | ValueRef::Null => return None,
    };
    Some(Number::from(size as i64))
}

fn begins_with(subject: ValueRef<'_>, prefix: ValueRef<'_>) -> bool {
    match (subject, prefix) {
        (ValueRef::S(subject), ValueRef::S(prefix)) => subject.starts_with(prefix),
        (ValueRef::B(subject), ValueRef::B(prefix)) => subject.starts_with(prefix),
        _ => false,
    }
}

fn contains(container: ValueRef<'_>, member: ValueRef<'_>) -> bool {
    match (container, member) {
        (ValueRef::S(text), ValueRef::S(part)) => text.contains(part),
        (ValueRef::B(bytes), ValueRef::B(part)) => contains_bytes(bytes, part),
        (ValueRef::SS(set), ValueRef::S(member)) => has_member(set, member.as_bytes()),
        (ValueRef::NS(set), ValueRef::N(member)) => has_member(set, member.as_bytes()),
        (ValueRef::BS(set), ValueRef::B(member)) => has_member(set, member),
        (ValueRef::L(list), member) => has_element(list, member),
        _ => false,
    }
}

fn has_member(set: SetRef<'_>, member: &[u8]) -> bool {
    set.contains(member)
}

fn has_element(list: ListRef<'_>, member: ValueRef<'_>) -> bool {
    list.iter().any(|element| element == member)
}

/// Whether `part` occurs in `bytes`: Knuth, Morris and Pratt, so that two long operands chosen by a client cost
/// no more than their length.
fn contains_bytes(bytes: &[u8], part: &[u8]) -> bool {
    let borders = borders(part);
    let mut matched = 0;
    for byte in bytes {
        while matched > 0 && part.get(matched) != Some(byte) {
            matched = borders[matched - 1];
        }
        if part.get(matched) == Some(byte) {
            matched += 1;
        }
        if matched == part.len() {
            return true;
        }
    }
    part.is_empty()
}

/// For each prefix, the length of its longest proper prefix that is its suffix too.
fn borders(part: &[u8]) -> Vec<usize> {
    let mut borders = vec![0; part.len()];
    let mut length = 0;
    for at in 1..part.len() {
        while length > 0 && part[at] != part[length] {
            length = borders[length - 1];
        }
        length += usize::from(part[at] == part[length]);
        borders[at] = length;
    }
    borders
}
