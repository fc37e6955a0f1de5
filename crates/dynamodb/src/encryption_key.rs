//! The keys of KMS that a table names. The one that the service manages itself is there in every account and region,
//! and is the same each time.

use engine::Scope;
use engine::table::Sse;
use sha2::{Digest, Sha256};

/// The ARN of the key that a table is encrypted with.
pub fn arn(sse: &Sse, scope: &Scope) -> String {
    sse.key_arn.clone().unwrap_or_else(|| managed_arn(scope))
}

/// The ARN of the key that the service manages.
pub fn managed_arn(scope: &Scope) -> String {
    format!("arn:aws:kms:{}:{}:key/{}", scope.region, scope.account, managed_id(scope))
}

/// A UUID that follows from account and region.
pub fn managed_id(scope: &Scope) -> String {
    let hash = Sha256::digest(format!("alias/aws/dynamodb of {} in {}", scope.account, scope.region));
    let hex = stdx::hex::encode(&hash[..16]);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_managed_key_is_one_for_each_account_and_region() {
        let arn = |account: &str, region: &str| {
            managed_arn(&Scope { account: account.into(), region: region.into() })
        };
        let key = arn("123456789012", "eu-west-1");
        assert_eq!(key, arn("123456789012", "eu-west-1"));
        assert!(key.starts_with("arn:aws:kms:eu-west-1:123456789012:key/") && key.len() == 75, "{key}");
        assert_ne!(key, arn("123456789012", "eu-west-2"));
        assert_ne!(key, arn("123456789013", "eu-west-1"));
    }
}
