//! Tokens that the pools of Cognito Identity on this store give their identities: JSON Web Tokens in form, whose
//! signature is a sealed hash that only servers on the store can make and check. AssumeRoleWithWebIdentity and the
//! pools take them.

use crate::web_token::bytes;
use iam::sealing::Sealing;
use serde::{Deserialize, Serialize};
use wire::json::base64_text;

/// The issuer, and the provider as policies of trust name it.
pub const ISSUER: &str = "cognito-identity.amazonaws.com";

const PURPOSE: &str = "cognito-identity";

/// The claims of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnToken {
    /// `https://cognito-identity.amazonaws.com`.
    iss: String,
    /// The pool.
    pub aud: String,
    /// The identity.
    pub sub: String,
    /// How it has logged in.
    pub amr: Vec<String>,
    /// When it ends, in seconds since the Unix epoch.
    pub exp: u64,
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
}

impl OwnToken {
    /// A token of an identity of a pool.
    pub fn of(pool: &str, identity: &str, amr: Vec<String>, exp: u64) -> Self {
        let (aud, sub) = (pool.to_owned(), identity.to_owned());
        OwnToken { iss: format!("https://{ISSUER}"), aud, sub, amr, exp }
    }

    /// The text of it.
    pub fn seal(&self, sealing: &Sealing) -> String {
        let header = Header { typ: "JWT", alg: "A256GCM" };
        let part = |json: Result<Vec<u8>, _>| url_text(&json.expect("it is JSON"));
        let signed = format!("{}.{}", part(serde_json::to_vec(&header)), part(serde_json::to_vec(self)));
        let signature = url_text(&sealing.seal(PURPOSE, signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    /// A token of this store, whether it has ended or not; `None` for any other text.
    pub fn open(text: &str, sealing: &Sealing) -> Option<OwnToken> {
        let (signed, signature) = text.rsplit_once('.')?;
        let sealed = sealing.open(PURPOSE, &bytes(signature)?)?;
        let (_, claims) = signed.split_once('.').filter(|_| sealed == signed.as_bytes())?;
        serde_json::from_slice(&bytes(claims)?).ok()
    }

    /// Whether it holds at a time.
    pub fn holds_at(&self, now_seconds: u64) -> bool {
        now_seconds < self.exp
    }

    /// What policies may ask about it.
    pub fn condition_keys(&self) -> Vec<(String, Vec<String>)> {
        let claim = |name: &str, values: Vec<String>| (format!("{ISSUER}:{name}"), values);
        vec![
            claim("aud", vec![self.aud.clone()]),
            claim("sub", vec![self.sub.clone()]),
            claim("amr", self.amr.clone()),
            ("aws:federatedprovider".to_owned(), vec![ISSUER.to_owned()]),
        ]
    }
}

/// Base64 for URLs, without padding.
fn url_text(bytes: &[u8]) -> String {
    base64_text(bytes).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web_token::WebToken;

    #[test]
    fn only_what_the_store_has_made_opens() {
        let sealing = Sealing::new(&[7; 32]);
        let token = OwnToken::of("pool", "identity", vec!["authenticated".to_owned()], 100);
        let text = token.seal(&sealing);
        assert_eq!(OwnToken::open(&text, &sealing).as_ref(), Some(&token));
        assert!(token.holds_at(99) && !token.holds_at(100));
        assert_eq!(WebToken::parse(&text).expect("it has the form").issuer(), ISSUER);
        assert_eq!(OwnToken::open(&text, &Sealing::new(&[8; 32])), None);
        for place in 0..text.len() - 1 {
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("it is ASCII");
            assert_eq!(OwnToken::open(&other, &sealing), None, "{place}");
        }
    }
}
