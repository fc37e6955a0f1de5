//! A grant: somebody may use a key for some operations, until it is retired or revoked. Kept and listed; whether it
//! allows a request is `pipeline`'s matter.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stdx::hex;

/// A grant, kept under its key and id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// 64 hexadecimal digits.
    pub id: String,
    pub key_id: String,
    pub created_micros: u64,
    pub terms: Terms,
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Terms {
    pub name: Option<String>,
    pub grantee: Option<String>,
    pub retiring: Option<String>,
    pub grantee_service: Option<String>,
    pub retiring_service: Option<String>,
    pub operations: Vec<String>,
    pub context_subset: Option<BTreeMap<String, String>>,
    pub context_equals: Option<BTreeMap<String, String>>,
    pub source_arn: Option<String>,
}

impl Grant {
    /// The id it is kept under.
    pub(crate) fn place(key_id: &str, id: &str) -> String {
        format!("{key_id}/{id}")
    }

    /// What names it to whoever has it.
    pub(crate) fn token(&self) -> String {
        hex::encode(Self::place(&self.key_id, &self.id).as_bytes())
    }

    /// Key and grant of a token.
    pub(crate) fn of_token(token: &str) -> Option<(String, String)> {
        let place = String::from_utf8(hex::decode(token)?).ok()?;
        let (key_id, id) = place.split_once('/')?;
        Some((key_id.to_owned(), id.to_owned()))
    }
}
