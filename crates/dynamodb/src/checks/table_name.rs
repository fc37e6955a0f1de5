//! How operations on items judge the name of a table. The table behind it is found by
//! [`TableRef`](super::table_ref::TableRef).

use crate::errors;
use model::ApiError;
use std::fmt::Display;

const NAME_CHARACTERS_MIN: usize = 3;
const NAME_CHARACTERS_MAX: usize = 255;
const ARN_CHARACTERS_MAX: usize = 1024;

/// An empty name, which is reported alone and before everything else.
pub fn not_empty(name: Option<&str>) -> Result<(), ApiError> {
    match name {
        Some("") => Err(errors::enveloped(errors::member("TableName", errors::length_at_least(1)))),
        _ => Ok(()),
    }
}

/// A missing name, or the first constraint a name breaks: length before characters.
pub fn first_fault(name: Option<&str>) -> Option<String> {
    let Some(name) = name else { return Some(errors::must_not_be_null("tableName")) };
    if is_plain(name) { None } else { length_fault(name).or_else(|| character_fault(name)) }
}

/// Whether it is a valid name and no ARN: decided in one pass, since nearly all are. A character of a name is
/// one byte.
pub fn is_plain(name: &str) -> bool {
    (NAME_CHARACTERS_MIN..=NAME_CHARACTERS_MAX).contains(&name.len()) && is_name(name)
}

/// The first constraint that the name of an index breaks.
pub fn index_fault(name: Option<&str>) -> Option<String> {
    let name = name?;
    let characters = || (!is_name(name)).then(|| errors::NAME_PATTERN.to_owned());
    let constraint = characters_constraint(name).or_else(characters)?;
    Some(errors::member_value(name, "indexName", constraint))
}

/// A missing name, or every constraint a name breaks, characters before length: UpdateItem's way.
pub fn all_faults(name: Option<&str>) -> Vec<String> {
    let Some(name) = name else { return vec![errors::must_not_be_null("tableName")] };
    if is_plain(name) {
        return Vec::new();
    }
    character_fault(name).into_iter().chain(length_fault(name)).collect()
}

/// Whether a name may be a key in the map of a batch.
pub fn is_valid(name: &str) -> bool {
    first_fault(Some(name)).is_none()
}

/// A transaction's refusal of the name of an action's table: length, then characters.
pub fn faults_at(name: Option<&str>, path: impl Display + Copy) -> Vec<String> {
    let Some(name) = name else { return vec![errors::must_not_be_null(path)] };
    let length = length_constraint(name);
    let characters = (!has_name_characters(name)).then(|| errors::NAME_PATTERN.to_owned());
    length
        .into_iter()
        .chain(characters)
        .map(|constraint| errors::member_value(name, path, constraint))
        .collect()
}

fn length_fault(name: &str) -> Option<String> {
    length_constraint(name).map(|constraint| errors::member_value(name, "tableName", constraint))
}

fn character_fault(name: &str) -> Option<String> {
    (!has_name_characters(name)).then(|| errors::member_value(name, "tableName", errors::NAME_PATTERN))
}

fn length_constraint(name: &str) -> Option<String> {
    if is_arn(name) { None } else { characters_constraint(name) }
}

fn characters_constraint(name: &str) -> Option<String> {
    let length = name.encode_utf16().count();
    if length < NAME_CHARACTERS_MIN {
        return Some(errors::length_at_least(NAME_CHARACTERS_MIN));
    }
    (length > NAME_CHARACTERS_MAX).then(|| errors::length_at_most(NAME_CHARACTERS_MAX))
}

fn has_name_characters(name: &str) -> bool {
    is_arn(name) || is_name(name)
}

/// Whether the text has only characters of names, and any.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_name_byte)
}

fn is_name_byte(byte: u8) -> bool {
    IS_NAME_BYTE[usize::from(byte)]
}

const IS_NAME_BYTE: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'.' | b'-');
        byte += 1;
    }
    table
};

fn is_arn(name: &str) -> bool {
    name.len() <= ARN_CHARACTERS_MAX && Arn::parse(name).is_some()
}

/// The ARN of a table: `arn:aws:dynamodb:<region>:<account>:table/<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, or another partition of it.
    pub partition: &'a str,
    /// The region.
    pub region: &'a str,
    /// The account.
    pub account: &'a str,
    /// The table's name.
    pub table: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN of a table, of any partition.
    pub fn parse(text: &'a str) -> Option<Arn<'a>> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let (partition, service) = (parts.next()?, parts.next()?);
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        let table = resource.strip_prefix("table/")?;
        let well_formed =
            service == "dynamodb" && table.len() >= NAME_CHARACTERS_MIN && table.bytes().all(is_name_byte);
        (well_formed && table.len() <= NAME_CHARACTERS_MAX).then_some(Arn {
            partition,
            region,
            account,
            table,
        })
    }
}

/// The table's name, also from an ARN.
pub fn name_of(name_or_arn: &str) -> &str {
    Arn::parse(name_or_arn).map_or(name_or_arn, |arn| arn.table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraint(name: &str) -> Vec<String> {
        all_faults(Some(name))
            .iter()
            .filter_map(|text| text.split("constraint: ").nth(1))
            .map(String::from)
            .collect()
    }

    #[test]
    fn names_and_arns() {
        let long = "a".repeat(256);
        for (name, expected) in [
            ("abc", vec![]),
            ("a.-_Z9", vec![]),
            ("ab", vec!["Member must have length greater than or equal to 3"]),
            (&long, vec!["Member must have length less than or equal to 255"]),
            ("ab!", vec![errors::NAME_PATTERN]),
            ("a!", vec![errors::NAME_PATTERN, "Member must have length greater than or equal to 3"]),
            ("arn:aws:dynamodb:us-east-1:000000000000:table/abc", vec![]),
            ("arn:aws:dynamodb:us-east-1:000000000000:table/ab", vec![errors::NAME_PATTERN]),
            ("arn:aws:s3:us-east-1:000000000000:table/abc", vec![errors::NAME_PATTERN]),
        ] {
            assert_eq!(constraint(name), expected, "{name}");
        }
    }

    #[test]
    fn the_first_fault_is_the_length() {
        assert!(first_fault(Some("a!")).is_some_and(|text| text.contains("length")));
        assert_eq!(first_fault(None), Some(errors::must_not_be_null("tableName")));
        assert_eq!(first_fault(Some("abc")), None);
    }
}
