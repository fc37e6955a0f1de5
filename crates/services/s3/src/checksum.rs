//! Checksums of objects: MD5, which makes ETags, and the one of five that a client chooses, computed as bytes go by.

use crate::errors;
use crc::{CRC_32_ISCSI, CRC_64_NVME, Crc, Digest as CrcDigest, Table};
use md5::{Digest, Md5};
use model::ApiError;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::Sha256;
use wire::json::{base64_text, decode_base64};

static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
static CRC64NVME: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

/// An algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64nvme,
    Sha1,
    Sha256,
}

/// All of them.
pub(crate) const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64nvme, Algorithm::Sha1, Algorithm::Sha256];

/// A checksum that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// In base64.
    pub(crate) value: String,
    pub(crate) covers: Covers,
}

/// What a checksum is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Covers {
    /// All bytes.
    FullObject,
    /// The checksums of the parts.
    Composite,
}

impl Covers {
    /// Its name in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Covers::FullObject => "FULL_OBJECT",
            Covers::Composite => "COMPOSITE",
        }
    }
}

impl Algorithm {
    /// Its name in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32c => "CRC32C",
            Algorithm::Crc64nvme => "CRC64NVME",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// The algorithm of a name, in any case.
    pub(crate) fn named(name: &str) -> Option<Algorithm> {
        ALGORITHMS.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// The polynomial of a checksum that can be computed of parts' checksums, in reversed order of bits.
    fn polynomial(self) -> Option<u64> {
        match self {
            Algorithm::Crc32 => Some(0xEDB8_8320),
            Algorithm::Crc32c => Some(0x82F6_3B78),
            Algorithm::Crc64nvme => Some(0x9A6C_9329_AC4B_C9B5),
            Algorithm::Sha1 | Algorithm::Sha256 => None,
        }
    }

    /// The digests of bytes.
    fn of(self, bytes: &[u8]) -> String {
        let mut digests = Digests::new(self);
        digests.update(bytes);
        digests.finish().checksum.value
    }

    fn bytes(self) -> usize {
        match self {
            Algorithm::Crc32 | Algorithm::Crc32c => 4,
            Algorithm::Crc64nvme => 8,
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
        }
    }

    /// Refuses a text that is no value of it.
    pub(crate) fn check(self, value: &str) -> Result<(), ApiError> {
        let mut bytes = Vec::new();
        let is_value = decode_base64(value, &mut bytes).is_ok() && bytes.len() == self.bytes();
        if is_value { Ok(()) } else { Err(errors::invalid_checksum(self.name())) }
    }
}

/// What a client says of the bytes that it sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expected {
    /// `Content-MD5`, in base64.
    pub(crate) md5: Option<String>,
    /// The algorithm that it has chosen; without one it is CRC64NVME.
    pub(crate) algorithm: Option<Algorithm>,
    /// The value, where it came before the bytes.
    pub(crate) value: Option<String>,
}

impl Expected {
    /// The algorithm that is computed.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(Algorithm::Crc64nvme)
    }

    /// Refuses a digest that is none.
    pub(crate) fn check(&self) -> Result<(), ApiError> {
        let mut bytes = Vec::new();
        match &self.md5 {
            Some(md5) if decode_base64(md5, &mut bytes).is_err() || bytes.len() != 16 => {
                Err(errors::invalid_digest(md5))
            }
            _ => Ok(()),
        }
    }
}

/// The digests of bytes that go by.
pub(crate) struct Digests {
    md5: Md5,
    algorithm: Algorithm,
    chosen: Chosen,
}

