//! A bucket as it is kept, and its name.

use crate::encryption::BucketEncryption;
use crate::errors;
use model::ApiError;
use serde::{Deserialize, Serialize};

/// A bucket. Names are one for all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// What the keys of its objects have.
    pub id: u64,
    /// Whose it is.
    pub account: String,
    /// Where it was made.
    pub region: String,
    /// When it was made.
    pub created_millis: u64,
    /// Set while it is looked at whether it is empty, to be deleted: nothing is put in it until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion: Option<Deletion>,
    /// How its objects are encrypted, where that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<BucketEncryption>,
}

/// A deletion that is under way. It has an end, since the server that has begun it may not come to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Deletion {
    pub(crate) id: u64,
    pub(crate) until_millis: u64,
}

/// A deletion must be over by then.
pub(crate) const DELETION_MILLIS: u64 = 30_000;
/// How far the clocks of servers may be apart.
const SKEW_MILLIS: u64 = 60_000;

impl Bucket {
    /// Refuses what would be put in a bucket that is being deleted.
    pub(crate) fn takes(&self, now_millis: u64) -> Result<(), ApiError> {
        let is_busy = |deletion: Deletion| now_millis < deletion.until_millis + SKEW_MILLIS;
        if self.deletion.is_some_and(is_busy) { Err(errors::aborted()) } else { Ok(()) }
    }
}

/// Refuses a name that no bucket can have. What passes is a name of a folder, too.
pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    let is_name = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| is_letter(*byte) || matches!(byte, b'.' | b'-'))
        && ends.into_iter().flatten().all(|byte| is_letter(*byte))
        && !name.contains("..")
        && !is_address(name);
    if is_name { Ok(()) } else { Err(errors::invalid_bucket_name(name)) }
}

/// Four numbers with dots between them.
fn is_address(name: &str) -> bool {
    name.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let longest = "a".repeat(63);
        for name in ["abc", "my.bucket-1", "0a0", &longest] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let too_long = "a".repeat(64);
        for name in [
            "",
            "ab",
            &too_long,
            "Abc",
            "a_b",
            "a/b",
            "..",
            "a..b",
            ".ab",
            "ab.",
            "-ab",
            "ab-",
            "a b",
            "192.168.0.1",
            "a\0b",
            "größe",
        ] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_deletion_ends() {
        let deletion = Some(Deletion { id: 1, until_millis: 1_000 });
        let (account, region) = (String::new(), String::new());
        let bucket = Bucket { id: 1, account, region, created_millis: 0, deletion, encryption: None };
        assert!(bucket.takes(500).is_err() && bucket.takes(60_999).is_err() && bucket.takes(61_000).is_ok());
    }
}
