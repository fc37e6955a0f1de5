//! The canonical request, hashed from its pieces: the text itself never exists.

use super::{Payload, path};
use crate::form::{Carrier, Form, pairs};
use crate::percent::{decoded, encoded};
use http::header::HOST;
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

/// What clients that speak HTTP/2 may sign in place of `host`. The listener makes one of the other.
pub(crate) const AUTHORITY: &str = ":authority";

/// The parts of a request that a signature covers.
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    /// `None` where it is not here yet.
    pub(crate) body: Option<&'a [u8]>,
    pub(crate) payload: &'a Payload,
    /// The service of the scope: it decides how the path is signed.
    pub(crate) service: &'a str,
}

impl Canonical<'_> {
    /// The hash that is signed.
    pub(crate) fn digest(&self, form: &Form<'_>) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.method.as_str());
        hash.update("\n");
        hash.update(&*path::canonical(self.path, self.service));
        hash.update("\n");
        self.add_query(&mut hash, form.carrier);
        hash.update("\n");
        for name in form.signed_headers.split(';') {
            self.add_header(&mut hash, name);
        }
        hash.update("\n");
        hash.update(form.signed_headers.as_bytes());
        hash.update("\n");
        hash.update(self.payload.as_bytes());
        hash.finalize().into()
    }

    /// Parameters encoded and sorted; the signature itself is not signed.
    fn add_query(&self, hash: &mut Sha256, carrier: Carrier) {
        let is_signed = |name: &[u8]| carrier == Carrier::Header || name != b"X-Amz-Signature";
        let mut parameters: Vec<(String, String)> = pairs(self.query)
            .map(|(name, value)| (decoded(name), decoded(value)))
            .filter(|(name, _)| is_signed(name))
            .map(|(name, value)| (encoded(&name), encoded(&value)))
            .collect();
        parameters.sort();
        for (place, (name, value)) in parameters.iter().enumerate() {
            hash.update(if place == 0 { "" } else { "&" });
            hash.update(name);
            hash.update("=");
            hash.update(value);
        }
    }

    /// `name:value`, several values parted by commas, white space trimmed and runs of it made one blank.
    fn add_header(&self, hash: &mut Sha256, name: &str) {
        hash.update(name);
        let name = if name == AUTHORITY { HOST.as_str() } else { name };
        for (place, value) in self.headers.get_all(name).iter().enumerate() {
            hash.update(if place == 0 { ":" } else { "," });
            add_trimmed(hash, value.as_bytes());
        }
        hash.update(if self.headers.contains_key(name) { "\n" } else { ":\n" });
    }
}

fn add_trimmed(hash: &mut Sha256, value: &[u8]) {
    let value = value.trim_ascii();
    if !value.windows(2).any(|pair| pair == b"  ") {
        return hash.update(value);
    }
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        hash.update(if place == 0 { "" } else { " " });
        hash.update(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_authority_of_http_2_is_the_host() {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("localhost:8000"))]);
        let (method, payload) = (&Method::POST, &Payload::Unsigned);
        let request = Canonical {
            method,
            path: "/",
            query: "",
            headers: &headers,
            body: None,
            payload,
            service: "kinesis",
        };
        let form = Form {
            carrier: Carrier::Header,
            algorithm: "".into(),
            credential: "".into(),
            signed_headers: AUTHORITY.into(),
            signature: "".into(),
            date: "".into(),
            session_token: None,
        };
        let mut text = b"POST\n/\n\n:authority:localhost:8000\n\n:authority\n".to_vec();
        text.extend_from_slice(payload.as_bytes());
        assert_eq!(request.digest(&form), *Sha256::digest(text));
    }
}
