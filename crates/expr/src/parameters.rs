//! ExpressionAttributeNames and ExpressionAttributeValues: the definitions of the aliases of a request, and
//! which of them its expressions have used.

use crate::error::ParameterError;
use crate::lexer;
use std::collections::{BTreeMap, BTreeSet};
use types::ValueBuf;

const NAMES: &str = "ExpressionAttributeNames";
const VALUES: &str = "ExpressionAttributeValues";
/// Bytes an alias may have, with its `#` or `:`.
const ALIAS_BYTES_MAX: usize = 255;

/// The aliases of one request, keyed as written: `#n`, `:v`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parameters<'a> {
    /// ExpressionAttributeNames
    pub names: Option<&'a BTreeMap<String, String>>,
    /// ExpressionAttributeValues
    pub values: Option<&'a BTreeMap<String, ValueBuf>>,
}

impl<'a> Parameters<'a> {
    /// The attribute name behind `#alias`.
    pub fn name(&self, alias: &str) -> Option<&'a str> {
        self.names?.get(alias).map(String::as_str)
    }

    /// The attribute value behind `:value`.
    pub fn value(&self, name: &str) -> Option<&'a ValueBuf> {
        self.values?.get(name)
    }

    /// Neither map is empty, and every key has the form of an alias. The names come first.
    pub fn check_keys(&self) -> Result<(), ParameterError> {
        check_names(self.names)?;
        check_values(self.values)
    }
}

/// The same of ExpressionAttributeNames alone.
pub fn check_names<T>(names: Option<&BTreeMap<String, T>>) -> Result<(), ParameterError> {
    check_map(NAMES, '#', names.map(BTreeMap::keys))
}

/// The same of ExpressionAttributeValues alone, in whatever form the values are.
pub fn check_values<T>(values: Option<&BTreeMap<String, T>>) -> Result<(), ParameterError> {
    check_map(VALUES, ':', values.map(BTreeMap::keys))
}

fn check_map<'k>(
    member: &'static str,
    sigil: char,
    keys: Option<impl ExactSizeIterator<Item = &'k String>>,
) -> Result<(), ParameterError> {
    let Some(mut keys) = keys else { return Ok(()) };
    if keys.len() == 0 {
        return Err(ParameterError::EmptyMap(member));
    }
    match keys.find(|key| !is_alias(key, sigil)) {
        Some(key) => Err(ParameterError::InvalidKey { member, key: key.clone() }),
        None => Ok(()),
    }
}

fn is_alias(key: &str, sigil: char) -> bool {
    let tail = key.strip_prefix(sigil).unwrap_or("");
    key.len() <= ALIAS_BYTES_MAX && !tail.is_empty() && tail.bytes().all(lexer::is_word_byte)
}

/// Which aliases the expressions of one request have used.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    names: BTreeSet<String>,
    values: BTreeSet<String>,
}

impl Usage {
    pub(crate) fn use_name(&mut self, alias: &str) {
        if !self.names.contains(alias) {
            self.names.insert(alias.to_owned());
        }
    }

    pub(crate) fn use_value(&mut self, name: &str) {
        if !self.values.contains(name) {
            self.values.insert(name.to_owned());
        }
    }

    /// Names no expression used.
    pub fn unused_names(&self, parameters: &Parameters<'_>) -> Result<(), ParameterError> {
        check_used(NAMES, &self.names, parameters.names.map(BTreeMap::keys))
    }

    /// Values no expression used.
    pub fn unused_values(&self, parameters: &Parameters<'_>) -> Result<(), ParameterError> {
        check_used(VALUES, &self.values, parameters.values.map(BTreeMap::keys))
    }

    /// Everything was used; names are judged first.
    pub fn check_unused(&self, parameters: &Parameters<'_>) -> Result<(), ParameterError> {
        self.unused_names(parameters)?;
        self.unused_values(parameters)
    }
}

fn check_used<'k>(
    member: &'static str,
    used: &BTreeSet<String>,
    keys: Option<impl Iterator<Item = &'k String>>,
) -> Result<(), ParameterError> {
    let Some(keys) = keys else { return Ok(()) };
    let keys: Vec<_> = keys.filter(|key| !used.contains(*key)).cloned().collect();
    if keys.is_empty() { Ok(()) } else { Err(ParameterError::Unused { member, keys }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition;
    use crate::error::Kind;
    use crate::fixture;

    #[test]
    fn keys_have_the_form_of_aliases() {
        let value = ValueBuf::from(&fixture::n("1"));
        let check = |names: &[&str], values: &[&str], expect: &str| {
            let names = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
            let values = values.iter().map(|name| ((*name).to_owned(), value.clone())).collect();
            let parameters = Parameters { names: Some(&names), values: Some(&values) };
            let message = parameters.check_keys().map_or_else(|error| error.to_string(), |()| String::new());
            assert_eq!(message, expect);
        };
        let long = format!("#{}", "a".repeat(255));
        check(&["#a_1"], &[":0"], "");
        check(&[], &[":0"], "ExpressionAttributeNames must not be empty");
        check(&["#a"], &[], "ExpressionAttributeValues must not be empty");
        check(&["pk"], &[":0"], "ExpressionAttributeNames contains invalid key: Syntax error; key: \"pk\"");
        check(&["#"], &[":0"], "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\"");
        check(
            &["#a"],
            &[":a-b"],
            "ExpressionAttributeValues contains invalid key: Syntax error; key: \":a-b\"",
        );
        check(
            &[&long],
            &[":0"],
            &format!("ExpressionAttributeNames contains invalid key: Syntax error; key: \"{long}\""),
        );
        assert_eq!(Parameters::default().check_keys(), Ok(()));
    }

    #[test]
    fn what_is_unused_is_listed() {
        let mut request = fixture::request([]);
        request.values.retain(|name, _| [":s", ":n", ":b"].contains(&name.as_str()));
        let parameters = Parameters { names: Some(&request.names), values: Some(&request.values) };
        let mut usage = Usage::default();
        let mut read = |text| {
            condition::parse(text, Kind::Filter).unwrap().resolve(&parameters, &mut usage).unwrap();
            usage.check_unused(&parameters).map_err(|error| error.to_string())
        };
        let unused = |what: &str, keys: &str| {
            Err(format!(
                "Value provided in ExpressionAttribute{what} unused in expressions: keys: {{{keys}}}"
            ))
        };
        assert_eq!(read("x = :s"), unused("Names", "#n, #r"));
        assert_eq!(read("#n = #r"), unused("Values", ":b, :n"));
        assert_eq!(read("x IN (:b, :n)"), Ok(()));
    }
}
