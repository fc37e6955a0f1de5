//! Random bytes that a client encrypts with elsewhere.

use model::ApiError;
use stdx::Random;
use zeroize::Zeroizing;

/// How many, by the name of a kind of key or as a number: one of them.
pub(super) fn bytes(key_spec: Option<&str>, number: Option<i64>) -> Result<usize, ApiError> {
    match (key_spec, number.and_then(|number| usize::try_from(number).ok())) {
        (Some("AES_128"), None) => Ok(16),
        (Some(_), None) => Ok(32),
        (None, Some(number)) => Ok(number),
        _ => Err(ApiError::validation("Please specify either number of bytes or key spec.")),
    }
}

/// Bytes nobody can guess.
pub(super) fn random(bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut random = Zeroizing::new(Vec::with_capacity(bytes + Random::SECRET_BYTES));
    while random.len() < bytes {
        random.extend_from_slice(&Random::secret());
    }
    random.truncate(bytes);
    random
}
