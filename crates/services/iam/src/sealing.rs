//! Sealing: what only the servers on this store can read and nobody can change, by AES-256-GCM under a secret of the
//! store. What a text is for is authenticated with it, so one that was sealed for something else does not open.
//!
//! ```text
//! version u8 = 1 | nonce, 12 bytes | ciphertext and tag
//! ```

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use stdx::Random;

const VERSION: u8 = 1;

/// A key that seals.
pub struct Sealing(LessSafeKey);

impl Sealing {
    /// A key of a secret.
    pub fn new(secret: &[u8; 32]) -> Sealing {
        let key = UnboundKey::new(&AES_256_GCM, secret).expect("the key has the algorithm's length");
        Sealing(LessSafeKey::new(key))
    }

    /// Seals bytes for a purpose. The nonce is drawn from the operating system.
    pub fn seal(&self, purpose: &str, bytes: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&Random::secret()[..NONCE_LEN]);
        let mut sealed = bytes.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let done = self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed);
        done.expect("a text is shorter than the algorithm's limit");
        [&[VERSION], &nonce[..], &sealed].concat()
    }

    /// Opens what was sealed for the same purpose; `None` for anything else.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (&[version], rest) = sealed.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_LEN>().filter(|_| version == VERSION)?;
        let mut bytes = rest.to_vec();
        let aad = Aad::from(purpose.as_bytes());
        let opened = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut bytes).ok()?;
        Some(opened.to_vec())
    }
}

impl std::fmt::Debug for Sealing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealing(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_opens() {
        let sealing = Sealing::new(&[7; 32]);
        let sealed = sealing.seal("key", b"secret");
        assert_eq!(sealing.open("key", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(sealing.open("session", &sealed), None);
        assert_eq!(Sealing::new(&[8; 32]).open("key", &sealed), None);
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert_eq!(sealing.open("key", &damaged), None, "{place}");
        }
        for length in 0..sealed.len() {
            assert_eq!(sealing.open("key", &sealed[..length]), None, "{length}");
        }
        assert_ne!(sealing.seal("key", b"secret"), sealed);
    }
}
