//! Shard iterators: `<stream ARN>|1|<opaque>`, good for 15 minutes on any server of the store.
//!
//! ```text
//! opaque = sealed( version u8 = 1 | flags u8 | position u128 | index u32 | id of the shard )
//!                                                                       integers big-endian; flag 1: skips trimmed
//! ```

use crate::errors::{expired_iterator, invalid_shard_iterator};
use engine::stream::ReadFrom;
use model::ApiError;
use pipeline::{Seal, SealFault};
use store::{FeedCursor, Position};

/// The name of the secret that iterators are sealed with.
pub const SECRET: &str = "shard-iterator";

const LIFE_MICROS: u64 = 15 * 60 * 1_000_000;
const VERSION: u8 = 1;
const SKIPS_TRIMMED: u8 = 1;
const SEPARATOR: &str = "|1|";

/// The content of an iterator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardIterator {
    /// The ARN of the stream.
    pub stream_arn: String,
    /// The shard.
    pub shard_id: String,
    /// Where to continue.
    pub from: ReadFrom,
}

impl ShardIterator {
    /// The stream that a text names. [`ShardIterator::open`] checks whether it is an iterator.
    pub fn claimed_arn(text: &str) -> Option<&str> {
        text.split_once(SEPARATOR).map(|(arn, _)| arn)
    }

    /// As it is handed out at a time.
    pub fn seal(&self, secret: &[u8; 32], now_micros: u64) -> String {
        let flags = if self.from.skips_trimmed { SKIPS_TRIMMED } else { 0 };
        let mut body = vec![VERSION, flags];
        body.extend_from_slice(&self.from.after.position.0.to_be_bytes());
        body.extend_from_slice(&self.from.after.index.to_be_bytes());
        body.extend_from_slice(self.shard_id.as_bytes());
        let sealed = seal(secret, &self.stream_arn).seal(now_micros, &body);
        format!("{}{SEPARATOR}{sealed}", self.stream_arn)
    }

    /// Reads what was handed out.
    pub fn open(text: &str, secret: &[u8; 32], now_micros: u64) -> Result<ShardIterator, ApiError> {
        let (arn, opaque) = text.split_once(SEPARATOR).ok_or_else(invalid_shard_iterator)?;
        let body = seal(secret, arn).open(opaque, now_micros).map_err(|fault| match fault {
            SealFault::Forged => invalid_shard_iterator(),
            SealFault::Expired { .. } => expired_iterator(),
        })?;
        let (from, shard_id) = read(&body).ok_or_else(invalid_shard_iterator)?;
        Ok(ShardIterator { stream_arn: arn.to_owned(), shard_id: shard_id.to_owned(), from })
    }
}

fn seal<'a>(secret: &'a [u8; 32], stream_arn: &'a str) -> Seal<'a> {
    Seal { secret, context: stream_arn, life_micros: LIFE_MICROS }
}

fn read(body: &[u8]) -> Option<(ReadFrom, &str)> {
    let (&[version, flags], body) = body.split_first_chunk()?;
    let (position, body) = body.split_first_chunk()?;
    let (index, shard_id) = body.split_first_chunk()?;
    let after =
        FeedCursor { position: Position(u128::from_be_bytes(*position)), index: u32::from_be_bytes(*index) };
    let from = ReadFrom { after, skips_trimmed: flags & SKIPS_TRIMMED != 0 };
    let shard_id = std::str::from_utf8(shard_id).ok()?;
    (version == VERSION).then_some((from, shard_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:dynamodb:eu-west-1:000000000000:table/abc/stream/2026-01-31T23:59:59.123";

    fn iterator() -> ShardIterator {
        ShardIterator {
            stream_arn: ARN.to_owned(),
            shard_id: "shardId-00000001767225600000-0badcafe".to_owned(),
            from: ReadFrom {
                after: FeedCursor { position: Position(70_000), index: 3 },
                skips_trimmed: true,
            },
        }
    }

    fn open(text: &str, secret: u8, now_micros: u64) -> Result<ShardIterator, String> {
        ShardIterator::open(text, &[secret; 32], now_micros).map_err(|error| error.code.name().to_owned())
    }

    #[test]
    fn what_was_sealed_is_read_back_for_a_quarter_of_an_hour() {
        let text = iterator().seal(&[7; 32], 1_000);
        assert!(text.starts_with(&format!("{ARN}|1|")) && text.len() < 2_048, "{text}");
        assert_eq!(open(&text, 7, 1_000 + LIFE_MICROS), Ok(iterator()));
        assert_eq!(open(&text, 7, 1_001 + LIFE_MICROS), Err("ExpiredIteratorException".to_owned()));
    }

    #[test]
    fn whatever_was_changed_is_refused() {
        let text = iterator().seal(&[7; 32], 1_000);
        let refused = |text: &str, secret: u8| {
            assert_eq!(open(text, secret, 1_000), Err("ValidationException".to_owned()), "{text}");
        };
        refused(&text, 8);
        refused(&text.replace("abc", "abd"), 7);
        for at in 0..text.len() {
            refused(&text[..at], 7);
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            refused(&String::from_utf8(other).unwrap(), 7);
        }
    }
}
