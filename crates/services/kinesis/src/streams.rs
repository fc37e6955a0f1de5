//! Streams in the store: a row each, the only thing about a stream that several servers agree on. Whatever appends
//! records names the row among its keys and decides by what stands there, so that no record goes into a shard that is
//! closed, or of a stream that is gone.

mod append;
mod forget;
mod read;

pub use append::{AppendError, Appended, Beside, NewRecord};
pub use read::{Page, ReadError, ReadRecord, TakeRecord};

use crate::keys;
use crate::shard_limits::ShardLimits;
use crate::stream::Stream;
use engine::Scope;
use engine::table::CapacityMode;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::ops::Bound;
use std::sync::Arc;
use store::{
    Consistency, Decision, Direction, FeedId, Fence, KeyRange, Locking, Mutation, OldRows, Outcome, Plan,
    RangeRead, RecordWrite, RowWrite, Store, StoreError, Visit, Watch, resolved,
};
use tokio::sync::Notify;

/// How often a change is tried again of which nothing happened.
const TRIES_MAX: usize = 16;
/// How often others may open shards first.
const COUNTS_MAX: usize = 1_000;
/// Documents that are kept parsed.
const PARSED_MAX: usize = 256;

/// The streams of a store.
#[derive(Debug, Clone)]
pub struct Streams {
    store: Arc<dyn Store>,
    /// Documents by the row they were parsed from: reading one is most of what a small record costs.
    parsed: Arc<Mutex<HashMap<Vec<u8>, Parsed>>>,
    /// Raised when a feed is to be forgotten.
    forgotten: Arc<Notify>,
    /// `None` where what is above the limits of shards is served.
    limits: Option<Arc<ShardLimits>>,
}

#[derive(Debug, Clone)]
struct Parsed {
    row: Vec<u8>,
    stream: Arc<Stream>,
}

/// What a change makes of a stream: the stream as it is to be (`None`: gone), and what the caller learns.
pub type Changed<R> = (Option<Stream>, R);

impl Streams {
    /// The streams of this store.
    pub fn of(store: Arc<dyn Store>) -> Streams {
        Streams { store, parsed: Arc::default(), forgotten: Arc::default(), limits: None }
    }

    /// The same that do not take what is above the limits of shards, or do.
    pub fn with_capacity_mode(self, mode: CapacityMode) -> Streams {
        Streams { limits: (mode == CapacityMode::Enforce).then(Arc::default), ..self }
    }

    /// The limits of shards, where there are any.
    pub(crate) fn limits(&self) -> Option<&ShardLimits> {
        self.limits.as_deref()
    }

    /// Whether the shard of a record takes it now; it then counts as taken.
    pub fn takes(&self, stream: &Stream, record: &NewRecord, now_micros: u64) -> bool {
        let (Some(limits), Some(shard)) = (self.limits(), stream.shard_of(record.hash)) else { return true };
        limits.take(shard, record.data.len() + record.partition_key.len(), now_micros)
    }

    /// The store below.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// The same for what stands beside them.
    pub(crate) fn shared_store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// A stream.
    pub async fn find(&self, scope: &Scope, name: &str) -> Result<Option<Arc<Stream>>, StoreError> {
        let key = keys::stream_key(scope, name);
        let mut found = Ok(None);
        let visit = &mut |row: Option<&[u8]>| found = row.map(|row| self.parse(&key, row)).transpose();
        self.store.get(&key, Consistency::Strong, visit).await?;
        found
    }

    /// Tells when a stream changes, or goes, on whichever server.
    pub fn watch(&self, scope: &Scope, name: &str) -> Watch {
        self.store.watch(&keys::stream_key(scope, name))
    }

