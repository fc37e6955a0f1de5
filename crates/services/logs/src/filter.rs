//! Filter patterns of messages: words that must all be there, `?one ?of` several, `-not` one, `"a phrase"`; and for
//! messages that are JSON `{ $.member = "value" && $.count > 5 }`. `%expression%` is a regular expression.
//!
//! Bounded: a pattern has at most 1,024 characters and no nesting.

mod json;

use crate::errors;
use json::Condition;
use model::ApiError;
use regex_lite::Regex;

/// A pattern that is understood.
#[derive(Debug)]
pub struct Filter(Kind);

#[derive(Debug)]
enum Kind {
    Everything,
    Words {
        all: Vec<String>,
        any: Vec<String>,
        none: Vec<String>,
    },
    Expression(Regex),
    /// All of the conditions of one of the groups.
    Json(Vec<Vec<Condition>>),
}

impl Filter {
    /// Reads a pattern.
    ///
    /// # Errors
    /// It is none, or of a kind that is not offered.
    pub fn parse(pattern: &str) -> Result<Self, ApiError> {
        let pattern = pattern.trim();
        Ok(Filter(match pattern.chars().next() {
            None => Kind::Everything,
            Some('{') => Kind::Json(json::parse(pattern).ok_or_else(|| errors::invalid_pattern(pattern))?),
            Some('[') => {
                return Err(errors::invalid_pattern("fields in brackets are not offered by this server"));
            }
            Some('%') if pattern.len() > 1 && pattern.ends_with('%') => {
                let expression = Regex::new(&pattern[1..pattern.len() - 1]);
                Kind::Expression(expression.map_err(|_| errors::invalid_pattern(pattern))?)
            }
            Some(_) => words(pattern).ok_or_else(|| errors::invalid_pattern(pattern))?,
        }))
    }

    /// Whether a message is what the pattern asks for.
    pub fn takes(&self, message: &str) -> bool {
        match &self.0 {
            Kind::Everything => true,
            Kind::Words { all, any, none } => {
                all.iter().all(|word| message.contains(word))
                    && (any.is_empty() || any.iter().any(|word| message.contains(word)))
                    && !none.iter().any(|word| message.contains(word))
            }
            Kind::Expression(expression) => expression.is_match(message),
            Kind::Json(groups) => json::matches(groups, message),
        }
    }
}

fn words(pattern: &str) -> Option<Kind> {
    let (mut all, mut any, mut none) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = pattern;
    while !rest.is_empty() {
        let (into, after) = match rest.as_bytes()[0] {
            b'?' => (&mut any, &rest[1..]),
            b'-' => (&mut none, &rest[1..]),
            _ => (&mut all, rest),
        };
        let (word, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        if word.is_empty() {
            return None;
        }
        into.push(word.to_owned());
        rest = after.trim_start();
    }
    Some(Kind::Words { all, any, none })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, taken: &[&str], left: &[&str]) {
        let filter = Filter::parse(pattern).unwrap();
        assert!(taken.iter().all(|message| filter.takes(message)), "{pattern} takes {taken:?}");
        assert!(!left.iter().any(|message| filter.takes(message)), "{pattern} leaves {left:?}");
    }

    #[test]
    fn words_and_phrases() {
        check("", &["anything", ""], &[]);
        check("ERROR", &["an ERROR here"], &["an error here"]);
        check("ERROR 404", &["404 ERROR"], &["ERROR 500"]);
        check("?ERROR ?WARN", &["ERROR", "WARN"], &["INFO"]);
        check("ERROR -EXITING", &["ERROR"], &["ERROR EXITING"]);
        check("\"timed out\"", &["it timed out"], &["out timed"]);
        check("%[45]\\d\\d%", &["a 404", "503"], &["200"]);
        assert!(
            Filter::parse("\"open").is_err()
                && Filter::parse("%(%").is_err()
                && Filter::parse("[a, b]").is_err()
        );
    }

    #[test]
    fn members_of_json() {
        let message = r#"{"a": {"b": "x", "n": 7, "t": true, "z": null}, "list": [1, 2]}"#;
        for taken in [
            r#"{ $.a.b = "x" }"#,
            "{ $.a.b = x }",
            "{ $.a.b = x* }",
            "{ $.a.n > 5 && $.a.n <= 7 }",
            "{ $.a.n = 8 || $.list[1] = 2 }",
            "{ $.a.t IS TRUE }",
            "{ $.a.z IS NULL }",
            "{ $.a.q NOT EXISTS }",
            "{ $.a.b != y }",
        ] {
            check(taken, &[message], &["no json", "{}x"]);
        }
        for left in ["{ $.a.b = y }", "{ $.a.n < 5 }", "{ $.q = x }", "{ $.a.b > 5 }", "{ $.a.z NOT EXISTS }"]
        {
            check(left, &[], &[message]);
        }
        for broken in ["{", "{ }", "{ a = 1 }", "{ $.a }", "{ $.a = }", "{ $.a ~ 1 }"] {
            assert!(Filter::parse(broken).is_err(), "{broken}");
        }
    }
}
