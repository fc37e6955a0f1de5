//! The keys of the rows of buckets and objects.
//!
//! ```text
//! 21 | 1 | bucket name                                              a bucket
//! 21 | 2 | bucket u64 | key                                         an object
//! 21 | 3 | bucket u64 | key 00 | begun ms u64 | upload u128         a multipart upload
//! 21 | 4 | upload u128 | part u16                                   a part
//! 21 | 5 | file or upload u128                                      bytes that nothing refers to
//! ```
//!
//! Numbers are big-endian. Ids of buckets, uploads and files are random and not used again, so the objects of a bucket
//! are in the order of their keys, and nothing is found of a bucket that was there before under the same name.

use crate::upload::UploadId;

const KIND: u8 = 21;
/// Where the key of an object begins.
pub(crate) const OBJECT_KEY_AT: usize = 10;

/// A bucket.
pub(crate) fn bucket(name: &str) -> Vec<u8> {
    [&[KIND, 1], name.as_bytes()].concat()
}

/// An object; what all objects of a bucket begin with for an empty key.
pub(crate) fn object(bucket: u64, key: &[u8]) -> Vec<u8> {
    [&[KIND, 2], &bucket.to_be_bytes()[..], key].concat()
}

/// A multipart upload of a key.
pub(crate) fn upload(bucket: u64, key: &[u8], id: UploadId) -> Vec<u8> {
    [&uploads(bucket, key)[..], &[0], &id.bytes()].concat()
}

/// What the uploads of all keys begin with that begin with this one.
pub(crate) fn uploads(bucket: u64, key: &[u8]) -> Vec<u8> {
    [&[KIND, 3], &bucket.to_be_bytes()[..], key].concat()
}

/// Key and id in the key of an upload.
pub(crate) fn upload_of(row_key: &[u8]) -> Option<(String, UploadId)> {
    let (key, id) = row_key.get(OBJECT_KEY_AT..)?.split_last_chunk::<{ UploadId::BYTES }>()?;
    let key = key.strip_suffix(&[0])?;
    Some((String::from_utf8_lossy(key).into_owned(), UploadId::of_bytes(id)))
}

/// A part of an upload.
pub(crate) fn part(upload: u128, number: u16) -> Vec<u8> {
    [&parts(upload)[..], &number.to_be_bytes()].concat()
}

/// What all parts of an upload begin with.
pub(crate) fn parts(upload: u128) -> Vec<u8> {
    [&[KIND, 4], &upload.to_be_bytes()[..]].concat()
}

/// The number of a part by its key.
pub(crate) fn part_number(row_key: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(row_key.get(PART_NUMBER_AT..)?.try_into().ok()?))
}

/// Where the number of a part begins.
const PART_NUMBER_AT: usize = 18;

/// Bytes that nothing refers to.
pub(crate) fn garbage(id: u128) -> Vec<u8> {
    [&[KIND, 5], &id.to_be_bytes()[..]].concat()
}

/// What the keys of all of them begin with.
pub(crate) const GARBAGE: [u8; 2] = [KIND, 5];
/// What the keys of all buckets begin with.
pub(crate) const BUCKETS: [u8; 2] = [KIND, 1];

/// The id in the key of bytes that nothing refers to.
pub(crate) fn garbage_id(key: &[u8]) -> Option<u128> {
    Some(u128::from_be_bytes(key.get(2..)?.try_into().ok()?))
}

/// The least key above every key that begins with `prefix`.
pub(crate) fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let end = prefix.iter().rposition(|byte| *byte != u8::MAX).map_or(0, |last| last + 1);
    let mut after = prefix[..end].to_vec();
    if let Some(last) = after.last_mut() {
        *last += 1;
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_behind_a_prefix() {
        assert_eq!(after_prefix(b"ab"), b"ac");
        assert_eq!(after_prefix(b"a\xFF\xFF"), b"b");
        assert!(after_prefix(&object(1, b"a/")) > object(1, b"a/\xFF\xFF"));
        assert!(after_prefix(&object(1, b"a/")) <= object(1, b"a0"));
        assert_eq!(object(7, b"key")[OBJECT_KEY_AT..], b"key"[..]);
    }
}