    /// The streams of an account and region behind a name, in the order of names.
    pub async fn list(
        &self,
        scope: &Scope,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Stream>, StoreError> {
        let prefix = keys::scope_prefix(scope);
        let start = after.map_or_else(|| prefix.clone(), |name| keys::stream_key(scope, name));
        self.below(&prefix, Bound::Excluded(&start), limit).await
    }

    /// Every stream of the store.
    pub(crate) async fn all(&self) -> Result<Vec<Stream>, StoreError> {
        let prefix = keys::STREAMS_PREFIX;
        self.below(prefix, Bound::Excluded(prefix), usize::MAX).await
    }

    async fn below(
        &self,
        prefix: &[u8],
        start: Bound<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Stream>, StoreError> {
        let mut found = Ok(Vec::new());
        let visit = &mut |key: &[u8], row: &[u8]| {
            if !key.starts_with(prefix) || matches!(&found, Ok(streams) if streams.len() == limit) {
                return Visit::Stop;
            }
            match (Stream::read(row), &mut found) {
                (Ok(stream), Ok(streams)) => streams.push(stream),
                (Err(error), _) => found = Err(error),
                _ => {}
            }
            if found.is_ok() { Visit::Continue } else { Visit::Stop }
        };
        let read = RangeRead {
            range: KeyRange { start, end: Bound::Unbounded },
            direction: Direction::Forward,
            consistency: Consistency::Strong,
            rows_expected: limit.min(1_000),
        };
        self.store.range(read, visit).await?;
        found
    }

    /// Reads, decides and writes a stream in one commit. `change` is pure and may run again; what it refuses is not
    /// written. It draws feeds for new shards. Feeds of shards that are no longer there are forgotten for good.
    pub async fn change<R: Send, E: Send>(
        &self,
        scope: &Scope,
        name: &str,
        change: impl FnMut(Option<Stream>, &mut dyn FnMut() -> FeedId) -> Result<Changed<R>, E> + Send,
    ) -> Result<Result<R, E>, StoreError> {
        let changed = self.change_while(None, scope, name, change).await?;
        Ok(changed.expect("a change that depends on no feeds is decided"))
    }

    /// The same for a change that depends on how many shards the account has open in the region, which it gets too.
    /// Who opens a shard draws a feed: if one was drawn meanwhile, by whichever server, all of it is done again.
    pub async fn change_counted<R: Send, E: Send>(
        &self,
        scope: &Scope,
        name: &str,
        mut change: impl FnMut(Option<Stream>, usize, &mut dyn FnMut() -> FeedId) -> Result<Changed<R>, E> + Send,
    ) -> Result<Result<R, E>, StoreError> {
        for _ in 0..COUNTS_MAX {
            let drawn = self.feeds_drawn().await?;
            let streams = self.list(scope, None, usize::MAX).await?;
            let open = streams.iter().map(|stream| stream.open_shards().count()).sum();
            let change = |old: Option<Stream>, feeds: &mut dyn FnMut() -> FeedId| change(old, open, feeds);
            if let Some(changed) = self.change_while(Some(drawn), scope, name, change).await? {
                return Ok(changed);
            }
        }
        Err(StoreError::Unavailable("others keep opening shards".to_owned()))
    }

    /// How many feeds were given to shards.
    async fn feeds_drawn(&self) -> Result<u64, StoreError> {
        let mut drawn = Ok(0);
        let visit = &mut |row: Option<&[u8]>| drawn = row.map_or(Ok(0), counted);
        self.store.get(keys::FEEDS_KEY, Consistency::Strong, visit).await?;
        drawn
    }

    /// Changes a stream; `None` where so many feeds were drawn no longer.
    async fn change_while<R: Send, E: Send>(
        &self,
        drawn: Option<u64>,
        scope: &Scope,
        name: &str,
        mut change: impl FnMut(Option<Stream>, &mut dyn FnMut() -> FeedId) -> Result<Changed<R>, E> + Send,
    ) -> Result<Option<Result<R, E>>, StoreError> {
        let key = keys::stream_key(scope, name);
        let mut told = None;
        let mut decide = |old: &OldRows<'_>| match changed(&key, old, drawn, &mut change) {
            Ok(Some(Ok((plan, result)))) => {
                told = Some(Ok(Some(Ok(result))));
                Decision::Commit(plan)
            }
            Ok(Some(Err(refusal))) => {
                told = Some(Ok(Some(Err(refusal))));
                Decision::Refuse
            }
            Ok(None) => {
                told = Some(Ok(None));
                Decision::Refuse
            }
            Err(error) => {
                told = Some(Err(error));
                Decision::Refuse
            }
        };
        commit(self.store(), &[&key, keys::FEEDS_KEY], &[], &mut decide).await?;
        self.forgotten.notify_one();
        told.expect("a change that ended has been decided")
    }

    /// A document, from the row it stands in.
    fn parse(&self, key: &[u8], row: &[u8]) -> Result<Arc<Stream>, StoreError> {
        if let Some(parsed) = self.parsed.lock().get(key).filter(|parsed| parsed.row == row) {
            return Ok(Arc::clone(&parsed.stream));
        }
        let stream = Arc::new(Stream::read(row)?);
        let mut parsed = self.parsed.lock();
        if parsed.len() >= PARSED_MAX {
            parsed.clear();
        }
        parsed.insert(key.to_vec(), Parsed { row: row.to_vec(), stream: Arc::clone(&stream) });
        Ok(stream)
    }
}

/// Commits what `decide` says: `Committed`, `Refused`, or `Fenced` where there are fences.
async fn commit(
    store: &dyn Store,
    keys: &[&[u8]],
    fences: &[Fence],
    decide: &mut (dyn FnMut(&OldRows<'_>) -> Decision + Send),
) -> Result<Outcome, StoreError> {
    for _ in 0..TRIES_MAX {
        let mutation = Mutation { keys, fences, locking: Locking::Single, decide: &mut *decide };
        match resolved(store, store.mutate(mutation).await?).await {
            outcome @ (Outcome::Committed(_) | Outcome::Refused) => return Ok(outcome),
            Outcome::Fenced if fences.is_empty() => {}
            Outcome::Fenced => return Ok(Outcome::Fenced),
            outcome => return Err(StoreError::Unavailable(format!("nothing was committed: {outcome:?}"))),
        }
    }
    Err(StoreError::Unavailable("the store loses commits".to_owned()))
}

/// `None`: feeds have been drawn that were not known of.
type Decided<R, E> = Result<Option<Result<(Plan, R), E>>, StoreError>;

fn changed<R, E>(
    key: &[u8],
    old: &OldRows<'_>,
    drawn: Option<u64>,
    change: &mut impl FnMut(Option<Stream>, &mut dyn FnMut() -> FeedId) -> Result<Changed<R>, E>,
) -> Decided<R, E> {
    let before = old.get(0).map(Stream::read).transpose()?;
    let counted = old.get(1).map(counted).transpose()?.unwrap_or(0);
    if drawn.is_some_and(|drawn| drawn != counted) {
        return Ok(None);
    }
    let mut given = counted;
    let mut give = || {
        given += 1;
        keys::feed(given)
    };
    let feeds_before: Vec<FeedId> = feeds(before.as_ref()).collect();
    let (after, result) = match change(before, &mut give) {
        Ok(changed) => changed,
        Err(refusal) => return Ok(Some(Err(refusal))),
    };
    let mut rows = vec![RowWrite { key: key.to_vec(), row: after.as_ref().map(Stream::encode) }];
    if given > counted {
        let row = Some([&[FEEDS_FORMAT], &given.to_le_bytes()[..]].concat());
        rows.push(RowWrite { key: keys::FEEDS_KEY.to_vec(), row });
    }
    let gone = feeds_before.into_iter().filter(|feed| !feeds(after.as_ref()).any(|kept| kept == *feed));
    rows.extend(gone.map(|feed| RowWrite { key: keys::forgotten_key(feed), row: Some(vec![FEEDS_FORMAT]) }));
    // Nothing is kept there: watches of the stream notice the change.
    let records = vec![RecordWrite { key: key.to_vec(), document: None }];
    Ok(Some(Ok((Plan { rows, records, ..Plan::default() }, result))))
}

const FEEDS_FORMAT: u8 = 1;

fn counted(row: &[u8]) -> Result<u64, StoreError> {
    match row.split_first() {
        Some((&FEEDS_FORMAT, count)) => count.try_into().map(u64::from_le_bytes).map_err(|_| ()),
        _ => Err(()),
    }
    .map_err(|()| StoreError::Corrupt("the row that counts the feeds of Kinesis streams".to_owned()))
}

fn feeds(stream: Option<&Stream>) -> impl Iterator<Item = FeedId> {
    stream.into_iter().flat_map(|stream| stream.shards.iter().map(|shard| shard.feed()))
}
