//! Compares an answer with what a case expects.
//!
//! Expected JSON means itself, except:
//! * `"$any"` matches whatever is there; `"$string"`, `"$number"` any value of that type
//! * `"$set name"` matches anything and remembers it; `"$get name"` is the remembered value, `"$get name+60"` and
//!   `"$get name-60"` a number so much larger or smaller
//! * an object with the member `"...": true` may have further members
//! * `{"$unordered": [ … ]}` is an array in any order
//! * `${name}` inside a text is the remembered value
//! * numbers compare by value (`1` equals `1.0`)

use serde_json::{Map, Value};
use std::collections::HashMap;

/// Values remembered in one case.
pub type Captures = HashMap<String, Value>;

/// `Ok` when `actual` matches `expected`, otherwise where and how it differs.
pub fn compare(expected: &Value, actual: &Value, captures: &mut Captures) -> Result<(), String> {
    compare_at("$", expected, actual, captures)
}

/// Fills remembered values into a request body.
pub fn fill(value: &Value, captures: &Captures) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("$get ") {
            Some(name) => remembered(name, captures).unwrap_or(Value::Null),
            None => Value::String(interpolate(text, captures)),
        },
        Value::Array(list) => list.iter().map(|v| fill(v, captures)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), fill(v, captures))).collect())
        }
        _ => value.clone(),
    }
}

/// The value of a name, or of a name and a number to add.
fn remembered(name: &str, captures: &Captures) -> Option<Value> {
    if let Some(value) = captures.get(name) {
        return Some(value.clone());
    }
    let (name, added) = name.split_at(name.rfind(['+', '-'])?);
    Some(Value::from(captures.get(name)?.as_i64()? + added.parse::<i64>().ok()?))
}

fn is_same_number(a: &Value, b: &Value) -> bool {
    a.as_f64().is_some() && a.as_f64() == b.as_f64()
}

/// The text with remembered values in the place of `${name}`; names that nothing is remembered under stay.
pub fn interpolate(text: &str, captures: &Captures) -> String {
    let mut whole = text.to_owned();
    if !text.contains("${") {
        return whole;
    }
    for (name, value) in captures {
        let place = format!("${{{name}}}");
        if whole.contains(&place) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            whole = whole.replace(&place, &value);
        }
    }
    whole
}

fn compare_at(path: &str, expected: &Value, actual: &Value, captures: &mut Captures) -> Result<(), String> {
    let differs = || Err(format!("at {path}: expected {expected}, got {actual}"));
    match (expected, actual) {
        (Value::String(text), _) if text.starts_with('$') => match (text.as_str(), text.split_once(' ')) {
            ("$any", _) => Ok(()),
            ("$string", _) if actual.is_string() => Ok(()),
            ("$number", _) if actual.is_number() => Ok(()),
            (_, Some(("$set", name))) => {
                captures.insert(name.to_owned(), actual.clone());
                Ok(())
            }
            (_, Some(("$get", name))) => match remembered(name, captures) {
                Some(value) if value == *actual || is_same_number(&value, actual) => Ok(()),
                _ => differs(),
            },
            _ if interpolate(text, captures) == *actual => Ok(()),
            _ => differs(),
        },
        (Value::String(text), _) if interpolate(text, captures) == *actual => Ok(()),
        (Value::Object(map), Value::Array(list)) if map.contains_key("$unordered") => {
            unordered(path, &map["$unordered"], list, captures)
        }
        (Value::Object(map), Value::Object(other)) => objects(path, map, other, captures),
        (Value::Array(list), Value::Array(other)) => {
            if list.len() != other.len() {
                return Err(format!(
                    "at {path}: expected {} elements, got {}: {actual}",
                    list.len(),
                    other.len()
                ));
            }
            list.iter()
                .zip(other)
                .enumerate()
                .try_for_each(|(i, (e, a))| compare_at(&format!("{path}[{i}]"), e, a, captures))
        }
        _ if is_same_number(expected, actual) => Ok(()),
        _ if expected == actual => Ok(()),
        _ => differs(),
    }
}

fn objects(
    path: &str,
    expected: &Map<String, Value>,
    actual: &Map<String, Value>,
    captures: &mut Captures,
) -> Result<(), String> {
    for (name, value) in expected.iter().filter(|(name, _)| *name != "...") {
        match actual.get(name) {
            Some(other) => compare_at(&format!("{path}.{name}"), value, other, captures)?,
            None => return Err(format!("at {path}: member {name} is missing (expected {value})")),
        }
    }
    if expected.contains_key("...") {
        return Ok(());
    }
    match actual.iter().find(|(name, _)| !expected.contains_key(*name)) {
        Some((name, value)) => Err(format!("at {path}: unexpected member {name}: {value}")),
        None => Ok(()),
    }
}

fn unordered(path: &str, expected: &Value, actual: &[Value], captures: &mut Captures) -> Result<(), String> {
    let mut left: Vec<&Value> = actual.iter().collect();
    for (i, want) in expected.as_array().into_iter().flatten().enumerate() {
        match left.iter().position(|have| compare_at(path, want, have, &mut captures.clone()).is_ok()) {
            Some(found) => {
                let have = left.remove(found);
                compare_at(path, want, have, captures)?;
            }
            None => return Err(format!("at {path}: no element is like [{i}]: {want}")),
        }
    }
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("at {path}: {} elements too many, such as {}", left.len(), left[0]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn says_what_differs() {
        let mut c = Captures::new();
        for (expected, actual, ok) in [
            (json!({"a": 1}), json!({"a": 1.0}), true),
            (json!({"a": 1}), json!({"a": 1, "b": 2}), false),
            (json!({"a": 1, "...": true}), json!({"a": 1, "b": 2}), true),
            (json!("$any"), json!([1]), true),
            (json!({"$unordered": [1, 2]}), json!([2, 1]), true),
            (json!({"$unordered": [1]}), json!([2, 1]), false),
            (json!("$set x"), json!("v"), true),
            (json!("$get x"), json!("v"), true),
            (json!("$get x"), json!("w"), false),
            (json!("$set n"), json!(100), true),
            (json!("$get n+5"), json!(105.0), true),
            (json!("$get n-5"), json!(94), false),
            (json!([1]), json!([]), false),
            (json!("arn:${x}/a"), json!("arn:v/a"), true),
            (json!("arn:${x}/a"), json!("arn:w/a"), false),
        ] {
            assert_eq!(compare(&expected, &actual, &mut c).is_ok(), ok, "{expected} {actual}");
        }
    }
}
