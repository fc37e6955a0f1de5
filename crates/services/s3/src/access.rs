//! Names of buckets and objects in policies, and what requests need on them.

use pipeline::access::{ConditionKeys, Values, one};
use pipeline::{Access, Need};

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
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "s3:prefix" => self.prefix.as_deref().map(one),
            "s3:delimiter" => self.delimiter.as_deref().map(one),
            "s3:max-keys" => self.max_keys.map(|max| one(max.to_string())),
            _ => None,
        }
    }
}
