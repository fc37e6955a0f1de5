//! Signature Version 4: pure functions of a request, a date and a secret.

pub(crate) mod amz_date;
mod body_check;
mod canonical;
mod chunks;
mod path;
mod payload;
mod sign;
mod signing_key;

use crate::auth_error::AuthError;
use crate::form::Form;
use crate::scope::Scope;
pub use body_check::BodyCheck;
pub(crate) use canonical::{AUTHORITY, Canonical};
pub(crate) use chunks::Chain;
pub use chunks::{Chunked, Trailers, decode_chunks};
pub(crate) use payload::{Chunking, Payload};
use sha2::{Digest, Sha256};
pub use sign::{Signer, UnusableKey};
pub(crate) use signing_key::SigningKey;

/// Whether `form` was signed with `key` over this request, its chunks too where the body is in chunks.
pub(crate) fn check(
    key: &SigningKey,
    form: &Form<'_>,
    scope: &Scope<'_>,
    request: &Canonical<'_>,
) -> Result<(), AuthError> {
    let digest = hex(&request.digest(form));
    let mut mac = key.mac();
    add_head(&mut mac, ALGORITHM, &form.date, scope);
    mac.add(&digest);
    if !mac.matches_hex(&form.signature) {
        return Err(AuthError::SignatureMismatch);
    }
    chunks::check(key, form, scope, request)
}

/// What every text that is signed begins with: the algorithm, the date, the scope.
fn add_head(mac: &mut signing_key::Mac, algorithm: &str, signed: &str, scope: &Scope<'_>) {
    let Scope { date, region, service, terminator, .. } = scope;
    let pieces: [&str; 12] =
        [algorithm, "\n", signed, "\n", date, "/", region, "/", service, "/", terminator, "\n"];
    pieces.iter().for_each(|piece| mac.add(piece.as_bytes()));
}

/// The one algorithm there is.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Whether the service signs paths as they are and may leave bodies unsigned: S3 alone.
fn is_s3(service: &str) -> bool {
    service == "s3"
}

/// The digest of a canonical request that has nothing but its host and its date: `POST /` without query and body.
pub(crate) fn digest_of_empty_post(host: &str, date: &str) -> [u8; 64] {
    let empty = hex_hash(b"");
    let head = format!("POST\n/\n\nhost:{host}\nx-amz-date:{date}\n\nhost;x-amz-date\n");
    hex_hash(&[head.as_bytes(), &empty].concat())
}

/// Lower-case hexadecimal of the hash of some bytes.
fn hex_hash(bytes: &[u8]) -> [u8; 64] {
    hex(&Sha256::digest(bytes).into())
}

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
