//! The rules that a value can be held against.

use super::address_range::AddressRange;
use super::number_range::NumberRange;
use super::wildcard::Wildcard;
use serde_json::Value;

/// One alternative for a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    /// This string, number, boolean, or null. Numbers are told apart by their form: 300 is not 3e2.
    Equals(Value),
    /// Whether there is a value at all; an object is none.
    Exists(bool),
    /// A string of this kind.
    Text(Text),
    /// An address in this range.
    Address(AddressRange),
    /// A number in this range.
    Number(NumberRange),
    /// Any value but these.
    AnythingBut(Vec<Value>),
    /// Any value but strings of these kinds.
    AnythingButText(Vec<Text>),
}

/// A kind of strings.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Text {
    Prefix(String),
    Suffix(String),
    /// Lower case, as the others without case.
    PrefixWithoutCase(String),
    SuffixWithoutCase(String),
    EqualsWithoutCase(String),
    Wildcard(Wildcard),
}

impl Rule {
    /// Whether a value that is neither an object nor an array is what the rule wants.
    pub(super) fn takes(&self, value: &Value) -> bool {
        match self {
            Rule::Equals(wanted) => value == wanted,
            Rule::Exists(wanted) => *wanted,
            Rule::Text(text) => value.as_str().is_some_and(|value| text.takes(value)),
            Rule::Address(range) => value.as_str().is_some_and(|value| range.takes(value)),
            Rule::Number(range) => value.as_f64().is_some_and(|value| range.takes(value)),
            Rule::AnythingBut(excluded) => !excluded.contains(value),
            Rule::AnythingButText(excluded) => {
                !value.as_str().is_some_and(|value| excluded.iter().any(|text| text.takes(value)))
            }
        }
    }

    /// Whether nothing is what the rule wants. An object counts as nothing.
    pub(super) fn takes_nothing(&self) -> bool {
        *self == Rule::Exists(false)
    }
}

impl Text {
    pub(super) fn takes(&self, value: &str) -> bool {
        match self {
            Text::Prefix(prefix) => value.starts_with(prefix),
            Text::Suffix(suffix) => value.ends_with(suffix),
            Text::PrefixWithoutCase(prefix) => begins_with(lower(value), prefix.chars()),
            Text::SuffixWithoutCase(suffix) => begins_with(lower_reversed(value), suffix.chars().rev()),
            Text::EqualsWithoutCase(wanted) => lower(value).eq(wanted.chars()),
            Text::Wildcard(wildcard) => wildcard.takes(value),
        }
    }
}

/// A string as the rules without case hold it.
pub(super) fn lower_case(text: &str) -> String {
    lower(text).collect()
}

fn lower(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn lower_reversed(text: &str) -> impl Iterator<Item = char> {
    text.chars().rev().flat_map(|char| char.to_lowercase().rev())
}

fn begins_with(mut text: impl Iterator<Item = char>, mut prefix: impl Iterator<Item = char>) -> bool {
    prefix.all(|char| text.next() == Some(char))
}
