//! Conditions and filters: their structure, their text, and their value for an item.

use crate::path::{Path, at};
use crate::text::Text;
use crate::value::{Item, Value};

/// A condition.
#[derive(Debug, Clone)]
pub enum Condition {
    Exists(Path),
    NotExists(Path),
    Type(Path, &'static str),
    BeginsWith(Path, Operand),
    Contains(Path, Operand),
    Compare(Operand, &'static str, Operand),
    Between(Operand, Operand, Operand),
    In(Operand, Vec<Operand>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Not(Box<Condition>),
}

/// An operand.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Path(Path),
    Value(Value),
    Size(Path),
}

impl Operand {
    fn value(&self, item: &Item) -> Option<Value> {
        match self {
            Operand::Path(path) => at(item, path).cloned(),
            Operand::Value(value) => Some(value.clone()),
            Operand::Size(path) => length(at(item, path)?).map(|length| Value::N(length as i128 * 1000)),
        }
    }

    fn text(&self, text: &mut Text<'_>) -> String {
        match self {
            Operand::Path(path) => text.path(path),
            Operand::Value(value) => text.value(value),
            Operand::Size(path) => format!("size({})", text.path(path)),
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::S(text) => Some(text.encode_utf16().count()),
        Value::B(bytes) => Some(bytes.len()),
        Value::Ss(set) => Some(set.len()),
        Value::Ns(set) => Some(set.len()),
        Value::Bs(set) => Some(set.len()),
        Value::L(list) => Some(list.len()),
        Value::M(map) => Some(map.len()),
        Value::N(_) | Value::Bool(_) | Value::Null => None,
    }
}

/// Whether two values have this relation; missing ones are only unequal.
pub fn compare(left: Option<Value>, relation: &str, right: Option<Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return relation == "<>" };
    let ordered = left.is_scalar() && left.tag() == right.tag();
    match relation {
        "=" => left == right,
        "<>" => left != right,
        "<" => ordered && left < right,
        "<=" => ordered && left <= right,
        ">" => ordered && left > right,
        _ => ordered && left >= right,
    }
}

/// Whether one begins with the other.
pub fn begins_with(value: Option<Value>, prefix: Option<Value>) -> bool {
    match (value, prefix) {
        (Some(Value::S(value)), Some(Value::S(prefix))) => value.starts_with(&prefix),
        (Some(Value::B(value)), Some(Value::B(prefix))) => value.starts_with(&prefix),
        _ => false,
    }
}

fn contains(whole: Option<&Value>, part: Option<Value>) -> bool {
    match (whole, part) {
        (Some(Value::L(list)), Some(part)) => list.contains(&part),
        (Some(Value::S(whole)), Some(Value::S(part))) => whole.contains(&part),
        (Some(Value::B(whole)), Some(Value::B(part))) => {
            part.is_empty() || whole.windows(part.len()).any(|window| window == part)
        }
        (Some(Value::Ss(set)), Some(Value::S(part))) => set.contains(&part),
        (Some(Value::Ns(set)), Some(Value::N(part))) => set.contains(&part),
        (Some(Value::Bs(set)), Some(Value::B(part))) => set.contains(&part),
        _ => false,
    }
}

impl Condition {
    /// Its value for an item; a missing item has no attributes.
    pub fn holds(&self, item: &Item) -> bool {
        match self {
            Condition::Exists(path) => at(item, path).is_some(),
            Condition::NotExists(path) => at(item, path).is_none(),
            Condition::Type(path, tag) => at(item, path).is_some_and(|value| value.tag() == *tag),
            Condition::BeginsWith(path, prefix) => begins_with(at(item, path).cloned(), prefix.value(item)),
            Condition::Contains(path, part) => contains(at(item, path), part.value(item)),
            Condition::Compare(left, relation, right) => {
                compare(left.value(item), relation, right.value(item))
            }
            Condition::Between(value, low, high) => {
                compare(value.value(item), ">=", low.value(item))
                    && compare(value.value(item), "<=", high.value(item))
            }
            Condition::In(value, list) => {
                list.iter().any(|other| compare(value.value(item), "=", other.value(item)))
            }
            Condition::And(left, right) => left.holds(item) && right.holds(item),
            Condition::Or(left, right) => left.holds(item) || right.holds(item),
            Condition::Not(inner) => !inner.holds(item),
        }
    }

    /// As an expression.
    pub fn text(&self, text: &mut Text<'_>) -> String {
        match self {
            Condition::Exists(path) => format!("attribute_exists({})", text.path(path)),
            Condition::NotExists(path) => format!("attribute_not_exists({})", text.path(path)),
            Condition::Type(path, tag) => {
                format!("attribute_type({}, {})", text.path(path), text.value(&Value::s(tag)))
            }
            Condition::BeginsWith(path, prefix) => {
                format!("begins_with({}, {})", text.path(path), prefix.text(text))
            }
            Condition::Contains(path, part) => format!("contains({}, {})", text.path(path), part.text(text)),
            Condition::Compare(left, relation, right) => {
                format!("{} {relation} {}", left.text(text), right.text(text))
            }
            Condition::Between(value, low, high) => {
                format!("{} BETWEEN {} AND {}", value.text(text), low.text(text), high.text(text))
            }
            Condition::In(value, list) => {
                let value = value.text(text);
                let list: Vec<_> = list.iter().map(|operand| operand.text(text)).collect();
                format!("{value} IN ({})", list.join(", "))
            }
            Condition::And(left, right) => format!("{} AND {}", left.group(text), right.group(text)),
            Condition::Or(left, right) => format!("{} OR {}", left.group(text), right.group(text)),
            Condition::Not(inner) => format!("NOT {}", inner.group(text)),
        }
    }

    fn group(&self, text: &mut Text<'_>) -> String {
        let inner = self.text(text);
        match self {
            Condition::And(..) | Condition::Or(..) | Condition::Not(..) => format!("({inner})"),
            _ => inner,
        }
    }
}
