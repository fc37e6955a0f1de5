//! `--key name=value`: only changes of items whose key attribute has this value.

use serde_json::Value;
use std::str::FromStr;
use types::Number;

/// One attribute of the key and its value, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyFilter {
    pub(super) name: String,
    value: String,
}

impl FromStr for KeyFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or("NAME=VALUE, such as artist=\"Nina Simone\"")?;
        Ok(KeyFilter { name: name.to_owned(), value: value.to_owned() })
    }
}

impl KeyFilter {
    /// Whether a record's `Keys` have the value: a string or a binary (as Base64) as it is, a number by its value.
    pub(super) fn matches(&self, keys: &Value) -> bool {
        let attribute = &keys[&self.name];
        let text = |tag: &str| attribute[tag].as_str();
        match text("N") {
            Some(number) => Number::parse(number).ok() == Number::parse(&self.value).ok(),
            None => text("S").or_else(|| text("B")) == Some(&self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_by_their_type() {
        let keys = json!({"a": {"S": "x=1"}, "n": {"N": "1.50"}, "b": {"B": "AAE="}});
        for (filter, matches) in [
            ("a=x=1", true),
            ("a=x", false),
            ("n=1.5", true),
            ("n=x", false),
            ("b=AAE=", true),
            ("c=", false),
        ] {
            let filter: KeyFilter = filter.parse().unwrap();
            assert_eq!(filter.matches(&keys), matches, "{filter:?}");
        }
        assert!("=x".parse::<KeyFilter>().is_err() && "x".parse::<KeyFilter>().is_err());
    }
}
