//! Which keys of KMS a client may use for a transfer. That is found out when the transfer is ordered, and kept with its
//! task: what it does later it does without the client, under these keys only.

use super::{Bucket, Failure, Pages, Trouble};
use crate::service::DynamoDb;
use model::{ApiError, code};
use pipeline::Cx;
use s3::Objects;
use std::collections::BTreeSet;

/// What was found out about the key that objects are to be put under.
pub enum Found {
    /// It may be used: its ARN.
    Permitted(String),
    /// The client must not use it: why.
    Denied(String),
    /// There is none.
    Missing,
}

/// There is no key to put objects under.
pub fn missing() -> Failure {
    let (code, message) = ("KmsNotFoundException".to_owned(), "The key of KMS does not exist".to_owned());
    Failure { code, message }
}

/// The key of this name, or the one that S3 manages, to put an object under.
pub async fn to_put(
    cx: &Cx<'_, DynamoDb>,
    object: (&str, &str),
    named: Option<&str>,
) -> Result<Found, ApiError> {
    let Some(objects) = &cx.service.objects else { return Ok(Found::Missing) };
    let key = match objects.kms_key(cx.caller, named).await {
        Ok(key) => key,
        Err(error) if error.code == kms::errors::NOT_FOUND => return Ok(Found::Missing),
        Err(error) => return Err(error),
    };
    for action in ["kms:GenerateDataKey", "kms:Decrypt"] {
        if let Some(denial) = denial(cx, objects, &key, action, object).await? {
            return Ok(Found::Denied(denial));
        }
    }
    Ok(Found::Permitted(key.arn()))
}

/// The keys that objects are under whose keys begin so, as far as they are there and may be used to read them. A
/// bucket that is not there is told later.
pub async fn to_read(
    cx: &Cx<'_, DynamoDb>,
    bucket: &Bucket<'_>,
    prefix: Option<&str>,
    objects_max: usize,
) -> Result<Vec<String>, ApiError> {
    let Some(objects) = &cx.service.objects else { return Ok(Vec::new()) };
    let (mut seen, mut permitted, mut count) = (BTreeSet::new(), Vec::new(), 0);
    let mut pages = Pages::of(bucket, prefix);
    while count < objects_max {
        let page = match pages.next().await {
            Ok(Some(page)) => page,
            Ok(None) | Err(Trouble::Refused(_)) => break,
            Err(_) => {
                return Err(ApiError::new(
                    code::SERVICE_UNAVAILABLE,
                    "The service cannot answer now: objects cannot be listed",
                ));
            }
        };
        count += page.len();
        for listed in page {
            let Some(arn) = listed.kms_key.filter(|arn| seen.insert(arn.clone())) else { continue };
            let key = match objects.kms_key(cx.caller, Some(&arn)).await {
                Ok(key) => key,
                Err(error) if error.code == kms::errors::NOT_FOUND => continue,
                Err(error) => return Err(error),
            };
            let object = (bucket.name(), listed.key.as_str());
            if denial(cx, objects, &key, "kms:Decrypt", object).await?.is_none() {
                permitted.push(arn);
            }
        }
    }
    Ok(permitted)
}

/// Why a client must not use a key, if it must not.
async fn denial(
    cx: &Cx<'_, DynamoDb>,
    objects: &Objects,
    key: &kms::Key,
    action: &'static str,
    object: (&str, &str),
) -> Result<Option<String>, ApiError> {
    match objects.permit_key(cx, key, action, object).await {
        Ok(()) => Ok(None),
        Err(error) if error.code == code::ACCESS_DENIED => {
            Ok(Some(error.message.unwrap_or_default().into_owned()))
        }
        Err(error) => Err(error),
    }
}
