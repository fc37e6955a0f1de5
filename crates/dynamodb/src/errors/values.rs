//! Texts about attribute values and attribute names.

use crate::errors::{INVALID, Layer};
use expr::error::{NOT_A_NUMBER, NUMBER_OVERFLOW, NUMBER_TOO_LONG, NUMBER_UNDERFLOW};
use wire::attribute::ValueFault;

/// A name that is the empty string, of an attribute or in a nested map.
pub const EMPTY_ATTRIBUTE_NAME: &str = "Empty attribute name";

/// Attributes of a request that are nested too deeply.
pub const ATTRIBUTES_TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
    nested levels beyond supported limit";

const EMPTY: &str = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
const SEVERAL: &str = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";

/// The text about a value of ExpressionAttributeValues that names its key.
pub fn named_value(text: &str, key: &str) -> String {
    format!("ExpressionAttributeValues contains invalid value: {text} for key {key}")
}

/// The text for a fault of a value.
pub fn value_text(fault: &ValueFault, layer: Layer) -> String {
    match fault {
        ValueFault::Empty => EMPTY.to_owned(),
        ValueFault::MoreThanOneType => SEVERAL.to_owned(),
        ValueFault::NameTooLong => expr::error::NAME_TOO_LONG.to_owned(),
        ValueFault::NullIsFalse => format!("{INVALID}Null attribute value types must have the value of true"),
        ValueFault::NotANumber(text) if text.is_empty() && layer == Layer::Older => NOT_A_NUMBER.to_owned(),
        ValueFault::NotANumber(text) => format!("{NOT_A_NUMBER}: {text}"),
        ValueFault::NumberOverflow => NUMBER_OVERFLOW.to_owned(),
        ValueFault::NumberUnderflow => NUMBER_UNDERFLOW.to_owned(),
        ValueFault::NumberTooLong => NUMBER_TOO_LONG.to_owned(),
        ValueFault::EmptyStringSet => format!("{INVALID}An string set  may not be empty"),
        ValueFault::EmptyNumberSet => format!("{INVALID}An number set  may not be empty"),
        ValueFault::EmptyBinarySet => format!("{INVALID}Binary sets should not be empty"),
        ValueFault::DuplicateStrings(members) => duplicate_strings(members, layer),
        ValueFault::DuplicateBinaries(members) => duplicate_binaries(members, layer),
        ValueFault::DuplicateNumbers(_) if layer == Layer::Older => {
            "Input collection contains duplicates".to_owned()
        }
        ValueFault::DuplicateNumbers(_) => format!("{INVALID}Input collection contains duplicates."),
    }
}

fn duplicate_strings(members: &[String], layer: Layer) -> String {
    let shown = match layer {
        Layer::Older => members.join(", "),
        _ => quoted(until_repeated(members)).join(", "),
    };
    format!("{INVALID}Input collection [{shown}] contains duplicates.")
}

fn duplicate_binaries(members: &[Vec<u8>], layer: Layer) -> String {
    let text = |members: &[Vec<u8>]| {
        members.iter().map(|member| wire::json::base64_text(member)).collect::<Vec<_>>()
    };
    let shown = match layer {
        Layer::Older => text(members).join(", "),
        _ => quoted(text(&until_repeated(members))).join(","),
    };
    format!("{INVALID}Input collection [{shown}]of type BS contains duplicates.")
}

fn quoted(members: Vec<String>) -> Vec<String> {
    members.into_iter().map(|member| format!("\"{member}\"")).collect()
}

/// The newer layer reads members into a sorted set up to the first repeated one, and then shows that set,
/// the repeated member, and the rest as sent.
fn until_repeated<T: Ord + Clone>(members: &[T]) -> Vec<T> {
    let mut seen = std::collections::BTreeSet::new();
    let read = members.iter().take_while(|member| seen.insert(*member)).count();
    let mut shown: Vec<T> = members[..read].to_vec();
    shown.sort();
    shown.extend_from_slice(&members[read..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fault: ValueFault, newer: &str, older: &str) {
        assert_eq!(value_text(&fault, Layer::Plain).trim_start_matches(INVALID), newer);
        assert_eq!(value_text(&fault, Layer::Older).trim_start_matches(INVALID), older);
    }

    #[test]
    fn the_layers_word_duplicates_and_empty_numbers_differently() {
        let strings = ["b", "a", "b", "C"].map(String::from).to_vec();
        check(
            ValueFault::DuplicateStrings(strings),
            "Input collection [\"a\", \"b\", \"b\", \"C\"] contains duplicates.",
            "Input collection [b, a, b, C] contains duplicates.",
        );
        check(
            ValueFault::DuplicateBinaries(vec![vec![1], vec![1]]),
            "Input collection [\"AQ==\",\"AQ==\"]of type BS contains duplicates.",
            "Input collection [AQ==, AQ==]of type BS contains duplicates.",
        );
        check(
            ValueFault::DuplicateNumbers(vec![]),
            "Input collection contains duplicates.",
            "Input collection contains duplicates",
        );
        check(
            ValueFault::NotANumber(String::new()),
            "The parameter cannot be converted to a numeric value: ",
            "The parameter cannot be converted to a numeric value",
        );
        check(
            ValueFault::NotANumber("x".into()),
            "The parameter cannot be converted to a numeric value: x",
            "The parameter cannot be converted to a numeric value: x",
        );
    }
}
