//! The root key: what the material of all keys is sealed under. It is handed in from a file, the environment or a
//! command, and never stored; or, for a developer's server, a secret of the store itself, which then protects nothing
//! from who reads the store.
//!
//! ```text
//! sealed:  format u8 = 1 | nonce 12 | ciphertext | tag 16     AES-256-GCM, with the name of what is sealed
//! ```

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fmt;
use std::sync::Arc;
use stdx::Random;
use zeroize::Zeroizing;

const FORMAT: u8 = 1;

/// Length of keys, in bytes.
pub const KEY_BYTES: usize = 32;
/// A key as it is, wiped when it is dropped.
pub type PlainKey = Zeroizing<[u8; KEY_BYTES]>;

/// Seals and opens the material of keys. Cloning it shares it.
#[derive(Clone)]
pub struct RootKey(Arc<LessSafeKey>);

/// Why a store's keys cannot be used with a root key; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The keys are sealed under another one.
    #[error(
        "the keys of this store are sealed under another root key: give the one it was made with; without it what is \
         encrypted cannot be read by anybody"
    )]
    Wrong,
    /// The store's own trouble.
    #[error(transparent)]
    Record(#[from] store::records::RecordError),
}

impl RootKey {
    /// This key.
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        RootKey(Arc::new(aead(bytes)))
    }

    /// Seals what has a name.
    pub fn seal(&self, name: &str, plaintext: &[u8]) -> Vec<u8> {
        let mut sealed = vec![FORMAT];
        sealed.extend(encrypted(&self.0, name.as_bytes(), plaintext));
        sealed
    }

    /// Opens it again; `None` if it was sealed under another key or name, or changed.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (format, sealed) = sealed.split_first()?;
        (*format == FORMAT).then(|| decrypted(&self.0, name.as_bytes(), sealed)).flatten()
    }
}

impl sealing::store_key::Wrapping for RootKey {
    fn wrap(&self, name: &str, bytes: &[u8]) -> Vec<u8> {
        self.seal(name, bytes)
    }

    fn unwrap(&self, name: &str, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.open(name, wrapped)
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey")
    }
}

/// What encrypts under a key.
pub(crate) fn aead(key: &[u8; KEY_BYTES]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has the length of AES-256"))
}

/// Encrypts under a random nonce, which stands in front. `aad` is authenticated, not contained.
pub(crate) fn encrypted(key: &LessSafeKey, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    nonce.copy_from_slice(&Random::secret()[..NONCE_LEN]);
    let mut out = Vec::with_capacity(NONCE_LEN + plaintext.len() + AES_256_GCM.tag_len());
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plaintext);
    let tag = key
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            &mut out[NONCE_LEN..],
        )
        .expect("a few kilobytes are not too long");
    out.extend_from_slice(tag.as_ref());
    out
}

/// What was encrypted; `None` if key or `aad` are not those, or a bit has changed.
pub(crate) fn decrypted(key: &LessSafeKey, aad: &[u8], encrypted: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = encrypted.split_first_chunk::<NONCE_LEN>()?;
    let mut opened = Zeroizing::new(sealed.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, Aad::from(aad), &mut opened).ok()?.len();
    opened.truncate(length);
    Some(opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_name_and_key_only() {
        let root = RootKey::new(&[7; KEY_BYTES]);
        let sealed = root.seal("a", b"secret");
        assert_eq!(root.open("a", &sealed).as_deref().map(Vec::as_slice), Some(&b"secret"[..]));
        assert_ne!(root.seal("a", b"secret"), sealed);
        assert!(root.open("b", &sealed).is_none());
        assert!(RootKey::new(&[8; KEY_BYTES]).open("a", &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(root.open("a", &changed).is_none(), "{at}");
            assert!(root.open("a", &sealed[..at]).is_none(), "{at}");
        }
    }
}
