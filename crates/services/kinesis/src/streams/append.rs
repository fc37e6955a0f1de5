//! Appending records: in one commit, each to the open shard that takes its hash key.

use super::{Streams, commit};
use crate::keys;
use crate::record::Record;
use crate::sequence_number;
use crate::stream::{Shard, Stream};
use engine::Scope;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use store::{Decision, FeedCursor, FeedId, Fence, OldRows, Outcome, Plan, Position, StoreError};

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

/// What else a commit of records does.
pub struct Beside<'a> {
    /// Further row keys.
    pub keys: Vec<&'a [u8]>,
    /// What the commit depends on.
    pub fences: Vec<Fence>,
    /// What is written, decided by the rows of those keys; `None` gives everything up. Pure, and may be called again.
    pub plan: &'a mut (dyn FnMut(&OldRows<'_>) -> Option<Plan> + Send),
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
    /// A fence of the caller has moved on, or what it wanted beside the records was not possible.
    Outdated,
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
        check: impl FnMut(&Stream) -> Result<(), E> + Send,
    ) -> Result<Vec<Appended>, AppendError<E>> {
        let beside = Beside { keys: Vec::new(), fences: Vec::new(), plan: &mut |_| Some(Plan::default()) };
        self.append_in(scope, name, records, check, beside).await
    }

    /// The same in one commit with something else, whatever the stream.
    pub async fn append_beside(
        &self,
        scope: &Scope,
        name: &str,
        records: &[NewRecord],
        beside: Beside<'_>,
    ) -> Result<Vec<Appended>, AppendError<Infallible>> {
        self.append_in(scope, name, records, |_| Ok(()), beside).await
    }

    async fn append_in<E: Send>(
        &self,
        scope: &Scope,
        name: &str,
        records: &[NewRecord],
        mut check: impl FnMut(&Stream) -> Result<(), E> + Send,
        beside: Beside<'_>,
    ) -> Result<Vec<Appended>, AppendError<E>> {
        let key = keys::stream_key(scope, name);
        let mut found: Option<Result<Arc<Stream>, AppendError<E>>> = None;
        let mut decide = |old: &OldRows<'_>| {
            let decided = self.checked(&key, old.get(0), &mut check).and_then(|stream| {
                let mut plan = (beside.plan)(&OldRows(&old.0[1..])).ok_or(AppendError::Outdated)?;
                plan.feed.extend(appended(&stream, records));
                Ok((stream, plan))
            });
            let (stream, decision) = match decided {
                Ok((stream, plan)) => (Ok(stream), Decision::Commit(plan)),
                Err(error) => (Err(error), Decision::Refuse),
            };
            found = Some(stream);
            decision
        };
        let keys: Vec<&[u8]> = std::iter::once(&key[..]).chain(beside.keys).collect();
        let outcome = commit(self.store(), &keys, &beside.fences, &mut decide).await?;
        let Outcome::Committed(stamp) = outcome else {
            return match found {
                Some(Err(error)) => Err(error),
                _ => Err(AppendError::Outdated),
            };
        };
        let stream = found.expect("what was committed has been decided")?;
        Ok(places(&stream, records, stamp.position))
    }

    /// The stream of a row, if the caller takes it.
    fn checked<E>(
        &self,
        key: &[u8],
        row: Option<&[u8]>,
        check: &mut impl FnMut(&Stream) -> Result<(), E>,
    ) -> Result<Arc<Stream>, AppendError<E>> {
        let stream = self.parse(key, row.ok_or(AppendError::NotFound)?)?;
        check(&stream).map_err(AppendError::Refused)?;
        Ok(stream)
    }
}

/// Where records went that were committed at a position.
fn places(stream: &Stream, records: &[NewRecord], position: Position) -> Vec<Appended> {
    let mut next: HashMap<u32, u32> = HashMap::new();
    let place = |record: &NewRecord| {
        let shard = shard_of(stream, record.hash);
        let index = next.entry(shard.number).and_modify(|index| *index += 1).or_insert(0);
        let place = FeedCursor { position, index: *index };
        Appended { shard_id: shard.id(), sequence_number: sequence_number::of_record(shard, place) }
    };
    records.iter().map(place).collect()
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
