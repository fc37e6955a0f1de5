//! The directory as the source of access keys: the configuration's, those of users, and those of sessions.

use super::{Directory, State};
use crate::account::AccessKey;
use crate::facts;
use crate::session::Session;
use identity::{AuthError, CredentialSource, Identified, Principal, Refreshing, Secret};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use wire::json::{base64_text, decode_base64};

const MICROS: u64 = 1_000_000;

impl Directory {
    /// A secret as an account keeps it: sealed for its key.
    pub(crate) fn sealed_secret(&self, key_id: &str, secret: &str) -> String {
        base64_text(&self.sealing.seal(key_id, secret.as_bytes()))
    }

    fn opened_secret(&self, key: &AccessKey) -> Option<String> {
        let mut sealed = Vec::new();
        decode_base64(&key.sealed, &mut sealed).ok()?;
        String::from_utf8(self.sealing.open(&key.id, &sealed)?).ok()
    }

    /// The key of a user.
    fn of_user(&self, state: &State, key_id: &str) -> Option<Identified> {
        let (account_id, name) = state.keys.get(key_id)?;
        let account = state.accounts.get(account_id)?;
        let user = account.user(name).ok()?;
        let key = user.keys.iter().find(|key| key.id == key_id && key.is_active)?;
        let secret = Secret::new(self.opened_secret(key)?);
        let principal = Arc::new(facts::of_user(account_id, account, user));
        Some(Identified {
            secret,
            account: Some(account_id.as_str().into()),
            principal,
            expires_micros: None,
        })
    }

    /// The principal of a session; `None` where there is no such user or role any more.
    fn of_session(&self, state: &State, session: &Session) -> Option<Principal> {
        let account = state.accounts.get(&session.account).cloned().unwrap_or_default();
        facts::of_session(&account, session)
    }

    /// The session of a token that came with a key.
    fn opened_session(&self, key_id: &str, token: &str) -> Option<Session> {
        Session::open(token, &self.sealing).filter(|session| session.key_id == key_id)
    }
}

impl CredentialSource for Directory {
    fn find(&self, access_key_id: &str, session_token: Option<&str>) -> Result<Identified, AuthError> {
        if let Ok(root) = self.roots.find(access_key_id, session_token) {
            return Ok(root);
        }
        let state = self.state();
        let Some(token) = session_token else {
            return self.of_user(&state, access_key_id).ok_or(AuthError::UnknownKey);
        };
        let session = self.opened_session(access_key_id, token).ok_or(AuthError::InvalidSessionToken)?;
        let principal = self.of_session(&state, &session).ok_or(AuthError::InvalidSessionToken)?;
        Ok(Identified {
            secret: Secret::new(session.secret),
            account: Some(session.account.as_str().into()),
            principal: Arc::new(principal),
            expires_micros: Some(session.expires.saturating_mul(MICROS)),
        })
    }

    fn generation(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    fn is_current(&self) -> bool {
        Directory::is_current(self)
    }

    fn refresh(&self) -> Refreshing<'_> {
        Box::pin(async { Directory::refresh(self).await.map_err(|_| AuthError::SourceUnavailable) })
    }
}
