//! Reading a pattern: objects, fields, `$or`.

use super::{Node, PATTERN_CHARS_MAX, PatternError, rule_reader};
use serde_json::{Map, Value};

/// The field that lists alternatives for a whole object.
const OR: &str = "$or";
/// So many ways to choose among all alternatives of a pattern.
const COMBINATIONS_MAX: usize = 1_000;

/// JSON is nested 127 deep at most, so that reading and matching may recurse.
pub(super) fn pattern(text: &str) -> Result<Node, PatternError> {
    if text.chars().count() > PATTERN_CHARS_MAX {
        return Err(PatternError::TooLong);
    }
    let value: Value = serde_json::from_str(text).map_err(|error| PatternError::Json(error.to_string()))?;
    let Value::Object(object) = value else { return Err(PatternError::NotAnObject) };
    let node = fields(object)?;
    match node.combinations() {
        0..=COMBINATIONS_MAX => Ok(node),
        _ => Err(PatternError::TooManyCombinations),
    }
}

fn fields(object: Map<String, Value>) -> Result<Node, PatternError> {
    if object.is_empty() {
        return Err(PatternError::EmptyObject);
    }
    let (mut all, mut one_of) = (Vec::new(), Vec::new());
    for (name, value) in object {
        match value {
            Value::Array(alternatives) if name == OR && is_or(&alternatives) => {
                one_of = alternatives.into_iter().map(object_of).collect::<Result<_, _>>()?;
            }
            Value::Array(rules) => all.push((name, rules_of(rules)?)),
            Value::Object(object) => all.push((name, fields(object)?)),
            _ => return Err(PatternError::FieldValue(name)),
        }
    }
    Ok(Node::Fields { all, one_of })
}

/// Two objects or more, none of which is a match expression. Otherwise the field is one of the record's.
fn is_or(alternatives: &[Value]) -> bool {
    let is_pattern = |value: &Value| match value {
        Value::Object(object) => !object.keys().any(|name| rule_reader::is_match_type(name)),
        _ => false,
    };
    alternatives.len() >= 2 && alternatives.iter().all(is_pattern)
}

fn object_of(value: Value) -> Result<Node, PatternError> {
    match value {
        Value::Object(object) => fields(object),
        _ => Err(PatternError::NotAnObject),
    }
}

fn rules_of(values: Vec<Value>) -> Result<Node, PatternError> {
    if values.is_empty() {
        return Err(PatternError::EmptyArray);
    }
    values.into_iter().map(rule_reader::rule).collect::<Result<_, _>>().map(Node::Rules)
}

impl Node {
    /// In how many ways alternatives of `$or` can be chosen.
    fn combinations(&self) -> usize {
        let Node::Fields { all, one_of } = self else { return 1 };
        let alternatives = one_of.iter().map(Node::combinations).fold(0, usize::saturating_add).max(1);
        all.iter().map(|(_, node)| node.combinations()).fold(alternatives, usize::saturating_mul)
    }
}
