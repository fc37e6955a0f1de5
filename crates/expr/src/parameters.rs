//! ExpressionAttributeNames and ExpressionAttributeValues: what the aliases of a request stand for, and
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
    /// What a `#alias` stands for.
    pub fn name(&self, alias: &str) -> Option<&'a str> {
        self.names?.get(alias).map(String::as_str)
    }

    /// What a `:value` stands for.
    pub fn value(&self, name: &str) -> Option<&'a ValueBuf> {
        self.values?.get(name)
    }

    /// Neither map is empty, and every key has the form of an alias. The names come first.
    pub fn check_keys(&self) -> Result<(), ParameterError> {
        check_map(NAMES, '#', self.names.map(BTreeMap::keys))?;
        check_map(VALUES, ':', self.values.map(BTreeMap::keys))
    }
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
    let keys: Vec<_> = keys.into_iter().flatten().filter(|key| !used.contains(*key)).cloned().collect();
    if keys.is_empty() { Ok(()) } else { Err(ParameterError::Unused { member, keys }) }
}
