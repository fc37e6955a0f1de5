//! Tokens of identity providers: JSON Web Tokens that are signed by RS256 or ES256, verified by the keys of their
//! issuer. Which algorithm a key is for is the key's matter, never the token's.

use crate::errors;
use crate::issuers::{Issuers, plain};
use model::ApiError;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use wire::json::decode_base64;

/// The longest token that is read.
const TOKEN_BYTES_MAX: usize = 20_000;

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

/// A JSON Web Key Set.
#[derive(Debug, Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    kid: Option<String>,
    kty: String,
    /// Of RSA: modulus and exponent.
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
    /// Of an elliptic curve: its name and a point.
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
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

    /// Whether its issuer has signed it, and it holds now.
    pub async fn verify(&self, issuers: &Issuers, now_seconds: u64) -> Result<(), ApiError> {
        let set = issuers.keys(self.issuer()).await?;
        let is_named = |key: &&Key| self.header.kid.is_none() || key.kid == self.header.kid;
        let is_signed = set.keys.iter().filter(is_named).any(|key| key.has_signed(self));
        if !is_signed {
            return Err(errors::invalid_token("The token's signature could not be verified."));
        }
        let now = now_seconds as f64;
        if self.seconds("nbf").is_some_and(|from| from > now + CLOCK_SKEW_SECONDS) {
            return Err(errors::invalid_token("The token is not valid yet."));
        }
        if self.seconds("exp").unwrap_or(0.0) > now { Ok(()) } else { Err(errors::expired_token()) }
    }

    fn seconds(&self, claim: &str) -> Option<f64> {
        self.claims.get(claim)?.as_f64()
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

/// How far the clock of an issuer may be ahead.
const CLOCK_SKEW_SECONDS: f64 = 300.0;

impl Key {
    fn has_signed(&self, token: &WebToken<'_>) -> bool {
        let message = token.signed.as_bytes();
        let verified = match (self.kty.as_str(), token.header.alg.as_str()) {
            ("RSA", "RS256") => self.rsa(message, &token.signature),
            ("EC", "ES256") if self.crv == "P-256" => self.p256(message, &token.signature),
            _ => None,
        };
        verified.is_some()
    }

    fn rsa(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
        let key = RsaPublicKeyComponents { n: &n, e: &e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).ok()
    }

    /// The point as it is where it is not compressed: 4, x, y.
    fn p256(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let point = [&[4][..], &bytes(&self.x)?, &bytes(&self.y)?].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).ok()
    }
}

/// The bytes of Base64 for URLs, without padding.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
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
    }
}
