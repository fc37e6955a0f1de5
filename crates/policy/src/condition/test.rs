//! The values of a condition, compiled for its operator, and whether a value of a request is one of them.

use super::instant::Instant;
use super::ip::Network;
use super::operator::{Comparison, Family};
use crate::arn::{Arn, ArnPattern};
use crate::fault::Fault;
use crate::pattern::{Case, Dialect, Pattern, Variable};
use crate::request::Context;
use types::Number;

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Text(Box<[Pattern]>, Case),
    Number(Comparison, Box<[Number]>),
    Date(Comparison, Box<[Instant]>),
    Bool(Box<[bool]>),
    Ip(Box<[Network]>),
    Arn(Box<[ArnPattern]>),
    /// Whether the key must be absent.
    Null(Box<[bool]>),
}

impl Test {
    /// A number or a boolean that is none never matches; a date or an address that is none is refused.
    pub(super) fn compile(family: Family, values: &[&str], variables: bool) -> Result<Test, Fault> {
        let texts = |wildcards, variables| {
            let dialect = Dialect { wildcards, variables };
            values.iter().map(|value| Pattern::compile(value, dialect)).collect()
        };
        Ok(match family {
            Family::StringEquals => Test::Text(texts(false, variables), Case::Sensitive),
            Family::StringEqualsIgnoreCase => Test::Text(texts(false, variables), Case::Ignored),
            Family::StringLike => Test::Text(texts(true, variables), Case::Sensitive),
            Family::Binary => Test::Text(texts(false, false), Case::Sensitive),
            Family::Numeric(comparison) => {
                Test::Number(comparison, values.iter().filter_map(number).collect())
            }
            Family::Date(comparison) => Test::Date(comparison, all(values, Instant::parse, Fault::Legacy)?),
            Family::Bool => Test::Bool(values.iter().filter_map(|value| boolean(value)).collect()),
            Family::Ip => Test::Ip(all(values, Network::parse, Fault::Syntax)?),
            Family::Arn => {
                Test::Arn(values.iter().map(|value| ArnPattern::compile(value, variables)).collect())
            }
            Family::Null => Test::Null(all(values, boolean, Fault::Syntax)?),
        })
    }

    /// Whether a value is one of these; `None` for one that is not of their type.
    pub(super) fn matches(&self, value: &str, context: &dyn Context) -> Option<bool> {
        match self {
            Test::Text(patterns, case) => {
                Some(patterns.iter().any(|pattern| pattern.matches(value, *case, context)))
            }
            Test::Number(comparison, numbers) => {
                let value = number(&value)?;
                Some(numbers.iter().any(|number| comparison.holds(value.cmp(number))))
            }
            Test::Date(comparison, dates) => {
                let value = Instant::parse(value)?;
                Some(dates.iter().any(|date| comparison.holds(value.cmp(date))))
            }
            Test::Bool(wanted) => Some(wanted.contains(&boolean(value)?)),
            Test::Ip(networks) => {
                let address = value.parse().ok()?;
                Some(networks.iter().any(|network| network.contains(address)))
            }
            Test::Arn(patterns) => {
                let arn = Arn::from(value);
                let matched: Vec<_> = patterns.iter().map(|pattern| pattern.matches(&arn, context)).collect();
                match matched.contains(&Some(true)) {
                    true => Some(true),
                    false => matched.contains(&Some(false)).then_some(false),
                }
            }
            Test::Null(_) => None,
        }
    }

    pub(super) fn required(&self) -> Vec<&Variable> {
        match self {
            Test::Text(patterns, _) => patterns.iter().flat_map(Pattern::required).collect(),
            Test::Arn(patterns) => patterns.iter().flat_map(ArnPattern::required).collect(),
            _ => Vec::new(),
        }
    }
}

fn all<T>(values: &[&str], parse: fn(&str) -> Option<T>, fault: Fault) -> Result<Box<[T]>, Fault> {
    let parsed: Option<Box<[T]>> = values.iter().map(|value| parse(value)).collect();
    parsed.ok_or(fault)
}

fn number(text: &&str) -> Option<Number> {
    Number::parse(text).ok()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
