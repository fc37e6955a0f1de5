//! The form of a sealed value.
//!
//! ```text
//! format u8 = 128 | generation u32 LE | nonce 12 | ciphertext | tag 16
//! ```
//!
//! Authenticated with it: format and generation, what it is (1 row, 2 record of a feed, 3 document), and its place: the
//! key of the row or document, the feed of the record. No open value begins with 128.

use crate::data_key::{DataKey, NONCE_BYTES, TAG_BYTES};
use smallvec::SmallVec;
use stdx::Random;
use store::{FeedId, StoreError};

/// What a sealed value begins with.
pub const FORMAT: u8 = 128;
const HEAD_BYTES: usize = 1 + 4;
const OVERHEAD_BYTES: usize = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Row(&'a [u8]),
    Feed(FeedId),
    Document(&'a [u8]),
}

impl Place<'_> {
    fn write(self, out: &mut SmallVec<[u8; 128]>) {
        match self {
            Place::Row(key) => {
                out.push(1);
                out.extend_from_slice(key);
            }
            Place::Feed(FeedId(feed)) => {
                out.push(2);
                out.extend_from_slice(&feed.to_be_bytes());
            }
            Place::Document(key) => {
                out.push(3);
                out.extend_from_slice(key);
            }
        }
    }

    fn name(self) -> String {
        match self {
            Place::Row(key) => format!("the row {}", stdx::hex::encode(key)),
            Place::Feed(FeedId(feed)) => format!("a record of feed {feed}"),
            Place::Document(key) => {
                format!("the document {}", String::from_utf8_lossy(key).replace('\0', "/"))
            }
        }
    }
}

/// Why a value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Key or place are others, or bits have changed.
    Changed,
    /// Shorter than any sealed value.
    Cut,
    /// It is not sealed, where everything is.
    Open,
    /// The generation of its key is gone.
    Lost(u32),
    /// The generation is one that this server does not know yet.
    Newer(u32),
}

impl Fault {
    pub(crate) fn of(self, place: Place<'_>) -> StoreError {
        let place = place.name();
        match self {
            Fault::Changed => StoreError::Corrupt(format!(
                "{place} does not open under its key: it was changed, moved from another place, or sealed under \
                 another key"
            )),
            Fault::Cut => StoreError::Corrupt(format!("{place} is sealed and cut short")),
            Fault::Open => StoreError::Corrupt(format!("{place} is not sealed, where everything is")),
            Fault::Lost(generation) => StoreError::Corrupt(format!(
                "{place} is sealed under generation {generation} of its key, which is not there any more"
            )),
            Fault::Newer(generation) => StoreError::Unavailable(format!(
                "{place} is sealed under generation {generation} of its key, which this server is about to learn"
            )),
        }
    }
}

fn aad(head: &[u8], place: Place<'_>) -> SmallVec<[u8; 128]> {
    let mut aad = SmallVec::from_slice(head);
    place.write(&mut aad);
    aad
}

/// Seals a value.
pub(crate) fn seal(
    key: &DataKey,
    generation: u32,
    place: Place<'_>,
    value: &[u8],
    random: &Random,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(OVERHEAD_BYTES + value.len());
    out.push(FORMAT);
    out.extend_from_slice(&generation.to_le_bytes());
    let aad = aad(&out, place);
    let nonce = nonce(random);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(value);
    let tag = key.seal(&nonce, &aad, &mut out[HEAD_BYTES + NONCE_BYTES..]);
    out.extend_from_slice(&tag);
    out
}

fn nonce(random: &Random) -> [u8; NONCE_BYTES] {
    let [low, high] = random.draw();
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
    *bytes.first_chunk().expect("twelve bytes of sixteen")
}

/// A sealed value, taken apart.
pub(crate) struct Sealed<'v> {
    pub generation: u32,
    head: &'v [u8],
    nonce: &'v [u8; NONCE_BYTES],
    ciphertext: &'v [u8],
    tag: &'v [u8; TAG_BYTES],
}

impl<'v> Sealed<'v> {
    /// `None`: the value is not sealed.
    pub(crate) fn read(stored: &'v [u8]) -> Result<Option<Sealed<'v>>, Fault> {
        if stored.first() != Some(&FORMAT) {
            return Ok(None);
        }
        let (head, rest) = stored.split_at_checked(HEAD_BYTES).ok_or(Fault::Cut)?;
        let (nonce, rest) = rest.split_first_chunk().ok_or(Fault::Cut)?;
        let (ciphertext, tag) = rest.split_last_chunk().ok_or(Fault::Cut)?;
        let generation = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
        Ok(Some(Sealed { generation, head, nonce, ciphertext, tag }))
    }

    /// `None`: it does not open. The value is not wiped when it is dropped, as none of the copies are that are made of
    /// it on its way to a client.
    pub(crate) fn open(&self, key: &DataKey, place: Place<'_>) -> Option<Vec<u8>> {
        let mut value = self.ciphertext.to_vec();
        let is_open = key.open(self.nonce, &aad(self.head, place), &mut value, self.tag);
        is_open.then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(bytes: &[u8], key: u8, place: Place<'_>) -> bool {
        let sealed = Sealed::read(bytes).ok().flatten();
        sealed.is_some_and(|sealed| sealed.open(&DataKey::new(&[key; 32]), place).is_some())
    }

    #[test]
    fn a_value_opens_under_its_key_and_at_its_place_only() {
        let random = Random::from_seed(1);
        let bytes = seal(&DataKey::new(&[7; 32]), 3, Place::Row(b"key"), b"value", &random);
        assert!(opens(&bytes, 7, Place::Row(b"key")));
        assert!(!opens(&bytes, 8, Place::Row(b"key")) && !opens(&bytes, 7, Place::Row(b"kez")));
        assert!(!opens(&bytes, 7, Place::Document(b"key")) && !opens(&bytes, 7, Place::Feed(FeedId(1))));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(!opens(&changed, 7, Place::Row(b"key")), "{at}");
            assert!(!opens(&bytes[..at], 7, Place::Row(b"key")), "{at}");
        }
    }

    #[test]
    fn a_value_is_sealed_differently_each_time() {
        let (random, key) = (Random::from_seed(1), DataKey::new(&[7; 32]));
        let sealed = || seal(&key, 1, Place::Feed(FeedId(1)), b"value", &random);
        assert_ne!(sealed(), sealed());
    }

    /// The format on disk: if this changes, its number must.
    #[test]
    fn the_format_is_fixed() {
        let bytes = stdx::hex::decode(FIXTURE).unwrap();
        let sealed = Sealed::read(&bytes).unwrap().unwrap();
        assert_eq!(sealed.generation, 258);
        let opened = sealed.open(&DataKey::new(&[7; 32]), Place::Row(b"\x01\x00key")).unwrap();
        assert_eq!(opened.as_slice(), b"an item");
        let random = Random::from_seed(1);
        let again = seal(&DataKey::new(&[7; 32]), 258, Place::Row(b"\x01\x00key"), b"an item", &random);
        assert_eq!(stdx::hex::encode(&again), FIXTURE);
    }

    const FIXTURE: &str = "8002010000c15c0289ec2d0a9167ec8e658602d839f010b69815c3823d4aa711e78aa91f2318318d";
}
