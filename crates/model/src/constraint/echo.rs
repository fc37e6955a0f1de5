//! Values as messages repeat them: as Java would print them.

use super::Checked;
use std::collections::BTreeMap;
use wire::attribute::{AttributeValue, Attributes};

/// A value that can be repeated in a message.
pub(crate) trait Echo {
    /// The value, without quotes around it.
    fn echo(&self) -> String;
}

/// A value that has a length.
pub(crate) trait Length {
    /// UTF-16 units of a text, elements of a collection.
    fn length(&self) -> usize;
}

impl Echo for String {
    fn echo(&self) -> String {
        self.clone()
    }
}

impl Length for String {
    fn length(&self) -> usize {
        self.encode_utf16().count()
    }
}

impl Echo for i64 {
    fn echo(&self) -> String {
        self.to_string()
    }
}

impl<T: Echo> Echo for Vec<T> {
    fn echo(&self) -> String {
        format!("[{}]", joined(self.iter().map(Echo::echo)))
    }
}

impl<T> Length for Vec<T> {
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: Echo> Echo for BTreeMap<String, T> {
    fn echo(&self) -> String {
        format!("{{{}}}", joined(self.iter().map(|(key, value)| format!("{key}={}", value.echo()))))
    }
}

impl<T> Length for BTreeMap<String, T> {
    fn length(&self) -> usize {
        self.len()
    }
}

/// A structure is printed as Java prints an object without `toString`; the number after the sign is an address
/// there and carries no meaning.
impl<T: Checked> Echo for T {
    fn echo(&self) -> String {
        format!("{}@0", T::CLASS)
    }
}

impl Echo for Attributes {
    fn echo(&self) -> String {
        let mut text = Vec::new();
        wire::Encode::encode(self, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// Only lists that are empty are repeated: they have no bound above.
impl Echo for AttributeValue {
    fn echo(&self) -> String {
        "com.amazonaws.dynamodb.v20120810.AttributeValue@0".to_owned()
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
