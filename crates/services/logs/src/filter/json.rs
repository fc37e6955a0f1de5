//! Conditions on messages that are JSON: `$.path operator value`, joined by `&&` and `||`, of which the first binds
//! more tightly. Parentheses are not offered.

use serde_json::Value;

/// One condition.
#[derive(Debug, PartialEq)]
pub(super) struct Condition {
    path: Vec<Step>,
    test: Test,
}

#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    Element(usize),
}

#[derive(Debug, PartialEq)]
enum Test {
    Equals(String),
    Differs(String),
    Number(Comparison, f64),
    Is(Value),
    NotExists,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// The groups of a pattern, of which one must hold as a whole.
pub(super) fn parse(pattern: &str) -> Option<Vec<Vec<Condition>>> {
    let inside = pattern.strip_prefix('{')?.strip_suffix('}')?;
    let group = |group: &str| group.split("&&").map(|text| condition(text.trim())).collect();
    inside.split("||").map(group).collect()
}

fn condition(text: &str) -> Option<Condition> {
    let text = text.strip_prefix("$.")?;
    let end = text.find(|c: char| c.is_whitespace() || "=!<>".contains(c))?;
    let (path, rest) = (&text[..end], text[end..].trim());
    let upper = rest.to_ascii_uppercase();
    let test = match upper.split_whitespace().collect::<Vec<_>>()[..] {
        ["IS", "NULL"] => Test::Is(Value::Null),
        ["IS", "TRUE"] => Test::Is(Value::Bool(true)),
        ["IS", "FALSE"] => Test::Is(Value::Bool(false)),
        ["NOT", "EXISTS"] => Test::NotExists,
        _ => comparison(rest)?,
    };
    Some(Condition { path: steps(path)?, test })
}

fn comparison(rest: &str) -> Option<Test> {
    let at = rest.find(|c: char| !"=!<>".contains(c))?;
    let (operator, value) = (&rest[..at], rest[at..].trim());
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    if value.is_empty() {
        return None;
    }
    let number = |comparison| Some(Test::Number(comparison, value.parse().ok()?));
    match operator {
        "=" => Some(Test::Equals(value.to_owned())),
        "!=" => Some(Test::Differs(value.to_owned())),
        "<" => number(Comparison::Less),
        "<=" => number(Comparison::AtMost),
        ">" => number(Comparison::More),
        ">=" => number(Comparison::AtLeast),
        _ => None,
    }
}

fn steps(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, elements) = part.split_once('[').map_or((part, None), |(name, rest)| (name, Some(rest)));
        if name.is_empty() {
            return None;
        }
        steps.push(Step::Member(name.to_owned()));
        for element in elements.into_iter().flat_map(|rest| rest.split('[')) {
            steps.push(Step::Element(element.strip_suffix(']')?.parse().ok()?));
        }
    }
    Some(steps)
}

/// Whether a message is JSON of which a group holds.
pub(super) fn matches(groups: &[Vec<Condition>], message: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(message) else { return false };
    groups.iter().any(|group| group.iter().all(|condition| condition.holds(&value)))
}

impl Condition {
    fn holds(&self, message: &Value) -> bool {
        let found = self.path.iter().try_fold(message, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Element(index) => value.get(index),
        });
        match (&self.test, found) {
            (Test::NotExists, found) => found.is_none(),
            (_, None) => false,
            (Test::Is(wanted), Some(found)) => wanted == found,
            (Test::Equals(wanted), Some(found)) => equals(found, wanted),
            (Test::Differs(wanted), Some(found)) => !equals(found, wanted),
            (Test::Number(comparison, wanted), Some(found)) => {
                found.as_f64().is_some_and(|found| comparison.holds(found, *wanted))
            }
        }
    }
}

impl Comparison {
    fn holds(self, found: f64, wanted: f64) -> bool {
        match self {
            Comparison::Less => found < wanted,
            Comparison::AtMost => found <= wanted,
            Comparison::More => found > wanted,
            Comparison::AtLeast => found >= wanted,
        }
    }
}

/// A `*` at either end of the value stands for anything.
fn equals(found: &Value, wanted: &str) -> bool {
    let found = match found {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            if let (Some(found), Ok(wanted)) = (number.as_f64(), wanted.parse::<f64>()) {
                return found == wanted;
            }
            number.to_string()
        }
        _ => return false,
    };
    let inner = wanted.trim_start_matches('*').trim_end_matches('*');
    match (wanted.starts_with('*'), wanted.ends_with('*')) {
        (true, true) => found.contains(inner),
        (true, false) => found.ends_with(inner),
        (false, true) => found.starts_with(inner),
        (false, false) => found == wanted,
    }
}
