//! The ARN of the KMS key that a request names by id, ARN, alias or alias ARN. There is no KMS to ask yet: an
//! alias stands for one key of its account and region, whose id is made from its name.

use engine::Scope;
use sha2::{Digest, Sha256};

/// The alias of the key that the service manages itself.
pub const MANAGED: &str = "alias/aws/dynamodb";

/// Always the ARN of a key, never of an alias: what descriptions show.
pub fn arn(scope: &Scope, named: &str) -> String {
    let resource = named.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4));
    match (resource, named) {
        (Some(resource), _) if resource.starts_with("key/") => named.to_owned(),
        (Some(alias), _) => key_arn(scope, &id_behind(scope, alias)),
        (None, alias) if alias.starts_with("alias/") => key_arn(scope, &id_behind(scope, alias)),
        (None, id) => key_arn(scope, id),
    }
}

fn key_arn(scope: &Scope, id: &str) -> String {
    format!("arn:aws:kms:{}:{}:key/{id}", scope.region, scope.account)
}

/// In the form of a random UUID.
fn id_behind(scope: &Scope, alias: &str) -> String {
    let digest = Sha256::digest(format!("{}/{}/{alias}", scope.account, scope.region));
    let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_key_becomes_its_arn() {
        let scope = Scope { account: "123456789012".into(), region: "eu-west-1".into() };
        let prefix = "arn:aws:kms:eu-west-1:123456789012:key/";
        let full = format!("{prefix}1234abcd-12ab-34cd-56ef-1234567890ab");
        assert_eq!(arn(&scope, "1234abcd-12ab-34cd-56ef-1234567890ab"), full);
        assert_eq!(arn(&scope, &full), full);
        let alias = arn(&scope, "alias/x");
        assert_eq!(alias, arn(&scope, "arn:aws:kms:eu-west-1:123456789012:alias/x"));
        assert_ne!(alias, arn(&scope, MANAGED));
        assert!(alias.starts_with(prefix) && alias.len() == full.len(), "{alias}");
    }
}
