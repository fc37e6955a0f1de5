//! The access keys of a server: they come from a [`CredentialSource`]; [`Credentials`] are those of the
//! configuration or the environment.

use crate::auth_error::AuthError;
use crate::principal::Principal;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use stdx::future::Boxed;

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

/// What an access key stands for.
#[derive(Debug)]
pub struct Identified {
    /// Its secret.
    pub secret: Secret,
    /// The account; `None` where the id of the key contains it.
    pub account: Option<Arc<str>>,
    /// The principal of the key.
    pub principal: Arc<Principal>,
    /// For a session: when it ends, in microseconds since the Unix epoch.
    pub expires_micros: Option<u64>,
}

impl Identified {
    /// The account's own key.
    pub fn root(secret: Secret) -> Self {
        Identified { secret, account: None, principal: Arc::default(), expires_micros: None }
    }
}

/// What a source waits for to be up to date.
pub type Refreshing<'a> = Boxed<'a, Result<(), AuthError>>;

/// Where access keys come from.
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// What an access key that is active now stands for; of a session's key, with the token that came with it.
    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Identified, AuthError>;

    /// Changes with every key that is added, changed or revoked, and with every change of what its owner may do. A
    /// cache keeps the generation that it read before, and forgets both when there is another.
    fn generation(&self) -> u64;

    /// Whether everything is known that other servers on the store have changed.
    fn is_current(&self) -> bool {
        true
    }

    /// Reads what others have changed.
    fn refresh(&self) -> Refreshing<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl<S: CredentialSource + ?Sized> CredentialSource for Arc<S> {
    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Identified, AuthError> {
        S::find(self, access_key_id, session_token)
    }

    fn generation(&self) -> u64 {
        S::generation(self)
    }

    fn is_current(&self) -> bool {
        S::is_current(self)
    }

    fn refresh(&self) -> Refreshing<'_> {
        S::refresh(self)
    }
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
    fn find(&self, access_key_id: &str, _: Option<&str>) -> Result<Identified, AuthError> {
        let secret = self.0.get(access_key_id).cloned().ok_or(AuthError::UnknownKey)?;
        Ok(Identified::root(secret))
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
