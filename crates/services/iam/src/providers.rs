//! Identity providers by their ARNs.

use crate::account::{Account, Provider};
use crate::errors;
use model::ApiError;

/// The key of a URL: without `https://` and without the `/` at its end. `None` for what is no URL of a provider.
pub(crate) fn key(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let rest = rest.trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'"' | b'\\' | b'@');
    (!rest.is_empty() && rest.bytes().all(is_plain)).then(|| rest.to_owned())
}

pub(crate) fn arn(key: &str, account: &str) -> String {
    format!("arn:aws:iam::{account}:oidc-provider/{key}")
}

fn key_of_arn(arn: &str) -> Option<&str> {
    arn.split_once(":oidc-provider/").map(|(_, key)| key)
}

pub(crate) fn find<'a>(account: &'a Account, arn: &'a str) -> Result<(&'a str, &'a Provider), ApiError> {
    let found = key_of_arn(arn).and_then(|key| Some((key, account.providers.get(key)?)));
    found.ok_or_else(|| errors::no_provider(arn))
}

pub(crate) fn find_mut<'a>(account: &'a mut Account, arn: &str) -> Result<&'a mut Provider, ApiError> {
    let found = key_of_arn(arn).and_then(|key| account.providers.get_mut(key));
    found.ok_or_else(|| errors::no_provider(arn))
}
