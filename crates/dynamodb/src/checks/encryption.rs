//! The rules of SSESpecification, and the keys it may name.
//!
//! Rows are not sealed yet. A specification that leaves the key to the service is accepted and described; a key of the
//! caller's is not there, and refused as DynamoDB refuses a key that is not there.

use crate::{encryption_key, errors};
use engine::Scope;
use model::ApiError;
use model::dynamodb::SSESpecification;

/// The alias of the key that the service manages itself.
const MANAGED: &str = "alias/aws/dynamodb";

/// The rules between its members.
pub fn check(specification: Option<&SSESpecification>) -> Result<(), ApiError> {
    let Some(sse) = specification else { return Ok(()) };
    let fault = match (sse.enabled, sse.sse_type.as_deref(), sse.kms_master_key_id.is_some()) {
        (Some(false), Some(_), _) => "SSEType can not be specified if Enabled is false",
        (Some(false), None, true) => "KMSMasterKeyId can not be specified if Enabled is false",
        (_, Some("AES256"), _) => "SSEType AES256 is not supported",
        (_, None, true) => "SSEType KMS is required if KMSMasterKeyId is specified",
        _ => return Ok(()),
    };
    Err(errors::invalid_parameter(fault))
}

/// Whether it names a key of KMS.
pub fn is_asked_for(sse: &SSESpecification) -> bool {
    sse.enabled.unwrap_or(sse.sse_type.is_some())
}

/// Whether it names the key that the service manages by its ARN.
pub fn names_the_managed_key(sse: &SSESpecification, scope: &Scope) -> bool {
    sse.kms_master_key_id.as_deref() == Some(encryption_key::managed_arn(scope).as_str())
}

/// Refuses a key that is not there, which is every one but the service's own. `request_id` is that of the call to
/// KMS, which the text names.
pub fn find_key(
    specification: Option<&SSESpecification>,
    scope: &Scope,
    request_id: impl FnOnce() -> String,
) -> Result<(), ApiError> {
    let named =
        specification.filter(|sse| is_asked_for(sse)).and_then(|sse| sse.kms_master_key_id.as_deref());
    let Some(named) = named else { return Ok(()) };
    let here = format!("arn:aws:kms:{}:{}:", scope.region, scope.account);
    let managed = encryption_key::managed_arn(scope);
    if managed == named
        || managed.strip_prefix(&here).is_some_and(|key| key.strip_prefix("key/") == Some(named))
    {
        return Ok(());
    }
    let resource = match named.strip_prefix(&here) {
        Some(resource) => resource.to_owned(),
        None if named.starts_with("arn:") => {
            let region = named.split(':').nth(3).unwrap_or_default();
            return Err(errors::kms_not_found(&format!("Invalid arn {region}"), &request_id()));
        }
        None if named.starts_with("alias/") => named.to_owned(),
        None => format!("key/{named}"),
    };
    match resource.as_str() {
        MANAGED => Ok(()),
        alias if alias.starts_with("alias/") => {
            Err(errors::kms_not_found(&format!("Alias {here}{alias} is not found."), &request_id()))
        }
        key => Err(errors::kms_not_found(&format!("Key '{here}{key}' does not exist"), &request_id())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(key: &str) -> Option<String> {
        let scope = Scope { account: "123456789012".into(), region: "eu-west-1".into() };
        let sse = SSESpecification {
            enabled: Some(true),
            sse_type: Some("KMS".into()),
            kms_master_key_id: Some(key.into()),
        };
        find_key(Some(&sse), &scope, || "id".into()).err().and_then(|error| error.message).map(String::from)
    }

    #[test]
    fn only_the_services_own_key_is_there() {
        let here = "arn:aws:kms:eu-west-1:123456789012";
        for managed in [MANAGED.to_owned(), format!("{here}:{MANAGED}")] {
            assert_eq!(text(&managed), None);
        }
        for (named, told) in [
            ("alias/x".to_owned(), format!("Alias {here}:alias/x is not found.")),
            (format!("{here}:alias/x"), format!("Alias {here}:alias/x is not found.")),
            ("1234abcd".to_owned(), format!("Key '{here}:key/1234abcd' does not exist")),
            (format!("{here}:key/1234abcd"), format!("Key '{here}:key/1234abcd' does not exist")),
            ("arn:aws:kms:us-east-1:123456789012:key/1".to_owned(), "Invalid arn us-east-1".to_owned()),
        ] {
            let text = text(&named).unwrap();
            assert!(text.contains(&told), "{text}");
        }
    }
}
