//! The canonical request, hashed from its pieces: the text itself never exists.

use super::hex;
use crate::form::{Carrier, Form, pairs, percent_decoded};
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

/// The parts of a request that a signature covers. The path is not among them: only `/` is ever served.
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a Method,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

impl Canonical<'_> {
    /// The hash that is signed.
    pub(crate) fn digest(&self, form: &Form<'_>) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.method.as_str());
        hash.update("\n/\n");
        self.add_query(&mut hash, form.carrier);
        hash.update("\n");
        for name in form.signed_headers.split(';') {
            self.add_header(&mut hash, name);
        }
        hash.update("\n");
        hash.update(form.signed_headers.as_bytes());
        hash.update("\n");
        hash.update(hex(&Sha256::digest(self.body).into()));
        hash.finalize().into()
    }

    /// Parameters encoded and sorted; the signature itself is not signed.
    fn add_query(&self, hash: &mut Sha256, carrier: Carrier) {
        let is_signed = |name: &str| carrier == Carrier::Header || name != "X-Amz-Signature";
        let mut parameters: Vec<(String, String)> = pairs(self.query)
            .map(|(name, value)| (percent_decoded(name), percent_decoded(value)))
            .filter(|(name, _)| is_signed(name))
            .map(|(name, value)| (percent_encoded(&name), percent_encoded(&value)))
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

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
