//! Tokens of identity providers: JSON Web Tokens that are signed by RS256, verified by the keys of their issuer. The
//! keys are a JSON Web Key Set in a file that the configuration names; it is read at each use, so keys can be changed.

use crate::errors;
use model::ApiError;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use wire::json::decode_base64;

/// The longest token that is read.
const TOKEN_BYTES_MAX: usize = 20_000;
/// The longest key set that is read.
const KEYS_BYTES_MAX: u64 = 1 << 20;

/// Files of keys by issuer, without `https://`.
#[derive(Debug, Clone, Default)]
pub struct Issuers(BTreeMap<String, PathBuf>);

impl Issuers {
    /// The same and one more.
    pub fn with(mut self, url: &str, keys: PathBuf) -> Self {
        self.0.insert(plain(url).to_owned(), keys);
        self
    }
}

/// A URL as providers are named by it.
fn plain(url: &str) -> &str {
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.trim_end_matches('/')
}

/// A token whose signature is not verified yet.
#[derive(Debug)]
pub struct WebToken<'t> {
    /// What is signed.
    signed: &'t str,
    signature: Vec<u8>,
    header: Header,
    claims: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kid: Option<String>,
    kty: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl<'t> WebToken<'t> {
    /// Takes a token apart.
    pub fn parse(text: &'t str) -> Result<Self, ApiError> {
        let parts = || {
            let text = Some(text).filter(|text| text.len() <= TOKEN_BYTES_MAX)?;
            let (signed, signature) = text.rsplit_once('.')?;
            let (header, claims) = signed.split_once('.')?;
            let header = serde_json::from_slice(&bytes(header)?).ok()?;
            let claims = serde_json::from_slice(&bytes(claims)?).ok()?;
            Some(WebToken { signed, signature: bytes(signature)?, header, claims })
        };
        parts().ok_or_else(|| errors::invalid_token("The ID Token provided is not a valid JWT."))
    }

    /// The issuer as providers are named by it.
    pub fn issuer(&self) -> &str {
        plain(self.text("iss").unwrap_or_default())
    }

    /// Whom it is about.
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// Whom it is for.
    pub fn audiences(&self) -> Vec<String> {
        self.texts("aud")
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    fn texts(&self, claim: &str) -> Vec<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        match self.claims.get(claim) {
            Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// Whether it has not ended, and is signed by its issuer.
    pub fn verify(&self, issuers: &Issuers, now_seconds: u64) -> Result<(), ApiError> {
        let file = issuers.0.get(self.issuer()).ok_or_else(errors::no_keys)?;
        let small = std::fs::metadata(file).is_ok_and(|file| file.len() <= KEYS_BYTES_MAX);
        let text = small.then(|| std::fs::read_to_string(file).ok()).flatten();
        let keys: Option<Keys> = text.and_then(|text| serde_json::from_str(&text).ok());
        let keys = keys.ok_or_else(errors::no_keys)?;
        let is_named = |key: &&Key| self.header.kid.is_none() || key.kid == self.header.kid;
        let is_signed = self.header.alg == "RS256"
            && keys.keys.iter().filter(is_named).any(|key| key.has_signed(self) == Some(true));
        if !is_signed {
            return Err(errors::invalid_token("The token's signature could not be verified."));
        }
        let ends = self.claims.get("exp").and_then(Value::as_f64).unwrap_or(0.0);
        if ends > now_seconds as f64 { Ok(()) } else { Err(errors::expired_token()) }
    }

    /// What a role's trust and policies may ask: `issuer:aud`, `issuer:sub`, `issuer:amr`.
    pub fn condition_keys(&self) -> Vec<(String, Vec<String>)> {
        let issuer = self.issuer().to_ascii_lowercase();
        let claim = |name: &str| (format!("{issuer}:{name}"), self.texts(name));
        let mut keys: Vec<_> = ["aud", "sub", "amr", "azp"].map(claim).into();
        keys.retain(|(_, values)| !values.is_empty());
        keys.push(("aws:federatedprovider".to_owned(), vec![self.issuer().to_owned()]));
        keys
    }
}

impl Key {
    fn has_signed(&self, token: &WebToken<'_>) -> Option<bool> {
        let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
        let key = RsaPublicKeyComponents { n: &n, e: &e };
        let verified = key.verify(&RSA_PKCS1_2048_8192_SHA256, token.signed.as_bytes(), &token.signature);
        Some(self.kty == "RSA" && verified.is_ok())
    }
}

/// The bytes of Base64 for URLs, without padding.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let mut padded = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    padded.extend(std::iter::repeat_n('=', (4 - padded.len() % 4) % 4));
    let mut bytes = Vec::new();
    decode_base64(&padded, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_token() {
        for text in ["", "a", "a.b", "a.b.c", "e30.e30.", "..", "é.é.é"] {
            assert!(WebToken::parse(text).is_err(), "{text}");
        }
        // {"alg":"none"} . {"iss":"https://idp.example.com/"}
        let text = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbS8ifQ.";
        let token = WebToken::parse(text).expect("a token");
        assert_eq!(token.issuer(), "idp.example.com");
        assert!(token.verify(&Issuers::default(), 0).is_err());
    }
}
