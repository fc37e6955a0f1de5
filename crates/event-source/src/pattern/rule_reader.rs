//! Reading an alternative: a value, or a match expression.

use super::PatternError;
use super::address_range::AddressRange;
use super::number_range::NumberRange;
use super::rule::{Rule, Text, lower_case};
use super::wildcard::Wildcard;
use serde_json::{Map, Value};

const MATCH_TYPES: [&str; 8] =
    ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];

pub(super) fn is_match_type(name: &str) -> bool {
    MATCH_TYPES.contains(&name)
}

pub(super) fn rule(value: Value) -> Result<Rule, PatternError> {
    match value {
        Value::Object(object) => match_expression(object),
        Value::Array(_) => Err(PatternError::MatchValue),
        value => Ok(Rule::Equals(value)),
    }
}

fn match_expression(object: Map<String, Value>) -> Result<Rule, PatternError> {
    let (name, value) = only(object)?;
    Ok(match name.as_str() {
        "exists" => Rule::Exists(boolean(&value)?),
        "numeric" => Rule::Number(NumberRange::read(&value)?),
        "cidr" => Rule::Address(AddressRange::read(string("cidr", &value)?)?),
        "anything-but" => anything_but(value)?,
        _ => Rule::Text(text(&name, &value)?),
    })
}

fn only(object: Map<String, Value>) -> Result<(String, Value), PatternError> {
    let mut entries = object.into_iter();
    match (entries.next(), entries.next()) {
        (Some(entry), None) => Ok(entry),
        _ => Err(PatternError::OneKey),
    }
}

fn boolean(value: &Value) -> Result<bool, PatternError> {
    value.as_bool().ok_or(PatternError::Operand { what: "exists", expected: "either true or false." })
}

fn string<'a>(what: &'static str, value: &'a Value) -> Result<&'a str, PatternError> {
    value.as_str().ok_or(PatternError::Operand { what, expected: "a string" })
}

/// A kind of strings by the name of its match expression.
fn text(name: &str, value: &Value) -> Result<Text, PatternError> {
    let without_case = || value.as_object().and_then(|inner| inner.get("equals-ignore-case"));
    Ok(match name {
        "prefix" => match without_case() {
            Some(inner) => Text::PrefixWithoutCase(lower_case(only_string("prefix", value, inner)?)),
            None => Text::Prefix(string("prefix", value)?.to_owned()),
        },
        "suffix" => match without_case() {
            Some(inner) => Text::SuffixWithoutCase(lower_case(only_string("suffix", value, inner)?)),
            None => Text::Suffix(string("suffix", value)?.to_owned()),
        },
        "equals-ignore-case" => Text::EqualsWithoutCase(lower_case(string("equals-ignore-case", value)?)),
        "wildcard" => Text::Wildcard(Wildcard::read(string("wildcard", value)?)?),
        _ => return Err(PatternError::UnknownMatch(name.to_owned())),
    })
}

fn only_string<'a>(what: &'static str, object: &Value, inner: &'a Value) -> Result<&'a str, PatternError> {
    match object.as_object() {
        Some(object) if object.len() == 1 => string(what, inner),
        _ => Err(PatternError::OneKey),
    }
}

/// One value or a list of values, or kinds of strings, each with one string or a list.
fn anything_but(value: Value) -> Result<Rule, PatternError> {
    match value {
        Value::Object(object) => {
            let (name, value) = only(object)?;
            if name == "anything-but" || name == "exists" || name == "numeric" || name == "cidr" {
                return Err(PatternError::UnknownMatch(name));
            }
            let kinds = match &value {
                Value::Array(values) if values.is_empty() => return Err(PatternError::EmptyArray),
                Value::Array(values) => values.iter().map(|value| text(&name, value)).collect(),
                value => text(&name, value).map(|text| vec![text]),
            };
            kinds.map(Rule::AnythingButText)
        }
        Value::Array(values) if values.is_empty() => Err(PatternError::EmptyArray),
        Value::Array(values)
            if values.iter().all(Value::is_string) || values.iter().all(Value::is_number) =>
        {
            Ok(Rule::AnythingBut(values))
        }
        Value::String(_) | Value::Number(_) => Ok(Rule::AnythingBut(vec![value])),
        _ => Err(PatternError::Operand { what: "anything-but", expected: "a list of strings or of numbers" }),
    }
}
