//! Signing: the other side of the verifier, from the same canonical request.

use super::{ALGORITHM, Canonical, Payload, SigningKey, add_head, amz_date, hex};
use crate::auth_error::TERMINATOR;
use crate::credentials::Secret;
use crate::form::{Carrier, Form};
use crate::scope::Scope;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Keys that sign requests of one region.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The access key id, as it is sent.
    pub access_key_id: String,
    /// Its secret.
    pub secret: Secret,
    /// What belongs to temporary keys.
    pub session_token: Option<String>,
    /// The region of the scope.
    pub region: String,
}

/// A value that cannot stand in a header: a key or a token with control characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnusableKey;

impl Signer {
    /// Signs a request of `service` in its headers: adds the date, the session token and the signature, which covers
    /// every header that is there and the body. `Host` must be among them.
    pub fn sign(
        &self,
        service: &str,
        (method, uri): (&Method, &Uri),
        headers: &mut HeaderMap,
        body: &[u8],
        now_micros: u64,
    ) -> Result<(), UnusableKey> {
        let date = amz_date::format(now_micros / 1_000_000);
        headers.remove(AUTHORIZATION);
        headers.insert(X_AMZ_DATE, value(&date)?);
        if let Some(token) = &self.session_token {
            headers.insert(X_AMZ_SECURITY_TOKEN, value(token)?);
        }
        let names = names(headers);
        let scope = self.scope(service, &date);
        let Scope { access_key_id, date: day, region, terminator, .. } = scope;
        let credential = format!("{access_key_id}/{day}/{region}/{service}/{terminator}");
        let form = form(&credential, &names, &date);
        let body = Some(body);
        let payload = Payload::of(service, Carrier::Header, headers, body).map_err(|_| UnusableKey)?;
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        let request = Canonical { method, path, query, headers, body, payload: &payload, service };
        let mut mac = SigningKey::derive(&self.secret, &scope).mac();
        add_head(&mut mac, ALGORITHM, &form.date, &scope);
        mac.add(&hex(&request.digest(&form)));
        let signature = mac.into_hex();
        let header =
            format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}");
        headers.insert(AUTHORIZATION, value(&header)?);
        Ok(())
    }

    fn scope<'a>(&'a self, service: &'a str, date: &'a str) -> Scope<'a> {
        let (access_key_id, region) = (&self.access_key_id, &self.region);
        Scope { access_key_id, date: &date[..8], region, service, terminator: TERMINATOR }
    }
}

fn form<'a>(credential: &'a str, names: &'a str, date: &'a str) -> Form<'a> {
    Form {
        carrier: Carrier::Header,
        algorithm: ALGORITHM.into(),
        credential: credential.into(),
        signed_headers: names.into(),
        signature: "".into(),
        date: date.into(),
        session_token: None,
    }
}

/// The names of all headers, sorted, in lower case as `http` keeps them.
fn names(headers: &HeaderMap) -> String {
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    names.join(";")
}

fn value(text: &str) -> Result<HeaderValue, UnusableKey> {
    HeaderValue::from_str(text).map_err(|_| UnusableKey)
}
