//! How a request names a key: by id, by ARN, by alias, by the ARN of an alias.

use crate::errors;
use crate::key;
use engine::Scope;
use model::ApiError;

/// A key as named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyRef {
    /// A key's own id, without its ARN.
    Id(String),
    /// `alias/…`.
    Alias(String),
}

/// What aliases begin with.
pub const ALIAS_PREFIX: &str = "alias/";

impl KeyRef {
    /// Of a text, for callers of this account and region: there are no others' keys.
    ///
    /// # Errors
    /// It is none of the forms, or of another region or account.
    pub fn parse(text: &str, scope: &Scope) -> Result<KeyRef, ApiError> {
        match text.strip_prefix("arn:aws:kms:") {
            Some(rest) => Self::of_arn(text, rest, scope),
            None if text.starts_with(ALIAS_PREFIX) => Ok(KeyRef::Alias(text.to_owned())),
            None if is_key_id(text) => Ok(KeyRef::Id(text.to_owned())),
            None => Err(errors::invalid_key_id(text)),
        }
    }

    fn of_arn(arn: &str, rest: &str, scope: &Scope) -> Result<KeyRef, ApiError> {
        let mut parts = rest.splitn(3, ':');
        let (Some(region), Some(account), Some(resource)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(errors::invalid_key_id(arn));
        };
        if region != &*scope.region {
            return Err(errors::other_region(region));
        }
        let named = match resource.strip_prefix("key/") {
            Some(id) if is_key_id(id) => KeyRef::Id(id.to_owned()),
            None if resource.starts_with(ALIAS_PREFIX) => KeyRef::Alias(resource.to_owned()),
            _ => return Err(errors::invalid_key_id(arn)),
        };
        match (account == &*scope.account, &named) {
            (true, _) => Ok(named),
            (false, KeyRef::Id(_)) => Err(errors::no_key(arn)),
            (false, KeyRef::Alias(_)) => Err(errors::no_alias(arn)),
        }
    }

    /// The key that is named by id or ARN, where an alias is not taken.
    ///
    /// # Errors
    /// Also for an alias.
    pub fn parse_id(text: &str, scope: &Scope) -> Result<String, ApiError> {
        match Self::parse(text, scope)? {
            KeyRef::Id(id) => Ok(id),
            KeyRef::Alias(_) => Err(errors::invalid_key_id(text)),
        }
    }

    /// The resource that policies know it by: of an alias, the alias itself.
    pub(crate) fn resource(text: &str, scope: &Scope) -> String {
        match Self::parse(text, scope) {
            Ok(KeyRef::Id(id)) => key::arn(&scope.account, &scope.region, &id),
            Ok(KeyRef::Alias(name)) => crate::alias::arn(scope, &name),
            Err(_) => text.to_owned(),
        }
    }
}

/// A UUID, or the id of a key of several regions.
fn is_key_id(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("mrk-") {
        return rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let mut parts = text.split('-');
    let groups = [8, 4, 4, 4, 12].iter().all(|length| {
        parts
            .next()
            .is_some_and(|part| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    });
    groups && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_told() {
        let scope = Scope { account: "123456789012".into(), region: "eu-west-1".into() };
        let id = "0123abcd-4567-4ef0-8123-456789abcdef";
        let parse =
            |text: &str| KeyRef::parse(text, &scope).map_err(|error| error.message.unwrap_or_default());
        assert_eq!(parse(id), Ok(KeyRef::Id(id.into())));
        assert_eq!(parse(&format!("arn:aws:kms:eu-west-1:123456789012:key/{id}")), Ok(KeyRef::Id(id.into())));
        assert_eq!(parse("alias/x"), Ok(KeyRef::Alias("alias/x".into())));
        assert_eq!(parse("arn:aws:kms:eu-west-1:123456789012:alias/x"), Ok(KeyRef::Alias("alias/x".into())));
        for (text, said) in [
            ("x", "Invalid keyId 'x'"),
            (
                "0123abcd-4567-4ef0-8123-456789abcdef-0",
                "Invalid keyId '0123abcd-4567-4ef0-8123-456789abcdef-0'",
            ),
            ("arn:aws:kms:us-east-1:123456789012:alias/x", "Invalid arn us-east-1"),
            ("arn:aws:kms:eu-west-1:123456789012", "Invalid keyId 'arn:aws:kms:eu-west-1:123456789012'"),
            (
                "arn:aws:kms:eu-west-1:999999999999:alias/x",
                "Alias arn:aws:kms:eu-west-1:999999999999:alias/x is not found.",
            ),
        ] {
            assert_eq!(parse(text), Err(said.into()), "{text}");
        }
        assert!(KeyRef::parse_id("alias/x", &scope).is_err());
    }
}
