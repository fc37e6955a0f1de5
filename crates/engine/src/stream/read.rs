//! Reading the records of a shard: a stretch of the feed, without what belongs to other shards.

use super::{Shard, Stream};
use crate::engine::Engine;
use crate::feed::{Boundary, ChangeRecord};
use crate::row::RowFault;
use std::sync::Arc;
use store::wait::yield_once;
use store::{FeedCursor, FeedRecord, StoreError, Visit};

/// Records of the feed that one call reads, and their bytes: a shard may be a small part of a busy table.
const VISITED_RECORDS_MAX: usize = 10_000;
const VISITED_BYTES_MAX: usize = 16 << 20;
/// The same of a stretch, behind which other tasks of the thread have their turn: about a page of Query.
const STRETCH_RECORDS_MAX: usize = 1_000;
const STRETCH_BYTES_MAX: usize = 1 << 20;

/// Where reading a shard begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFrom {
    /// Behind this place.
    pub after: FeedCursor,
    /// Whether records that have become too old are skipped. Otherwise the reader gets an error.
    pub skips_trimmed: bool,
}

/// A record of a stream.
#[derive(Debug, Clone, Copy)]
pub struct StreamRecord<'a> {
    /// The change.
    pub change: ChangeRecord<'a>,
    /// The place behind it, which is its name in the feed.
    pub place: FeedCursor,
    /// When it was committed, in microseconds since the Unix epoch.
    pub time_micros: u64,
}

/// What became of reading a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShardPage {
    /// Where to continue; `None` once a closed shard has been read to its end.
    pub next: Option<ReadFrom>,
}

/// Why a shard was not read.
#[derive(Debug, Clone, PartialEq)]
pub enum ShardReadError {
    /// The stream or the shard was deleted.
    NotFound,
    /// The next record is too old to be read.
    Trimmed,
    /// The store failed, or what it holds is damaged.
    Store(StoreError),
}

impl From<StoreError> for ShardReadError {
    fn from(error: StoreError) -> Self {
        ShardReadError::Store(error)
    }
}

impl From<RowFault> for ShardReadError {
    fn from(fault: RowFault) -> Self {
        ShardReadError::Store(fault.into())
    }
}

/// Takes a record, unless the page is full.
pub type TakeRecord<'a> = dyn FnMut(&Stream, StreamRecord<'_>) -> bool + Send + 'a;

impl Engine {
    /// Lends the records of a shard, in order, until one is not taken. May end before: a call reads a bounded part
    /// of the feed. The document of the stream may be an old one.
    pub async fn read_shard(
        &self,
        stream: &Arc<Stream>,
        shard: &str,
        from: ReadFrom,
        take: &mut TakeRecord<'_>,
    ) -> Result<ShardPage, ShardReadError> {
        let mut stream = Arc::clone(stream);
        if stream.shard(shard).is_none() {
            stream = self.newer_stream(&stream).await?; // a child of a change that is newer than this document
        }
        let oldest_micros = self.stream_horizon(self.now_micros());
        let (mut from, mut visited, mut visited_bytes) = (from, 0, 0);
        loop {
            let shard = stream.shard(shard).ok_or(ShardReadError::NotFound)?;
            from.after = from.after.max(shard.bounds().first());
            let mut walk = Walk::new(&stream, shard, from, oldest_micros);
            let mut visit = |record: FeedRecord<'_>| walk.visit(record, take);
            let safe_until =
                self.store().tail(stream.feed(), from.after, STRETCH_RECORDS_MAX, &mut visit).await?;
            from = walk.from;
            visited += walk.visited;
            visited_bytes += walk.visited_bytes;
            let is_enough = visited >= VISITED_RECORDS_MAX || visited_bytes >= VISITED_BYTES_MAX;
            match walk.stopped {
                Some(Stop::Outdated) => stream = self.newer_stream(&stream).await?,
                Some(Stop::Failed(error)) => return Err(error),
                Some(Stop::Full) => return Ok(ShardPage { next: Some(from) }),
                Some(Stop::End) => return Ok(ShardPage { next: None }),
                Some(Stop::Stretch) if is_enough => return Ok(ShardPage { next: Some(from) }),
                Some(Stop::Stretch) => yield_once().await,
                None => {
                    let bounds = shard.bounds();
                    let until = bounds.end.map_or(safe_until, |end| end.min(safe_until));
                    from.after = from.after.max(FeedCursor::behind(until));
                    let next = (!bounds.ends_at(from.after)).then_some(from);
                    return Ok(ShardPage { next });
                }
            }
        }
    }

