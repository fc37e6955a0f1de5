//! The item cache and the query cache: answers as they were sent, within a budget of bytes.
//!
//! An answer is given again while it is as old as allowed and, in the coherent mode, nothing was written to what it was
//! read from, whichever way the write came: what a hit gives is then what the table has. In AWS's mode only writes by
//! DAX end an item's answer, and nothing but time ends that of a query, so that what an application would see of
//! another's writes it sees here too.
//!
//! Only eventually consistent reads come here. That there is no such item is an answer as well.

mod counts;
mod entry;
mod evictions;
mod settings;

pub(crate) use counts::{AllCounts, Counts};
pub(crate) use entry::{Entry as CachedAnswer, Key as CacheKey};
pub use settings::{CacheMode, CacheSettings, Ttl};

use engine::{Engine, ItemKey, ItemStamp, Table, WriteStamps};
use entry::{Entry, Kept, Key, NEVER, Stamp, Validity, Weighter};
use evictions::Evictions;
use quick_cache::Weighter as _;
use quick_cache::sync::Cache as Entries;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

type Answers = Entries<Kept, Entry, Weighter, foldhash::fast::RandomState, Evictions>;

/// Both caches of a node.
pub(crate) struct Cache {
    answers: Answers,
    settings: CacheSettings,
    /// What ends answers about items: every write, or those by DAX.
    stamps: Arc<WriteStamps>,
    /// Bytes that were given up for want of room.
    evicted_bytes: Arc<AtomicU64>,
}

/// What was true before a read: an answer made from it is kept with this.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(Validity);

/// What a request reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Item,
    Query,
    Scan,
}

const ITEM_BYTES_EXPECTED: u64 = 512;
/// Answers that there is room for from the start; the map grows with what comes. One for many more than there are is
/// spread over more memory than the processor's caches hold.
const EXPECTED_MAX: u64 = 1 << 17;

impl Cache {
    /// Empty caches. `all_writes` changes with every write to a table of this server.
    pub(crate) fn new(settings: CacheSettings, all_writes: Option<Arc<WriteStamps>>) -> Self {
        let evicted_bytes = Arc::<AtomicU64>::default();
        // Without stamps of all writes nothing would tell of them.
        let stamps = all_writes.filter(|_| settings.mode == CacheMode::Coherent).unwrap_or_default();
        let expected = (settings.bytes / ITEM_BYTES_EXPECTED).clamp(1, EXPECTED_MAX) as usize;
        let answers = Entries::with(
            expected,
            settings.bytes,
            Weighter,
            foldhash::fast::RandomState::default(),
            Evictions(Arc::clone(&evicted_bytes)),
        );
        Cache { answers, settings, stamps, evicted_bytes }
    }

    /// The answer to a request, if it is still one.
    pub(crate) fn find(
        &self,
        (kind, counts): (Kind, &Counts),
        table: &Table,
        key: Key<'_>,
        now_micros: u64,
    ) -> Option<Entry> {
        let found = self.answers.get(&key).filter(|entry| self.holds(entry.validity, table, now_micros));
        let count = match (kind, found.is_some()) {
            (Kind::Item, true) => &counts.item_hits,
            (Kind::Item, false) => &counts.item_misses,
            (Kind::Query, true) => &counts.query_hits,
            (Kind::Query, false) => &counts.query_misses,
            (Kind::Scan, true) => &counts.scan_hits,
            (Kind::Scan, false) => &counts.scan_misses,
        };
        count.fetch_add(1, Ordering::Relaxed);
        found
    }

    fn holds(&self, validity: Validity, table: &Table, now_micros: u64) -> bool {
        let is_as_read = match validity.stamp {
            Stamp::Item(at, stamp) => self.stamps.item(at) == stamp,
            Stamp::Table(stamp) => self.settings.mode == CacheMode::Aws || self.stamps.table(table) == stamp,
        };
        is_as_read && (now_micros < validity.expires_micros || validity.expires_micros == NEVER)
    }

    /// What is true before an item is read.
    pub(crate) async fn before_item(
        &self,
        engine: &Engine,
        key: &ItemKey,
        ttl: Ttl,
        now_micros: u64,
    ) -> Before {
        self.settle(engine).await;
        let at = ItemStamp::of(key);
        Before(Validity { stamp: Stamp::Item(at, self.stamps.item(at)), expires_micros: ttl.end(now_micros) })
    }

    /// What is true before a page is read; `None` where no pages are kept.
    pub(crate) async fn before_page(
        &self,
        engine: &Engine,
        table: &Table,
        ttl: Ttl,
        now_micros: u64,
    ) -> Option<Before> {
        if ttl.is_endless() {
            return None; // a time of 0 turns the query cache off
        }
        self.settle(engine).await;
        let stamp = Stamp::Table(self.stamps.table(table));
        Some(Before(Validity { stamp, expires_micros: ttl.end(now_micros) }))
    }

    /// Writes whose writers have gone are awaited, so that they count as before or behind what is read next.
    async fn settle(&self, engine: &Engine) {
        if self.stamps.are_unsettled() {
            // A store that fails answers no read either.
            _ = self.stamps.settle(engine.store()).await;
        }
    }

    /// Keeps an answer that was made from what was read since `before`.
    pub(crate) fn keep(&self, key: Key<'_>, before: Before, answer: &[u8]) {
        let (key, entry) = (key.kept(), Entry { answer: answer.into(), validity: before.0 });
        if Weighter.weight(&key, &entry) <= self.settings.bytes / 8 {
            self.answers.insert(key, entry);
        }
    }

    /// Whether every write ends what it makes untrue, so that none needs to be told here.
    pub(crate) fn sees_all_writes(&self) -> bool {
        self.settings.mode == CacheMode::Coherent
    }

    /// DAX has written an item: its answers are no longer true.
    pub(crate) fn wrote(&self, table: &Table, key: &ItemKey) {
        if !self.sees_all_writes() {
            self.stamps.wrote(table, key);
        }
    }

    /// How long items and pages hold where no parameter group says.
    pub(crate) fn ttls(&self) -> (Ttl, Ttl) {
        (self.settings.item_ttl, self.settings.query_ttl)
    }

    /// Bytes that were given up for want of room, since the start.
    pub(crate) fn evicted_bytes(&self) -> u64 {
        self.evicted_bytes.load(Ordering::Relaxed)
    }

    /// Bytes that are held.
    pub(crate) fn bytes(&self) -> u64 {
        self.answers.weight()
    }

    /// The budget.
    pub(crate) fn bytes_max(&self) -> u64 {
        self.settings.bytes
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
