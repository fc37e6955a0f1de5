//! The signing key of a secret, a day, a region and a service, kept as keyed HMAC state: keying it again for
//! every request would be most of the work.

use super::hex;
use crate::credentials::Secret;
use crate::scope::Scope;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::fmt;

/// A key that signs requests of one scope.
#[derive(Clone)]
pub(crate) struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Four HMACs in a row, as the protocol has it.
    pub(crate) fn derive(secret: &Secret, scope: &Scope<'_>) -> Self {
        let initial = [b"AWS4", secret.as_bytes()].concat();
        let elements = [scope.date, scope.region, scope.service, scope.terminator];
        elements.iter().fold(SigningKey(keyed(&initial)), |key, element| {
            let mut mac = key.mac();
            mac.add(element.as_bytes());
            SigningKey(keyed(&mac.0.finalize().into_bytes()))
        })
    }

    /// A signature about to be computed.
    pub(crate) fn mac(&self) -> Mac {
        Mac(self.0.clone())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A signature being computed.
pub(crate) struct Mac(Hmac<Sha256>);

impl Mac {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The signature, in lower-case hexadecimal.
    pub(crate) fn into_hex(self) -> String {
        hex(&self.0.finalize().into_bytes().into()).into_iter().map(char::from).collect()
    }

    /// Compares in constant time.
    pub(crate) fn matches_hex(self, signature: &str) -> bool {
        decoded(signature).is_some_and(|bytes| self.0.verify_slice(&bytes).is_ok())
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Sixty-four lower-case hexadecimal digits.
fn decoded(signature: &str) -> Option<[u8; 32]> {
    let digits = signature.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0; 32];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(out)
}

fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