    /// Resolves when the feed of the stream has a record behind a place, of whichever shard, without polling.
    pub async fn stream_changed(&self, stream: &Stream, after: FeedCursor) {
        self.store().changed(stream.feed(), after).await;
    }

    /// What was written, or ended, at this time or before cannot be read any more at `now_micros`.
    pub fn stream_horizon(&self, now_micros: u64) -> u64 {
        self.options().shard_limits.horizon(now_micros)
    }

    async fn newer_stream(&self, known: &Stream) -> Result<Arc<Stream>, ShardReadError> {
        let newer = self.current_stream(&known.scope, &known.table_name, &known.label).await?;
        newer.filter(|newer| newer.schema_version > known.schema_version).ok_or(ShardReadError::NotFound)
    }
}

/// Why a walk ended before the feed did.
enum Stop {
    /// The page is full.
    Full,
    /// The limit of one call on records read was reached.
    Stretch,
    /// The shard ends here.
    End,
    /// The shards of the stream have changed here.
    Outdated,
    Failed(ShardReadError),
}

/// One stretch of the feed, read for one shard.
struct Walk<'a> {
    stream: &'a Stream,
    shard: &'a Shard,
    oldest_micros: u64,
    from: ReadFrom,
    visited: usize,
    visited_bytes: usize,
    stopped: Option<Stop>,
}

impl<'a> Walk<'a> {
    fn new(stream: &'a Stream, shard: &'a Shard, from: ReadFrom, oldest_micros: u64) -> Walk<'a> {
        Walk { stream, shard, oldest_micros, from, visited: 0, visited_bytes: 0, stopped: None }
    }

    fn visit(&mut self, record: FeedRecord<'_>, take: &mut TakeRecord<'_>) -> Visit {
        self.visited += 1;
        self.visited_bytes += record.bytes.len();
        match self.look_at(record, take) {
            Ok(()) => self.from.after = record.cursor(),
            Err(stop) => {
                self.stopped = Some(stop);
                return Visit::Stop;
            }
        }
        if self.visited < STRETCH_RECORDS_MAX && self.visited_bytes < STRETCH_BYTES_MAX {
            return Visit::Continue;
        }
        self.stopped = Some(Stop::Stretch);
        Visit::Stop
    }

    /// `Ok`: the record is behind the reader.
    fn look_at(&mut self, record: FeedRecord<'_>, take: &mut TakeRecord<'_>) -> Result<(), Stop> {
        if self.shard.bounds().end.is_some_and(|end| record.stamp.position > end) {
            return Err(Stop::End);
        }
        if let Some(boundary) = Boundary::read(record.bytes).map_err(failed)? {
            let is_news =
                boundary.label == self.stream.label && boundary.schema_version > self.stream.schema_version;
            return if is_news { Err(Stop::Outdated) } else { Ok(()) };
        }
        let change = ChangeRecord::read(record.bytes).map_err(failed)?;
        if !self.is_in_shard(&change) {
            return Ok(());
        }
        if record.stamp.time_micros <= self.oldest_micros {
            return if self.from.skips_trimmed { Ok(()) } else { Err(Stop::Failed(ShardReadError::Trimmed)) };
        }
        let (place, time_micros) = (record.cursor(), record.stamp.time_micros);
        if !take(self.stream, StreamRecord { change, place, time_micros }) {
            return Err(Stop::Full);
        }
        self.from.skips_trimmed = false;
        Ok(())
    }

    fn is_in_shard(&self, change: &ChangeRecord<'_>) -> bool {
        let is_of_hash = |hash| self.shard.has_hash(hash);
        self.shard.has_all_hashes() || self.stream.hash_of(change.key).is_some_and(is_of_hash)
    }
}

fn failed(fault: RowFault) -> Stop {
    Stop::Failed(fault.into())
}
