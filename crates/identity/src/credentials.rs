//! The access keys a server knows: where they come from is a [`CredentialSource`]; [`Credentials`] are those of the
//! configuration or the environment.

use std::collections::HashMap;
use std::fmt;

/// A secret access key. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret from wherever it was kept.
    pub fn new(secret: impl Into<String>) -> Self {
        Secret(secret.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where access keys come from.
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// The secret of an access key that is active now.
    fn secret(&self, access_key_id: &str) -> Option<Secret>;

    /// Changes with every key that is added, changed or revoked. A cache of secrets keeps the
    /// generation that it read before, and forgets both when there is another.
    fn generation(&self) -> u64;
}

/// Access keys with their secrets, the same for the whole run.
#[derive(Debug, Clone, Default)]
pub struct Credentials(HashMap<String, Secret>);

impl Credentials {
    /// The same keys and one more.
    pub fn with(mut self, access_key_id: impl Into<String>, secret: Secret) -> Self {
        self.0.insert(access_key_id.into(), secret);
        self
    }

    /// Whether there is no key: then no signature can be verified.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl CredentialSource for Credentials {
    fn secret(&self, access_key_id: &str) -> Option<Secret> {
        self.0.get(access_key_id).cloned()
    }

    fn generation(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let credentials = Credentials::default().with("AKID", Secret::new("hunter2"));
        let printed = format!("{credentials:?}");
        assert!(printed.contains("AKID") && !printed.contains("hunter2"), "{printed}");
    }
}
