//! Who calls, as far as authentication has established it.

use std::sync::Arc;

/// The account of every access key that does not name one.
pub const DEFAULT_ACCOUNT: &str = "000000000000";
/// The region of a request that names none.
pub const DEFAULT_REGION: &str = "us-east-1";

/// Who calls. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: Arc<str>,
    /// The region of the credential scope (any name is taken), or the server's one region. The catalog is
    /// searched in it and ARNs carry it.
    pub region: Arc<str>,
    /// The access key id, for logs; empty when there is none.
    pub access_key_id: Arc<str>,
}

impl Caller {
    /// The caller behind an access key: a key id of twelve digits names the account.
    pub fn of_key(access_key_id: &str, region: &str) -> Self {
        Caller {
            account: account_of(access_key_id).into(),
            region: region.into(),
            access_key_id: access_key_id.into(),
        }
    }

    /// The ARN of the principal. There are no users and no roles yet: every key is the account's own.
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::{}:root", self.account)
    }

    /// The unique id of the principal: for an account's own key, the account.
    pub fn user_id(&self) -> String {
        self.account.to_string()
    }

    /// The caller of a request without credentials.
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
