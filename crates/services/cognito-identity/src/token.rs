//! What proves that an identity has logged in with the developer: its pool, its id and when the proof ends, sealed by a
//! secret of the store.

use crate::errors;
use iam::sealing::Sealing;
use model::ApiError;
use serde::{Deserialize, Serialize};
use wire::json::{base64_text, decode_base64};

const PURPOSE: &str = "cognito-identity";

/// A token's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) pool: String,
    pub(crate) identity: String,
    /// The provider of the login.
    pub(crate) provider: String,
    /// Seconds since the Unix epoch.
    pub(crate) expires: u64,
}

impl Token {
    pub(crate) fn seal(&self, sealing: &Sealing) -> String {
        let json = serde_json::to_vec(self).expect("a token is JSON");
        base64_text(&sealing.seal(PURPOSE, &json))
    }

    /// A token of this store that has not ended.
    pub(crate) fn open(text: &str, sealing: &Sealing, now_seconds: u64) -> Result<Token, ApiError> {
        let mut sealed = Vec::new();
        let opened = decode_base64(text, &mut sealed).ok().and_then(|()| sealing.open(PURPOSE, &sealed));
        let token: Option<Token> = opened.and_then(|json| serde_json::from_slice(&json).ok());
        let token = token.ok_or_else(|| errors::invalid_token("Couldn't verify signed token."))?;
        let is_good = now_seconds < token.expires;
        if is_good { Ok(token) } else { Err(errors::invalid_token("Token expired.")) }
    }
}
