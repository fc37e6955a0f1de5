//! Signature Version 4: pure functions of a request, a date and a secret.

pub(crate) mod amz_date;
mod canonical;
mod signing_key;

use crate::form::Form;
use crate::scope::Scope;
pub(crate) use canonical::Canonical;
pub(crate) use signing_key::SigningKey;

/// Whether the signature of `form` was made with `key` over this request.
pub(crate) fn matches(key: &SigningKey, form: &Form<'_>, scope: &Scope<'_>, request: &Canonical<'_>) -> bool {
    let digest = hex(&request.digest(form));
    let Scope { date, region, service, terminator, .. } = scope;
    let pieces: [&str; 12] =
        [ALGORITHM, "\n", &form.date, "\n", date, "/", region, "/", service, "/", terminator, "\n"];
    let mut mac = key.mac();
    pieces.iter().for_each(|piece| mac.add(piece.as_bytes()));
    mac.add(&digest);
    mac.matches_hex(&form.signature)
}

/// The one algorithm there is.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Lower-case hexadecimal of a hash.
fn hex(hash: &[u8; 32]) -> [u8; 64] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut out = [0; 64];
    for (pair, byte) in out.chunks_exact_mut(2).zip(hash) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    out
}
