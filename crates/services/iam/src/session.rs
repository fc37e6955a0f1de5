//! Sessions: what a token of STS stands for. All of it is sealed into the token, so no server keeps any session.

use crate::sealing::Sealing;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use wire::json::{base64_text, decode_base64};

/// What a token is sealed for.
const PURPOSE: &str = "session";
/// The longest token that is read.
pub const TOKEN_BYTES_MAX: usize = 32 * 1024;

/// A session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA…`.
    pub key_id: String,
    /// The secret of the key.
    pub secret: String,
    /// The account.
    pub account: String,
    /// Who it is.
    pub who: SessionOf,
    /// When it began, in seconds since the Unix epoch.
    pub issued: u64,
    /// When it ends.
    pub expires: u64,
    /// Policies that limit it; `None`: none does.
    pub policies: Option<Vec<SessionPolicy>>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// Keys of tags that sessions made from it inherit.
    pub transitive: Vec<String>,
    /// What an identity provider said, by condition key.
    pub claims: BTreeMap<String, Vec<String>>,
    /// As its role's trust was asked for.
    pub source_identity: Option<String>,
}

/// Whose session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SessionOf {
    /// The account's own.
    Root,
    /// A user's, by name.
    User(String),
    /// A role's, by name, with the name of the session.
    Role {
        /// The role.
        role: String,
        /// The session.
        session: String,
    },
    /// What a user has made for another, whom IAM does not know.
    Federated {
        /// The user; the account itself where there is none.
        user: Option<String>,
        /// Whom for.
        name: String,
    },
}

/// A policy of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum SessionPolicy {
    /// The document itself.
    Inline(String),
    /// A managed policy by its ARN.
    Managed(String),
}

impl Session {
    /// The token.
    pub fn seal(&self, sealing: &Sealing) -> String {
        let json = serde_json::to_vec(self).expect("a session is JSON");
        base64_text(&sealing.seal(PURPOSE, &json))
    }

    /// The session of a token; `None` for a text that is no token of this store.
    pub fn open(token: &str, sealing: &Sealing) -> Option<Session> {
        let mut sealed = Vec::new();
        decode_base64(Some(token).filter(|token| token.len() <= TOKEN_BYTES_MAX)?, &mut sealed).ok()?;
        serde_json::from_slice(&sealing.open(PURPOSE, &sealed)?).ok()
    }
}
