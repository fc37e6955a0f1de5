//! Attribute values as they arrive: read into canonical bytes in the same pass as everything else, with the
//! first fault of the value kept beside them, because DynamoDB reports faults of values in a later stage
//! than faults of JSON types.

mod buffers;
mod decode;
mod diagnostics;
mod encode;
mod set;
mod value;

pub(crate) use buffers::Buffers;
pub use encode::{write_item, write_value};

use types::{Item, ValueBuf};

/// The Java class of a value, which type errors name.
const VALUE_CLASS: &str = "com.amazonaws.dynamodb.v20120810.AttributeValue";

/// A map of attributes from a request (an item, a key, a start key).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes {
    /// What could be read. Complete only when `fault` is `None`.
    pub item: Item,
    /// The first fault, in document order.
    pub fault: Option<Box<ValueFault>>,
    /// Maps and lists around the deepest leaf, counted over the whole document (a top-level scalar is 0).
    pub nesting_levels: usize,
    /// An attribute name, here or in a nested map, is empty.
    pub has_empty_name: bool,
    /// The fault of some value is that it is a NULL with a false value.
    pub has_false_null: bool,
    /// Some BOOL or NULL is written as a text, or some value has several members: DynamoDB's older validation layer
    /// judges such a request.
    pub is_for_older_layer: bool,
    /// A digest of the numbers that are not plain whole numbers, as written. Equal attributes with different
    /// digests are spelled differently.
    pub number_spellings: u64,
}

/// One attribute value from a request.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeValue {
    /// What could be read (NULL where nothing could).
    pub value: ValueBuf,
    /// The first fault.
    pub fault: Option<Box<ValueFault>>,
    /// As [`Attributes::nesting_levels`].
    pub nesting_levels: usize,
    /// An attribute name of a nested map is empty.
    pub has_empty_name: bool,
    /// As [`Attributes::has_false_null`].
    pub has_false_null: bool,
    /// As [`Attributes::is_for_older_layer`].
    pub is_for_older_layer: bool,
}

/// What is wrong with a value. The texts are in `dynamodb`'s errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueFault {
    /// No known member.
    Empty,
    /// More than one member.
    MoreThanOneType,
    /// An attribute name, here or in a nested map, has more than 65,535 bytes.
    NameTooLong,
    /// NULL with a false value.
    NullIsFalse,
    /// A text that is no number.
    NotANumber(String),
    /// Above 9.99…E+125.
    NumberOverflow,
    /// Below 1E-130.
    NumberUnderflow,
    /// More than 38 significant digits.
    NumberTooLong,
    /// An empty SS.
    EmptyStringSet,
    /// An empty NS.
    EmptyNumberSet,
    /// An empty BS.
    EmptyBinarySet,
    /// SS with a duplicate; the members as sent, in order.
    DuplicateStrings(Vec<String>),
    /// NS with a duplicate by value.
    DuplicateNumbers(Vec<String>),
    /// BS with a duplicate; the members as sent, in order.
    DuplicateBinaries(Vec<Vec<u8>>),
}

#[cfg(test)]
mod tests;
