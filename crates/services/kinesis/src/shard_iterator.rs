//! Shard iterators, good for five minutes on any server of the store.
//!
//! ```text
//! sealed( version u8 = 1 | feed u64 | position u128 | index u32 | name of the stream )       integers big-endian
//! ```

use crate::errors::{expired_iterator, invalid_iterator};
use crate::service::Kinesis;
use engine::Scope;
use model::ApiError;
use pipeline::SealFault;
use store::{FeedCursor, FeedId, Position};
use wire::json::decode_base64;

const VERSION: u8 = 1;
const KIND: &str = "iterator";
/// Seal and time, which come before the content.
const SEAL_BYTES: usize = 24;

/// What an iterator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardIterator {
    /// The stream.
    pub stream: String,
    /// The feed of the shard, which no other shard ever has.
    pub feed: FeedId,
    /// Behind which record to go on.
    pub after: FeedCursor,
}

impl ShardIterator {
    /// The name of the stream that a text claims to be of. Whether it is an iterator [`ShardIterator::open`] tells.
    pub fn claimed_stream(text: &str) -> Option<String> {
        let mut bytes = Vec::new();
        decode_base64(unquoted(text), &mut bytes).ok()?;
        read(bytes.get(SEAL_BYTES..)?).map(|iterator| iterator.stream)
    }

    /// As it is handed out.
    pub async fn seal(&self, service: &Kinesis, scope: &Scope, now_micros: u64) -> Result<String, ApiError> {
        let mut content = vec![VERSION];
        content.extend_from_slice(&self.feed.0.to_be_bytes());
        content.extend_from_slice(&self.after.position.0.to_be_bytes());
        content.extend_from_slice(&self.after.index.to_be_bytes());
        content.extend_from_slice(self.stream.as_bytes());
        service.sealed(scope, KIND, |seal| seal.seal(now_micros, &content)).await
    }

    /// Reads what was handed out. Some clients put it in quotes.
    pub async fn open(
        text: &str,
        service: &Kinesis,
        scope: &Scope,
        now_micros: u64,
    ) -> Result<ShardIterator, ApiError> {
        let opened = service.sealed(scope, KIND, |seal| seal.open(unquoted(text), now_micros)).await?;
        let content = opened.map_err(|fault| match fault {
            SealFault::Forged => invalid_iterator(),
            SealFault::Expired { made_micros } => expired_iterator(made_micros, now_micros),
        })?;
        read(&content).ok_or_else(invalid_iterator)
    }
}

fn unquoted(text: &str) -> &str {
    let inside = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inside.unwrap_or(text)
}

fn read(content: &[u8]) -> Option<ShardIterator> {
    let (&[version], rest) = content.split_first_chunk()?;
    let (feed, rest) = rest.split_first_chunk()?;
    let (position, rest) = rest.split_first_chunk()?;
    let (index, name) = rest.split_first_chunk()?;
    let stream = std::str::from_utf8(name).ok()?.to_owned();
    let after =
        FeedCursor { position: Position(u128::from_be_bytes(*position)), index: u32::from_be_bytes(*index) };
    (version == VERSION).then_some(ShardIterator { stream, feed: FeedId(u64::from_be_bytes(*feed)), after })
}