enum Chosen {
    Crc32(crc32fast::Hasher),
    Crc32c(CrcDigest<'static, u32, Table<16>>),
    Crc64nvme(CrcDigest<'static, u64, Table<16>>),
    Sha1(Sha1),
    Sha256(Sha256),
}

/// The digests of bytes that went by.
#[derive(Debug, Clone)]
pub(crate) struct Digested {
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
}

impl Digests {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let chosen = match algorithm {
            Algorithm::Crc32 => Chosen::Crc32(crc32fast::Hasher::new()),
            Algorithm::Crc32c => Chosen::Crc32c(CRC32C.digest()),
            Algorithm::Crc64nvme => Chosen::Crc64nvme(CRC64NVME.digest()),
            Algorithm::Sha1 => Chosen::Sha1(Sha1::new()),
            Algorithm::Sha256 => Chosen::Sha256(Sha256::new()),
        };
        Digests { md5: Md5::new(), algorithm, chosen }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.md5.update(bytes);
        match &mut self.chosen {
            Chosen::Crc32(hash) => hash.update(bytes),
            Chosen::Crc32c(hash) => hash.update(bytes),
            Chosen::Crc64nvme(hash) => hash.update(bytes),
            Chosen::Sha1(hash) => hash.update(bytes),
            Chosen::Sha256(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Digested {
        let value = match self.chosen {
            Chosen::Crc32(hash) => hash.finalize().to_be_bytes().to_vec(),
            Chosen::Crc32c(hash) => hash.finalize().to_be_bytes().to_vec(),
            Chosen::Crc64nvme(hash) => hash.finalize().to_be_bytes().to_vec(),
            Chosen::Sha1(hash) => hash.finalize().to_vec(),
            Chosen::Sha256(hash) => hash.finalize().to_vec(),
        };
        let (algorithm, value) = (self.algorithm, base64_text(&value));
        Digested {
            md5: self.md5.finalize().into(),
            checksum: Checksum { algorithm, value, covers: Covers::FullObject },
        }
    }
}

impl Digested {
    /// Refuses bytes that are not what the client has said.
    pub(crate) fn check(&self, expected: &Expected) -> Result<(), ApiError> {
        if expected.md5.as_ref().is_some_and(|md5| *md5 != base64_text(&self.md5)) {
            return Err(errors::bad_md5());
        }
        match &expected.value {
            Some(value) if *value != self.checksum.value => {
                Err(errors::bad_checksum(self.checksum.algorithm.name()))
            }
            _ => Ok(()),
        }
    }
}

/// The checksum of an object by those of its parts and their sizes; `None` where it cannot be known.
pub(crate) fn of_parts<'a>(
    algorithm: Algorithm,
    covers: Covers,
    parts: impl Iterator<Item = (&'a str, u64)> + Clone,
) -> Option<Checksum> {
    let mut bytes = Vec::new();
    let value = match covers {
        Covers::Composite => {
            parts.clone().try_for_each(|(value, _)| decode_base64(value, &mut bytes)).ok()?;
            format!("{}-{}", algorithm.of(&bytes), parts.count())
        }
        Covers::FullObject => {
            let polynomial = algorithm.polynomial()?;
            let width = algorithm.bytes() * 8;
            let mut whole = 0;
            for (value, size) in parts {
                bytes.clear();
                decode_base64(value, &mut bytes).ok()?;
                let part = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
                whole = shifted(whole, size, polynomial, width) ^ part;
            }
            base64_text(&whole.to_be_bytes()[8 - algorithm.bytes()..])
        }
    };
    Some(Checksum { algorithm, value, covers })
}

/// A checksum as it would be behind so many zeros: multiplied by a power of two of the matrix of one zero bit for each
/// bit of the number.
fn shifted(mut checksum: u64, zeros: u64, polynomial: u64, width: usize) -> u64 {
    let mut matrix: Vec<u64> =
        (0..width).map(|bit| if bit == 0 { polynomial } else { 1 << (bit - 1) }).collect();
    let apply = |matrix: &[u64], vector: u64| {
        let columns = matrix.iter().enumerate().filter(|(bit, _)| vector >> bit & 1 == 1);
        columns.fold(0, |sum, (_, column)| sum ^ column)
    };
    let square = |matrix: &[u64]| matrix.iter().map(|column| apply(matrix, *column)).collect::<Vec<u64>>();
    // A byte has eight bits, so the matrix is squared three times before the first one of bytes.
    for _ in 0..3 {
        matrix = square(&matrix);
    }
    let mut left = zeros;
    while left > 0 {
        if left & 1 == 1 {
            checksum = apply(&matrix, checksum);
        }
        matrix = square(&matrix);
        left >>= 1;
    }
    checksum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What parts give is what the whole would.
    #[test]
    fn checksums_of_parts() {
        let whole: Vec<u8> = (0..100_000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64nvme] {
            for cut in [1, 7, 50_000, 99_999] {
                let (first, second) = whole.split_at(cut);
                let parts = [(algorithm.of(first), first.len()), (algorithm.of(second), second.len())];
                let parts = parts.iter().map(|(value, size)| (value.as_str(), *size as u64));
                let checksum = of_parts(algorithm, Covers::FullObject, parts).unwrap();
                assert_eq!(checksum.value, algorithm.of(&whole), "{algorithm:?} at {cut}");
            }
        }
        let parts = [("y/Q5Jg==", 9), ("y/Q5Jg==", 9)].into_iter();
        assert!(of_parts(Algorithm::Crc32, Covers::Composite, parts).unwrap().value.ends_with("==-2"));
        assert!(of_parts(Algorithm::Sha1, Covers::FullObject, [].into_iter()).is_none());
    }

    /// The check values of the algorithms' catalogues, of the digits 1 to 9.
    #[test]
    fn known_values() {
        for (algorithm, value) in [
            (Algorithm::Crc32, "y/Q5Jg=="),
            (Algorithm::Crc32c, "4waSgw=="),
            (Algorithm::Crc64nvme, "rosUhgp5mIg="),
            (Algorithm::Sha1, "98O8HYCOBHMq32eZZczDTKeuNEE="),
            (Algorithm::Sha256, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        ] {
            let mut digests = Digests::new(algorithm);
            digests.update(b"1234");
            digests.update(b"56789");
            assert_eq!(digests.finish().checksum.value, value, "{algorithm:?}");
            assert!(algorithm.check(value).is_ok() && algorithm.check("AAA=").is_err());
        }
    }
}
