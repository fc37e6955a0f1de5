//! The keyed hash of partition keys and item keys.

use siphasher::sip128::SipHasher24;
use smallvec::SmallVec;

/// A hash of 128 bits; sorts by its bytes.
pub(crate) type Hash = [u8; 16];

/// Key bytes of several attributes, one after another.
pub(crate) type Joined = SmallVec<[u8; 32]>;

/// Joins what is hashed: one attribute is its key bytes; several are kept apart by their lengths.
pub(crate) struct Joiner {
    pub(crate) joined: Joined,
    several: bool,
}

impl Joiner {
    /// Of so many attributes.
    pub(crate) fn new(attributes: usize) -> Joiner {
        Joiner { joined: Joined::new(), several: attributes > 1 }
    }

    /// Adds the key bytes of the next one.
    pub(crate) fn push(&mut self, value: &[u8]) {
        if self.several {
            self.joined.extend_from_slice(&(value.len() as u32).to_be_bytes());
        }
        self.joined.extend_from_slice(value);
    }
}

/// Hashes the key bytes of one or several attributes, keyed per table.
pub(crate) fn hash128<'a>(key: &[u8; 16], attributes: impl ExactSizeIterator<Item = &'a [u8]>) -> Hash {
    let mut joiner = Joiner::new(attributes.len());
    attributes.for_each(|value| joiner.push(value));
    hash_joined(key, &joiner.joined)
}

/// Hashes attributes that are joined already.
pub(crate) fn hash_joined(key: &[u8; 16], joined: &[u8]) -> Hash {
    SipHasher24::new_with_key(key).hash(joined).as_bytes()
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
