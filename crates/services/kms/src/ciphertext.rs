//! What Encrypt answers: bytes that name the key and its material, so that Decrypt needs nothing else.
//!
//! ```text
//! 01 53 | key id 16 | material id 16 | nonce 12 | ciphertext | tag 16
//! ```
//!
//! AES-256-GCM under the material; everything in front of the nonce and the encryption context are authenticated.

use crate::context::EncryptionContext;
use crate::root_key::{PlainKey, aead, decrypted, encrypted};
use stdx::hex;
use zeroize::Zeroizing;

const MAGIC: [u8; 2] = [0x01, 0x53];
const ID_BYTES: usize = 16;
const HEAD_BYTES: usize = MAGIC.len() + 2 * ID_BYTES;

/// A ciphertext that has been taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ciphertext<'a> {
    head: &'a [u8; HEAD_BYTES],
    sealed: &'a [u8],
}

/// Encrypts under a key, whose id is a UUID, and the material of this id.
pub fn encrypt(
    key_id: &str,
    material_id: &str,
    material: &PlainKey,
    context: &EncryptionContext,
    plaintext: &[u8],
) -> Vec<u8> {
    let mut blob = Vec::with_capacity(HEAD_BYTES + plaintext.len() + 32);
    blob.extend_from_slice(&MAGIC);
    blob.extend_from_slice(&id_bytes(key_id));
    blob.extend_from_slice(&id_bytes(material_id));
    let aad = [&blob[..], &context.canonical()].concat();
    blob.extend(encrypted(&aead(material), &aad, plaintext));
    blob
}

impl<'a> Ciphertext<'a> {
    /// Takes bytes apart; `None` if no key of this server has made them.
    pub fn parse(blob: &'a [u8]) -> Option<Self> {
        let (head, sealed) = blob.split_first_chunk::<HEAD_BYTES>()?;
        head.starts_with(&MAGIC).then_some(Ciphertext { head, sealed })
    }

    /// The id of the key.
    pub fn key_id(&self) -> String {
        let id = hex::encode(&self.head[MAGIC.len()..MAGIC.len() + ID_BYTES]);
        format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
    }

    /// Whether this is the material's id.
    pub fn is_of_material(&self, material_id: &str) -> bool {
        self.head[MAGIC.len() + ID_BYTES..] == id_bytes(material_id)
    }

    /// The plaintext; `None` if the material or the context are not those, or a bit has changed.
    pub fn decrypt(&self, material: &PlainKey, context: &EncryptionContext) -> Option<Zeroizing<Vec<u8>>> {
        let aad = [&self.head[..], &context.canonical()].concat();
        decrypted(&aead(material), &aad, self.sealed)
    }
}

/// The first 16 bytes that an id's hexadecimal digits spell.
fn id_bytes(id: &str) -> [u8; ID_BYTES] {
    let digits: String = id.chars().filter(|c| *c != '-').take(2 * ID_BYTES).collect();
    let bytes = hex::decode(&digits).and_then(|bytes| bytes.try_into().ok());
    bytes.expect("ids of keys and of their material are hexadecimal")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const KEY: &str = "0123abcd-4567-4ef0-8123-456789abcdef";

    #[test]
    fn a_ciphertext_opens_with_its_material_and_context_only() {
        let (material, id) = (PlainKey::new([3; 32]), "ab".repeat(32));
        let context = EncryptionContext::of(Some(BTreeMap::from([("a".into(), "b".into())]))).unwrap();
        let blob = encrypt(KEY, &id, &material, &context, b"hello");
        let parsed = Ciphertext::parse(&blob).unwrap();
        assert_eq!(parsed.key_id(), KEY);
        assert!(parsed.is_of_material(&id) && !parsed.is_of_material(&"ac".repeat(32)));
        assert_eq!(parsed.decrypt(&material, &context).unwrap().as_slice(), b"hello");
        assert!(parsed.decrypt(&material, &EncryptionContext::default()).is_none());
        assert!(parsed.decrypt(&PlainKey::new([4; 32]), &context).is_none());
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 0x80;
            let opened = Ciphertext::parse(&changed).and_then(|parsed| parsed.decrypt(&material, &context));
            assert!(opened.is_none(), "{at}");
        }
        assert!(Ciphertext::parse(&blob[..HEAD_BYTES - 1]).is_none());
        assert!(Ciphertext::parse(&blob[..HEAD_BYTES]).unwrap().decrypt(&material, &context).is_none());
    }
}
