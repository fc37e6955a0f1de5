//! Names of buckets and objects in policies, and whether a caller may do something that comes from inside the server.

use identity::Caller;
use model::{ApiError, code};
use pipeline::{Access, ConditionKeys, Need, is_asked_about};
use policy::{Context, Decision, Request, ResourceSide};
use stdx::calendar::iso_8601;

/// The ARN of a bucket.
pub(crate) fn bucket_arn(name: &str) -> String {
    format!("arn:aws:s3:::{name}")
}

/// The ARN of an object.
pub(crate) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// An action on a bucket.
pub(crate) fn on_bucket<'a>(action: &'static str, bucket: &Option<String>) -> Access<'a> {
    Need::new(action, bucket_arn(bucket.as_deref().unwrap_or_default())).into()
}

/// An action on an object.
pub(crate) fn on_object<'a>(
    action: &'static str,
    bucket: &Option<String>,
    key: &Option<String>,
) -> Access<'a> {
    let (bucket, key) = (bucket.as_deref().unwrap_or_default(), key.as_deref().unwrap_or_default());
    Need::new(action, object_arn(bucket, key)).into()
}

/// `s3:ListBucket`, where the conditions of a policy may ask for what is listed.
pub(crate) fn on_listing<'a>(
    bucket: &Option<String>,
    prefix: &Option<String>,
    delimiter: &Option<String>,
    max_keys: Option<i64>,
) -> Access<'a> {
    let keys = ListingKeys { prefix: prefix.clone(), delimiter: delimiter.clone(), max_keys };
    let bucket = bucket_arn(bucket.as_deref().unwrap_or_default());
    Need::new("s3:ListBucket", bucket).with_condition_keys(keys).into()
}

/// The condition keys of a listing.
struct ListingKeys {
    prefix: Option<String>,
    delimiter: Option<String>,
    max_keys: Option<i64>,
}

impl ConditionKeys for ListingKeys {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let value = match key {
            "s3:prefix" => self.prefix.clone(),
            "s3:delimiter" => self.delimiter.clone(),
            "s3:max-keys" => self.max_keys.map(|max| max.to_string()),
            _ => None,
        };
        value.map(|value| vec![value])
    }
}

/// Refuses a caller whose policies do not let it do something.
pub(crate) fn demand(by: &Caller, action: &str, resource: &str, now_millis: u64) -> Result<(), ApiError> {
    if by.principal.is_root() || !is_asked_about(by) {
        return Ok(());
    }
    let request = Request {
        requester: by.principal.requester(&by.account),
        action,
        resource,
        owner: &by.account,
        context: &Facts { by, now_millis },
    };
    match policy::decide(&request, &by.principal.grants, ResourceSide::Beside(None)) {
        Decision::Allowed(_) => Ok(()),
        Decision::Denied(denial) => {
            let (arn, reason) = (by.arn(), denial.reason(action));
            let text = format!(
                "User: {arn} is not authorized to perform: {action} on resource: {resource} {reason}"
            );
            Err(ApiError::new(code::ACCESS_DENIED, text))
        }
    }
}

/// The condition keys of a call from inside the server.
struct Facts<'a> {
    by: &'a Caller,
    now_millis: u64,
}

impl Context for Facts<'_> {
    fn values(&self, key: &str) -> Option<Vec<String>> {
        let own = self.by.principal.keys.get(key).cloned();
        let global = || match key {
            "aws:currenttime" => Some(iso_8601(self.now_millis / 1_000)),
            "aws:epochtime" => Some((self.now_millis / 1_000).to_string()),
            "aws:securetransport" | "aws:viaawsservice" => Some("true".to_owned()),
            "aws:requestedregion" => Some(self.by.region.to_string()),
            "aws:principalaccount" => Some(self.by.account.to_string()),
            "aws:principalarn" => Some(self.by.arn()),
            "aws:userid" => Some(self.by.user_id()),
            _ => None,
        };
        own.or_else(|| global().map(|value| vec![value]))
    }
}
