//! The form of credentials: where they are, and whether all their parts are there. Two carriers exist, the
//! Authorization header and the query string (presigned requests); both give the same five parts.

use crate::auth_error::AuthError;
use crate::percent::decoded_text;
use http::{HeaderMap, HeaderName, Uri, header};
use std::borrow::Cow;

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// The signature parts of a request, as sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form<'a> {
    pub(crate) carrier: Carrier,
    pub(crate) algorithm: Cow<'a, str>,
    pub(crate) credential: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) session_token: Option<Cow<'a, str>>,
}

/// Where the signature is.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Carrier {
    Header,
    /// With `X-Amz-Expires`: the seconds for which a presigned request holds.
    Query {
        expires_seconds: Option<u64>,
    },
}

impl<'a> Form<'a> {
    /// Finds the credentials; what is missing is refused in DynamoDB's order.
    pub(crate) fn find(headers: &'a HeaderMap, uri: &'a Uri) -> Result<Self, AuthError> {
        let authorization = text(headers, &header::AUTHORIZATION);
        let query = uri.query().filter(|query| has_algorithm(query));
        match (authorization, query) {
            (Some(_), Some(_)) => Err(AuthError::TwoSignatures),
            (Some(authorization), None) => Self::in_header(authorization, headers),
            (None, Some(query)) => Self::in_query(query),
            (None, None) => Err(AuthError::MissingToken),
        }
    }

    fn in_header(authorization: &'a str, headers: &'a HeaderMap) -> Result<Self, AuthError> {
        let header = authorization.trim();
        if !header.starts_with("AWS4-") {
            return Err(AuthError::MissingToken);
        }
        let (algorithm, parts) = first_word(header);
        let [credential, signature, signed_headers] = header_parts(parts);
        let date = text(headers, &X_AMZ_DATE).or_else(|| text(headers, &header::DATE));
        match (credential, signature, signed_headers, date) {
            (Some(credential), Some(signature), Some(signed_headers), Some(date)) => Ok(Form {
                carrier: Carrier::Header,
                algorithm: algorithm.into(),
                credential: credential.into(),
                signed_headers: signed_headers.into(),
                signature: signature.into(),
                date: date.into(),
                session_token: text(headers, &X_AMZ_SECURITY_TOKEN).map(Cow::from),
            }),
            (credential, signature, signed_headers, date) => {
                let parts = [credential, signature, signed_headers];
                let missing =
                    missing(["Credential", "Signature", "SignedHeaders"], parts.map(|part| part.is_some()));
                let header = authorization.to_owned();
                Err(AuthError::IncompleteHeader { missing, has_date: date.is_some(), header })
            }
        }
    }

    fn in_query(query: &str) -> Result<Self, AuthError> {
        let [algorithm, credential, signature, signed_headers, date, expires, token] = query_parts(query);
        let found = [&algorithm, &credential, &signature, &signed_headers, &date].map(Option::is_some);
        let missing = missing(REQUIRED_IN_QUERY, found);
        let carrier = Carrier::Query { expires_seconds: expires.and_then(|seconds| seconds.parse().ok()) };
        let (Some(algorithm), Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (algorithm, credential, signature, signed_headers, date)
        else {
            return Err(AuthError::IncompleteQuery { missing });
        };
        Ok(Form {
            carrier,
            algorithm: algorithm.into(),
            credential: credential.into(),
            signed_headers: signed_headers.into(),
            signature: signature.into(),
            date: date.into(),
            session_token: token.map(Cow::from),
        })
    }
}

const REQUIRED_IN_QUERY: [&str; 5] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"];

fn missing<const N: usize>(names: [&'static str; N], found: [bool; N]) -> Vec<&'static str> {
    names.into_iter().zip(found).filter(|(_, found)| !found).map(|(name, _)| name).collect()
}

/// Credential, Signature, SignedHeaders: `name=value`, parted by commas or spaces, in any order.
fn header_parts(parts: &str) -> [Option<&str>; 3] {
    const NAMES: [&str; 3] = ["Credential=", "Signature=", "SignedHeaders="];
    let mut found = [None; 3];
    let mut rest = parts;
    while !rest.is_empty() {
        let word;
        (word, rest) = first_word(rest);
        for (found, name) in found.iter_mut().zip(NAMES) {
            if let Some(value) = word.strip_prefix(name) {
                *found = Some(value).filter(|value| !value.is_empty());
            }
        }
    }
    found
}

/// The first word, and what follows the comma or space at its end. Words are long, so that a vector search pays.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', ',']);
    match memchr::memchr2(b' ', b',', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, ""),
    }
}

fn query_parts(query: &str) -> [Option<String>; 7] {
    let mut found = [const { None }; 7];
    for (name, value) in pairs(query) {
        let optional = ["X-Amz-Expires", "X-Amz-Security-Token"];
        let place = REQUIRED_IN_QUERY.iter().chain(&optional).position(|known| *known == name);
        if let Some(place) = place {
            found[place] = Some(decoded_text(value)).filter(|value| !value.is_empty());
        }
    }
    found
}

fn has_algorithm(query: &str) -> bool {
    pairs(query).any(|(name, _)| name == "X-Amz-Algorithm")
}

/// The parameters of a query string, still encoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// A header that is ASCII.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers
        .get(name)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .filter(|text| text.is_ascii())
}

/// The service that the credentials of a request name, signed or not: routes a request that nothing else routes. It is
/// not verified.
pub fn signing_service<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    match claimed_credential(headers, uri)? {
        Cow::Borrowed(credential) => credential.split('/').nth(3).map(Cow::Borrowed),
        Cow::Owned(credential) => credential.split('/').nth(3).map(|service| Cow::Owned(service.to_owned())),
    }
}

/// The access key that the credentials of a request name, cut to the length of a key; it is not verified.
pub fn claimed_access_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let credential = claimed_credential(headers, uri)?;
    let key = credential.split(['/', ',', ' ']).next()?;
    Some(key.chars().take(ACCESS_KEY_CHARACTERS_MAX).collect())
}

/// No access key is longer.
const ACCESS_KEY_CHARACTERS_MAX: usize = 128;

fn claimed_credential<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<Cow<'a, str>> {
    match text(headers, &header::AUTHORIZATION) {
        Some(authorization) => Some(Cow::Borrowed(authorization.split_once("Credential=")?.1)),
        None => {
            let mut parameters = pairs(uri.query()?);
            let (_, value) = parameters.find(|(name, _)| *name == "X-Amz-Credential")?;
            Some(Cow::Owned(decoded_text(value)))
        }
    }
}
