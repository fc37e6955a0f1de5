//! Hash keys: the MD5 of a partition key as a number of 128 bits, and ranges of them.

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

/// The hash key of a partition key.
pub fn hash_of(partition_key: &str) -> u128 {
    u128::from_be_bytes(Md5::digest(partition_key.as_bytes()).into())
}

/// All hash keys from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashRange {
    /// The lowest.
    pub first: u128,
    /// The highest.
    pub last: u128,
}

impl HashRange {
    /// Every hash key there is.
    pub const ALL: HashRange = HashRange { first: 0, last: u128::MAX };

    /// Whether a hash key is one of them.
    pub fn contains(&self, hash: u128) -> bool {
        (self.first..=self.last).contains(&hash)
    }

    /// All hash keys in so many ranges of the same size; the last takes what is left over.
    pub fn evenly(count: u32) -> impl Iterator<Item = HashRange> {
        let count = u128::from(count.max(1));
        let size = (u128::MAX / count).wrapping_add((u128::MAX % count + 1) / count); // 2^128 / count
        (0..count).map(move |index| HashRange {
            first: index.wrapping_mul(size),
            last: if index + 1 == count { u128::MAX } else { (index + 1) * size - 1 },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_all_hash_keys() {
        for count in [1, 2, 3, 4, 7, 1_000] {
            let ranges: Vec<_> = HashRange::evenly(count).collect();
            assert_eq!((ranges[0].first, ranges[ranges.len() - 1].last), (0, u128::MAX), "{count}");
            assert!(
                ranges.windows(2).all(|pair| pair[0].last.checked_add(1) == Some(pair[1].first)),
                "{count}"
            );
        }
        let two: Vec<_> = HashRange::evenly(2).collect();
        assert_eq!(two[1].first, 170_141_183_460_469_231_731_687_303_715_884_105_728);
    }

    #[test]
    fn a_hash_key_is_the_md5_of_the_partition_key() {
        assert_eq!(hash_of(""), 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
    }
}
