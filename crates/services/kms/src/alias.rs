//! An alias: a name for a key, which may be moved to another one.

use crate::errors;
use crate::key_ref::ALIAS_PREFIX;
use engine::Scope;
use model::ApiError;
use serde::{Deserialize, Serialize};

/// What names of aliases of AWS begin with.
const RESERVED_PREFIX: &str = "alias/aws/";

/// An alias, kept under its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alias {
    /// With `alias/` in front.
    pub name: String,
    /// The id of its key.
    pub key_id: String,
    pub created_micros: u64,
    pub updated_micros: u64,
}

/// The ARN of an alias, whose name begins with `alias/`.
pub(crate) fn arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{name}", scope.region, scope.account)
}

/// Refuses names that no alias of an account can have.
pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    let Some(own) = name.strip_prefix(ALIAS_PREFIX) else { return Err(errors::alias_without_prefix()) };
    if name.starts_with(RESERVED_PREFIX) {
        return Err(errors::reserved_alias());
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    if own.is_empty() || !own.bytes().all(fits) {
        return Err(errors::bad_alias(name));
    }
    Ok(())
}
