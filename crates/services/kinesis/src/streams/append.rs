//! Appending records: in one commit, each to the open shard that takes its hash key.

use super::{Streams, commit};
use crate::keys;
use crate::record::Record;
use crate::sequence_number;
use crate::stream::{Shard, Stream};
use engine::Scope;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Decision, FeedCursor, FeedId, OldRows, Outcome, Plan, StoreError};

/// A record to be appended.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// The partition key.
    pub partition_key: String,
    /// The hash key: of the partition key, or as it was given.
    pub hash: u128,
    /// The data.
    pub data: Vec<u8>,
}

/// Where a record went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The id of its shard.
    pub shard_id: String,
    /// Its number there.
    pub sequence_number: String,
}

/// Why nothing was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendError<E> {
    /// No such stream.
    NotFound,
    /// The caller's own check of the stream.
    Refused(E),
    /// The store failed.
    Store(StoreError),
}

impl<E> From<StoreError> for AppendError<E> {
    fn from(error: StoreError) -> Self {
        AppendError::Store(error)
    }
}

impl Streams {
    /// Appends records, in order, or none of them.
    pub async fn append<E: Send>(
        &self,
        scope: &Scope,
        name: &str,
        records: &[NewRecord],
        mut check: impl FnMut(&Stream) -> Result<(), E> + Send,
    ) -> Result<Vec<Appended>, AppendError<E>> {
        let key = keys::stream_key(scope, name);
        let mut found: Option<Result<Arc<Stream>, AppendError<E>>> = None;
        let mut decide = |old: &OldRows<'_>| {
            let stream = old.get(0).ok_or(AppendError::NotFound);
            let stream = stream.and_then(|row| Ok(self.parse(&key, row)?));
            let stream = stream.and_then(|stream| match check(&stream) {
                Ok(()) => Ok(stream),
                Err(refusal) => Err(AppendError::Refused(refusal)),
            });
            let decision = match &stream {
                Ok(stream) => Decision::Commit(Plan { feed: appended(stream, records), ..Plan::default() }),
                Err(_) => Decision::Refuse,
            };
            found = Some(stream);
            decision
        };
        let outcome = commit(self.store(), &[&key], &mut decide).await?;
        let stream = found.expect("what ended has been decided")?;
        let Outcome::Committed(stamp) = outcome else { unreachable!("only a refusal writes nothing") };
        let mut next: HashMap<u32, u32> = HashMap::new();
        let place = |record: &NewRecord| {
            let shard = shard_of(&stream, record.hash);
            let index = next.entry(shard.number).and_modify(|index| *index += 1).or_insert(0);
            let place = FeedCursor { position: stamp.position, index: *index };
            Appended { shard_id: shard.id(), sequence_number: sequence_number::of_record(shard, place) }
        };
        Ok(records.iter().map(place).collect())
    }
}

/// What records add to the feeds of a stream's shards.
pub(crate) fn appended(stream: &Stream, records: &[NewRecord]) -> Vec<(FeedId, Vec<u8>)> {
    let append = |record: &NewRecord| {
        let NewRecord { partition_key, hash, data } = record;
        (shard_of(stream, *hash).feed(), Record { partition_key, data }.encode())
    };
    records.iter().map(append).collect()
}

fn shard_of(stream: &Stream, hash: u128) -> &Shard {
    stream.shard_of(hash).expect("open shards cover every hash key")
}
