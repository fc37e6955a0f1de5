//! Converts text leaves to the types that a case expects in their place: XML distinguishes neither numbers from texts
//! nor empty lists from empty structures.

use serde_json::{Value, json};

/// The value with its leaves like those that are expected, where they can be; others stay texts.
pub(super) fn like(expected: &Value, actual: Value) -> Value {
    if let Some(Value::Array(wanted)) = expected.get("$unordered") {
        return list_like(wanted, actual);
    }
    match (expected, actual) {
        (Value::Array(wanted), actual) => list_like(wanted, actual),
        (Value::Object(_), Value::String(text)) if text.trim().is_empty() => json!({}),
        (Value::Object(wanted), Value::Object(members)) => {
            let member = |(name, value)| match wanted.get(&name) {
                Some(expected) => (name, like(expected, value)),
                None => (name, value),
            };
            Value::Object(members.into_iter().map(member).collect())
        }
        (Value::Number(_) | Value::Bool(_), Value::String(text)) => scalar(text),
        (Value::String(mark), Value::String(text)) if mark == "$number" => scalar(text),
        (_, actual) => actual,
    }
}

/// Elements that have no counterpart are like the last one.
fn list_like(wanted: &[Value], actual: Value) -> Value {
    let elements = match actual {
        Value::Array(elements) => elements,
        Value::String(text) if text.trim().is_empty() => vec![],
        single => vec![single],
    };
    let expected = |place: usize| wanted.get(place).or(wanted.last()).unwrap_or(&Value::Null);
    elements.into_iter().enumerate().map(|(place, value)| like(expected(place), value)).collect()
}

/// The number or boolean that a text is.
fn scalar(text: String) -> Value {
    let parsed = serde_json::from_str(&text).ok();
    parsed.filter(|value: &Value| value.is_number() || value.is_boolean()).unwrap_or(Value::String(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_follow_the_expectation() {
        for (expected, actual, seen) in [
            (json!({"a": 1}), json!({"a": "1"}), json!({"a": 1})),
            (json!({"a": "1"}), json!({"a": "1"}), json!({"a": "1"})),
            (json!({"a": true}), json!({"a": "true"}), json!({"a": true})),
            (json!({"a": []}), json!({"a": ""}), json!({"a": []})),
            (json!({"a": [{"b": 1}]}), json!({"a": {"b": "1"}}), json!({"a": [{"b": 1}]})),
            (json!({"a": "$number"}), json!({"a": "2.5"}), json!({"a": 2.5})),
            (json!({"a": 1}), json!({"a": "x"}), json!({"a": "x"})),
            (json!({}), json!(""), json!({})),
        ] {
            assert_eq!(like(&expected, actual), seen, "{expected}");
        }
    }
}
