//! The first access key of a server.

use stdx::Random;

/// A key that may do everything.
pub(super) struct RootKey {
    /// 20 characters, as those of AWS.
    pub(super) id: String,
    /// 40 characters.
    pub(super) secret: String,
}

const ID_ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET_ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const SECRET_CHARACTERS: usize = 40;
const ID_CHARACTERS: usize = 16;

/// A key with 240 random bits in its secret.
pub(super) fn root() -> RootKey {
    let bytes: Vec<u8> = (0..2).flat_map(|_| Random::secret()).collect();
    let (id, secret) = (&bytes[..ID_CHARACTERS], &bytes[ID_CHARACTERS..ID_CHARACTERS + SECRET_CHARACTERS]);
    RootKey { id: format!("AKIA{}", spelled(id, ID_ALPHABET)), secret: spelled(secret, SECRET_ALPHABET) }
}

/// A character for each byte; the alphabets' lengths divide 256, so all are equally likely.
fn spelled(bytes: &[u8], alphabet: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}
