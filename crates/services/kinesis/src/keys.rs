//! The keys of rows that belong to Kinesis.
//!
//! ```text
//! 9 | 1 | account 00 | region 00 | name          a stream
//! 9 | 2                                          how many feeds have been given to shards
//! 9 | 3 | feed u64 BE                            a feed that is to be forgotten
//! ```
//!
//! The feed of a shard is `9 << 56 | number`: tables have feeds below `1 << 32`.

use engine::Scope;
use store::FeedId;

const KIND: u8 = 9;
const STREAM: u8 = 1;
const FEEDS: u8 = 2;
const FORGOTTEN: u8 = 3;

/// The row that counts the feeds.
pub(crate) const FEEDS_KEY: &[u8] = &[KIND, FEEDS];

/// What the rows of all streams begin with.
pub(crate) const STREAMS_PREFIX: &[u8] = &[KIND, STREAM];

/// What the rows of all feeds that are to be forgotten begin with.
pub(crate) const FORGOTTEN_PREFIX: &[u8] = &[KIND, FORGOTTEN];

/// What the rows of the streams of an account and region begin with.
pub(crate) fn scope_prefix(scope: &Scope) -> Vec<u8> {
    let parts = [STREAMS_PREFIX, scope.account.as_bytes(), &[0], scope.region.as_bytes(), &[0]];
    parts.concat()
}

/// The row of a stream.
pub(crate) fn stream_key(scope: &Scope, name: &str) -> Vec<u8> {
    [&scope_prefix(scope)[..], name.as_bytes()].concat()
}

/// The row that says that a feed is to be forgotten.
pub(crate) fn forgotten_key(feed: FeedId) -> Vec<u8> {
    [FORGOTTEN_PREFIX, &feed.0.to_be_bytes()].concat()
}

/// The feed that such a row names.
pub(crate) fn forgotten_feed(key: &[u8]) -> Option<FeedId> {
    let feed = key.strip_prefix(FORGOTTEN_PREFIX)?.try_into().ok()?;
    Some(FeedId(u64::from_be_bytes(feed)))
}

/// The feed of a number that was counted.
pub(crate) fn feed(number: u64) -> FeedId {
    FeedId(u64::from(KIND) << 56 | number)
}
