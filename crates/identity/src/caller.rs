//! The caller of a request, as authenticated.

use crate::principal::{Principal, PrincipalKind};
use std::sync::Arc;

/// The account of every access key that does not name one.
pub const DEFAULT_ACCOUNT: &str = "000000000000";
/// The region of a request that names none.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The caller of a request. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: Arc<str>,
    /// The region of the credential scope (any name is taken), or the server's one region. The catalog is
    /// searched in it and ARNs carry it.
    pub region: Arc<str>,
    /// The access key id, for logs; empty when there is none.
    pub access_key_id: Arc<str>,
    /// The principal within the account.
    pub principal: Arc<Principal>,
}

impl Caller {
    /// The caller behind an access key: a key id of twelve digits names the account.
    pub fn of_key(access_key_id: &str, region: &str) -> Self {
        Caller {
            account: account_of(access_key_id).into(),
            region: region.into(),
            access_key_id: access_key_id.into(),
            principal: Arc::default(),
        }
    }

    /// A service of this server that calls for an account.
    pub fn of_service(name: &str, account: &str, region: &str) -> Self {
        let principal = Principal::of(PrincipalKind::Service(name.to_owned()));
        let (account, region) = (account.into(), region.into());
        Caller { account, region, access_key_id: "".into(), principal: Arc::new(principal) }
    }

    /// The ARN of the principal.
    pub fn arn(&self) -> String {
        self.principal.arn(&self.account)
    }

    /// The unique id of the principal: for an account's own key, the account.
    pub fn user_id(&self) -> String {
        self.principal.user_id(&self.account)
    }

    /// The caller of a request that needs no credentials.
    pub fn nobody(region: &str) -> Self {
        let principal = Arc::new(Principal::of(PrincipalKind::Anonymous));
        Caller { principal, ..Self::anonymous(region) }
    }

    /// The caller of a request without credentials where none are required: the account's root.
    pub fn anonymous(region: &str) -> Self {
        Self::of_key("", region)
    }
}

fn account_of(access_key_id: &str) -> &str {
    let is_account = access_key_id.len() == 12 && access_key_id.bytes().all(|b| b.is_ascii_digit());
    if is_account { access_key_id } else { DEFAULT_ACCOUNT }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_name_the_account() {
        for (key, account) in [
            ("123456789012", "123456789012"),
            ("12345678901", DEFAULT_ACCOUNT),
            ("local", DEFAULT_ACCOUNT),
            ("12345678901x", DEFAULT_ACCOUNT),
            ("", DEFAULT_ACCOUNT),
        ] {
            assert_eq!(&*Caller::of_key(key, "eu-west-1").account, account, "{key}");
        }
    }
}
