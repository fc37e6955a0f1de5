//! What both sides sign, with HMAC-SHA-256 under the key that they share.
//!
//! ```text
//! call:    stator-peer-call \n version \n method \n path \n regions \n time µs \n nonce \n SHA-256 of the body, in hex
//! answer:  stator-peer-answer \n signature of the call \n status \n SHA-256 of the body, in hex
//! ```
//!
//! No part can contain a line feed. Signatures are compared in constant time.

use hmac::{Hmac, Mac as _};
use sha2::{Digest, Sha256};

/// What of a call is signed beside its body.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    /// Of the protocol.
    pub version: u32,
    /// Method of the request.
    pub method: &'a str,
    /// Path of the request, the name of the call included.
    pub path: &'a str,
    /// The regions that the caller hosts, with commas between.
    pub regions: &'a str,
    /// When it was signed, in microseconds since the Unix epoch.
    pub time_micros: u64,
    /// Different in each call.
    pub nonce: &'a str,
}

/// What is signed of a body: computed once, however many keys a signature is tried with.
#[derive(Debug, Clone)]
pub struct BodyHash(String);

impl BodyHash {
    /// Of a body.
    pub fn of(body: &[u8]) -> BodyHash {
        BodyHash(stdx::hex::encode(&Sha256::digest(body)))
    }
}

/// The signature of a call.
pub fn call(key: &str, signed: Signed<'_>, body: &BodyHash) -> [u8; 32] {
    begun(key, signed, body).finalize().into_bytes().into()
}

/// Whether this is the signature of a call.
pub fn is_call(key: &str, signed: Signed<'_>, body: &BodyHash, signature: &[u8]) -> bool {
    begun(key, signed, body).verify_slice(signature).is_ok()
}

/// The signature of an answer to the call with a signature.
pub fn answer(key: &str, of_call: &[u8], status: u16, body: &[u8]) -> [u8; 32] {
    begun_answer(key, of_call, status, body).finalize().into_bytes().into()
}

/// Whether this is the signature of an answer.
pub fn is_answer(key: &str, of_call: &[u8], status: u16, body: &[u8], signature: &[u8]) -> bool {
    begun_answer(key, of_call, status, body).verify_slice(signature).is_ok()
}

fn begun(key: &str, signed: Signed<'_>, BodyHash(hash): &BodyHash) -> Hmac<Sha256> {
    let Signed { version, method, path, regions, time_micros, nonce } = signed;
    let text =
        format!("stator-peer-call\n{version}\n{method}\n{path}\n{regions}\n{time_micros}\n{nonce}\n{hash}");
    of(key, &text)
}

fn begun_answer(key: &str, of_call: &[u8], status: u16, body: &[u8]) -> Hmac<Sha256> {
    let BodyHash(hash) = BodyHash::of(body);
    of(key, &format!("stator-peer-answer\n{}\n{status}\n{hash}", stdx::hex::encode(of_call)))
}

fn of(key: &str, text: &str) -> Hmac<Sha256> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    hmac.update(text.as_bytes());
    hmac
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: Signed<'static> = Signed {
        version: 1,
        method: "POST",
        path: "/_stator/peers/hello",
        regions: "us-east-1",
        time_micros: 5,
        nonce: "00",
    };

    /// The form on the wire: if this changes, the version of the protocol must.
    #[test]
    fn the_form_is_fixed() {
        let body = BodyHash::of(b"body");
        let signature = call("key", SIGNED, &body);
        let hex = stdx::hex::encode(&signature);
        assert_eq!(hex, "e9452b9a488a98ebcf9acf7ab52c2af8299491623be85c1cb54dfc1399108d0e");
        let answered = answer("key", &signature, 200, b"answer");
        assert_eq!(
            stdx::hex::encode(&answered),
            "19ac5cf3e488a385ec235058f2e9522709d8aab2a6d45dcfe5b3c62cfcebae26"
        );
    }

    #[test]
    fn every_part_is_signed() {
        let body = BodyHash::of(b"body");
        let signature = call("key", SIGNED, &body);
        assert!(is_call("key", SIGNED, &body, &signature));
        let others = [
            Signed { version: 2, ..SIGNED },
            Signed { method: "GET", ..SIGNED },
            Signed { path: "/", ..SIGNED },
            Signed { regions: "us-east-2", ..SIGNED },
            Signed { time_micros: 6, ..SIGNED },
            Signed { nonce: "01", ..SIGNED },
        ];
        assert!(others.iter().all(|other| !is_call("key", *other, &body, &signature)));
        assert!(!is_call("other", SIGNED, &body, &signature));
        assert!((0..32).all(|len| !is_call("key", SIGNED, &body, &signature[..len])));
        assert!(!is_call("key", SIGNED, &BodyHash::of(b""), &signature));
        let answered = answer("key", &signature, 200, b"answer");
        assert!(is_answer("key", &signature, 200, b"answer", &answered));
        assert!(!is_answer("key", &signature, 400, b"answer", &answered));
        assert!(!is_answer("key", &answered, 200, b"answer", &answered));
        assert!(!is_answer("key", &signature, 200, b"other", &answered));
    }
}
