//! The keyed hash of partition keys and item keys.

use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;

/// A hash of 128 bits; sorts by its bytes.
pub(crate) type Hash = [u8; 16];

/// Hashes the key bytes of one or several attributes, keyed per table.
pub(crate) fn hash128<'a>(key: &[u8; 16], attributes: impl ExactSizeIterator<Item = &'a [u8]>) -> Hash {
    let mut hasher = SipHasher24::new_with_key(key);
    let several = attributes.len() > 1;
    for bytes in attributes {
        if several {
            hasher.write(&(bytes.len() as u32).to_be_bytes());
        }
        hasher.write(bytes);
    }
    hasher.finish128().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        let key: [u8; 16] = std::array::from_fn(|i| i as u8);
        // First vector of SipHash-2-4-128's reference: the empty input.
        let empty: [&[u8]; 1] = [b""];
        assert_eq!(
            hash128(&key, empty.into_iter()),
            [0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93]
        );
    }

    #[test]
    fn lengths_keep_several_attributes_apart() {
        let hash = |parts: &[&[u8]]| hash128(&[7; 16], parts.iter().copied());
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"abc"]), hash(&[b"a", b"bc"]));
        assert_eq!(hash(&[b"a", b"bc"]), hash(&[b"a", b"bc"]));
    }
}
