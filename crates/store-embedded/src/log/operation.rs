//! What a commit does, as bytes of a record's payload: `time u64`, then operations of
//! `tag u8 | key length u32 | value length u32 | key | value`.

use super::pages::PageBuffer;
use crate::format::{u32_at, u64_at};
use crate::trees::feed_record::Place;
use crate::trees::feed_trim;

/// Bytes of the time before the operations.
pub(crate) const TIME_BYTES: usize = 8;
const HEADER_BYTES: usize = 9;

/// One effect of a commit, lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation<'a> {
    PutRow {
        key: &'a [u8],
        row: &'a [u8],
    },
    DeleteRow {
        key: &'a [u8],
    },
    AppendFeed {
        feed: u64,
        index: u32,
        bytes: &'a [u8],
    },
    /// The value after the commit, not the change: applying it twice is harmless.
    SetCounter {
        counter: u64,
        value: i64,
    },
    PutRecord {
        key: &'a [u8],
        document: &'a [u8],
    },
    DeleteRecord {
        key: &'a [u8],
    },
    DropRange {
        prefix: &'a [u8],
    },
    /// The rows of the drop at this position are reclaimed.
    FinishDrop {
        position: u64,
    },
    /// Up to [`NO_MARK`](feed_trim::NO_MARK): the feed has no mark any more.
    Trim {
        feed: u64,
        up_to: Place,
    },
}

/// Bytes of an operation with a key and value of these lengths.
pub(crate) fn size_bytes(key_bytes: usize, value_bytes: usize) -> usize {
    HEADER_BYTES + key_bytes + value_bytes
}

impl<'a> Operation<'a> {
    pub(crate) fn encode(&self, buffer: &mut PageBuffer) {
        match *self {
            Self::PutRow { key, row } => write(buffer, 1, key, row),
            Self::DeleteRow { key } => write(buffer, 2, key, &[]),
            Self::AppendFeed { feed, index, bytes } => {
                let mut key = [0; 12];
                key[..8].copy_from_slice(&feed.to_be_bytes());
                key[8..].copy_from_slice(&index.to_be_bytes());
                write(buffer, 3, &key, bytes);
            }
            Self::SetCounter { counter, value } => {
                write(buffer, 4, &counter.to_be_bytes(), &value.to_le_bytes())
            }
            Self::PutRecord { key, document } => write(buffer, 5, key, document),
            Self::DeleteRecord { key } => write(buffer, 6, key, &[]),
            Self::DropRange { prefix } => write(buffer, 7, prefix, &[]),
            Self::FinishDrop { position } => write(buffer, 8, &position.to_be_bytes(), &[]),
            Self::Trim { feed, up_to } => write(buffer, 9, &feed.to_be_bytes(), &feed_trim::encode(up_to)),
        }
    }

    fn from_parts(tag: u8, key: &'a [u8], value: &'a [u8]) -> Option<Self> {
        Some(match tag {
            1 => Self::PutRow { key, row: value },
            2 => Self::DeleteRow { key },
            3 => Self::AppendFeed {
                feed: big_endian(key.get(..8)?)?,
                index: u32::from_be_bytes(key.get(8..)?.try_into().ok()?),
                bytes: value,
            },
            4 => Self::SetCounter {
                counter: big_endian(key)?,
                value: i64::from_le_bytes(value.try_into().ok()?),
            },
            5 => Self::PutRecord { key, document: value },
            6 => Self::DeleteRecord { key },
            7 => Self::DropRange { prefix: key },
            8 => Self::FinishDrop { position: big_endian(key)? },
            9 => Self::Trim { feed: big_endian(key)?, up_to: feed_trim::decode(value)? },
            _ => return None,
        })
    }
}

fn write(buffer: &mut PageBuffer, tag: u8, key: &[u8], value: &[u8]) {
    let mut header = [tag, 0, 0, 0, 0, 0, 0, 0, 0];
    header[1..5].copy_from_slice(&(key.len() as u32).to_le_bytes());
    header[5..9].copy_from_slice(&(value.len() as u32).to_le_bytes());
    buffer.extend(&header);
    buffer.extend(key);
    buffer.extend(value);
}

fn big_endian(bytes: &[u8]) -> Option<u64> {
    bytes.try_into().ok().map(u64::from_be_bytes)
}

/// The commit's time, and its operations; `None` in their place where a payload is not what this version
/// writes.
pub(crate) fn decode(payload: &[u8]) -> (u64, Operations<'_>) {
    (u64_at(payload, 0), Operations(payload.get(TIME_BYTES..).unwrap_or_default()))
}

/// The operations of a payload. Ends after the first `None`.
pub(crate) struct Operations<'a>(&'a [u8]);

impl<'a> Iterator for Operations<'a> {
    type Item = Option<Operation<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let rest = std::mem::take(&mut self.0);
        Some(split(rest).map(|(operation, rest)| {
            self.0 = rest;
            operation
        }))
    }
}

fn split(bytes: &[u8]) -> Option<(Operation<'_>, &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let (key, rest) = rest.split_at_checked(u32_at(header, 1) as usize)?;
    let (value, rest) = rest.split_at_checked(u32_at(header, 5) as usize)?;
    Some((Operation::from_parts(header[0], key, value)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trim_of_version_1_is_of_whole_commits() {
        let (feed, up_to) = (7u64.to_be_bytes(), 11u64.to_le_bytes());
        let trim = Operation::from_parts(9, &feed, &up_to);
        assert_eq!(trim, Some(Operation::Trim { feed: 7, up_to: (11, u32::MAX) }));
    }

    #[test]
    fn every_operation_comes_back() {
        let all = [
            Operation::PutRow { key: b"k", row: b"row" },
            Operation::DeleteRow { key: b"k" },
            Operation::AppendFeed { feed: 7, index: 3, bytes: b"event" },
            Operation::SetCounter { counter: 9, value: -4 },
            Operation::PutRecord { key: b"r", document: b"" },
            Operation::DeleteRecord { key: b"r" },
            Operation::DropRange { prefix: b"p" },
            Operation::FinishDrop { position: 12 },
            Operation::Trim { feed: 7, up_to: (11, 4) },
        ];
        let mut buffer = PageBuffer::default();
        buffer.extend(&42u64.to_le_bytes());
        all.iter().for_each(|operation| operation.encode(&mut buffer));
        let bytes = &buffer.bytes()[..buffer.len()];
        let (time, operations) = decode(bytes);
        assert_eq!(time, 42);
        assert_eq!(operations.collect::<Option<Vec<_>>>().unwrap(), all);
        for cut in 9..bytes.len() {
            let _ = decode(&bytes[..cut]).1.collect::<Vec<_>>();
        }
    }
}
