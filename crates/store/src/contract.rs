//! The storage contract.
//!
//! A store keeps four things: **rows** (ordered bytes; keys are made by the engine), **feeds** (append-only
//! records with position and time), **counters** (commutative sums), and **records** (small documents of the
//! side services and the catalog). Every write is a [`Mutation`]: it names its row keys before anything is
//! read, `decide` gets the old rows and returns a [`Plan`], and the plan is all-or-nothing.
//!
//! What is guaranteed:
//! * **Acknowledged means durable.** A [`Pending`] resolves only when everything its outcome was computed
//!   from is durable, refused outcomes included. Readers (`get`, `range`, `read_at_one_position`, `tail`,
//!   `counter`, `record`) see durable data only; `decide` sees the newest appended rows.
//! * **Writers of one key are serial.** Single mutations wait for each other; a transaction holds its keys
//!   until it is durable, and a writer of a key held by a transaction gets [`Outcome::Conflict`] at once.
//! * **One order.** Commits have positions; a plan's rows, feed records, counter deltas and records become
//!   visible together, and nothing ever appears in a feed at or below a `safe_until` already returned.
//!
//! A call answers at once where it can, and with a future where it has to wait ([`Pending`], [`Reading`]); nothing
//! here needs an async runtime. Visitors and `decide` run inside the call or while its future is polled, never
//! after it, and must not call the store: a store may hold a place for them.

use std::fmt;
use std::future::Future;
use std::ops::Bound;
use std::pin::Pin;

mod pending;
mod place_at;
mod reading;
mod resolved;
mod watch;

pub use pending::Pending;
pub use place_at::place_at;
pub use reading::Reading;
pub use resolved::resolved;
pub use watch::{Changed, Watch, Watches};

/// A place in the one order of commits. Sixteen bytes so that a distributed store fits; 0 is before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u128);

/// Position and time of a commit, assigned together by the store: time = max(previous time, clock).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Stamp {
    /// Where in the order of commits.
    pub position: Position,
    /// Microseconds since the Unix epoch; never decreases from one position to the next.
    pub time_micros: u64,
}

/// A place in a feed: behind one record, which need not be there any more. A commit may append many records at one
/// position, so a reader that stops inside a commit continues behind the record it has read last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FeedCursor {
    /// The commit.
    pub position: Position,
    /// Which of the commit's records in the feed, from 0.
    pub index: u32,
}

impl FeedCursor {
    /// Before every record.
    pub const START: FeedCursor = FeedCursor { position: Position(0), index: 0 };

    /// Behind all records of the commit at a position, and of all before it.
    pub fn behind(position: Position) -> FeedCursor {
        FeedCursor { position, index: u32::MAX }
    }
}

/// Names a feed. Chosen by the engine (a table id), never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FeedId(pub u64);

/// Names a counter. Chosen by the engine, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CounterId(pub u64);

/// A schema version a mutation was planned with, or that a plan raises. `subject` is the engine's (a table
/// id). A mutation whose fence is not equal to the current version is refused with [`Outcome::Fenced`].
/// A subject that was never raised has version 0. Raising it to 0 forgets it: nothing of it is kept, and whatever was
/// planned with a version of it stays refused. Subjects are not used again. Raising one to a lower version than it
/// has changes nothing. A store that several engines may have open keeps fences as it keeps rows. One that only one
/// process can have open may forget them when it is closed: the engine raises them again at open, by what its
/// documents say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// What is guarded.
    pub subject: u64,
    /// The version planned with, or raised to.
    pub version: u64,
}

/// How a mutation behaves where another writer holds one of its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    /// Waits for single mutations, conflicts with transactions. Releases its keys as soon as it is appended,
    /// so that a hot item is not bound to one write a sync.
    Single,
    /// Tries all keys at once, reports every busy one, and holds them until durable.
    Transaction,
}

/// One atomic write, borrowed from the caller.
pub struct Mutation<'a> {
    /// Every row key the plan may put, delete or depends on. Need not be sorted; must be distinct.
    pub keys: &'a [&'a [u8]],
    /// Versions the plan depends on, checked when it is appended.
    pub fences: &'a [Fence],
    /// See [`Locking`].
    pub locking: Locking,
    /// Decides on the old rows, in the order of `keys`. Pure, and called again where a store finds that the rows
    /// have changed since: the last call counts. It is not called at all where the outcome is a conflict. What it
    /// wants to tell its caller it leaves in a variable it captures, overwritten by each call, which the caller
    /// reads after the outcome.
    pub decide: &'a mut Decide<'a>,
}

/// See [`Mutation::decide`].
pub type Decide<'a> = dyn FnMut(&OldRows<'_>) -> Decision + Send + 'a;

/// The rows of a mutation's keys as they are before it, in the order of the keys.
pub struct OldRows<'a>(pub &'a [Option<&'a [u8]>]);

impl<'a> OldRows<'a> {
    /// The old row of the key at `index`.
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        self.0[index]
    }
}

/// The result of `decide`.
#[derive(Debug)]
pub enum Decision {
    /// Write this.
    Commit(Plan),
    /// Write nothing; the caller has its reason in its own variable.
    Refuse,
}

/// What a mutation writes.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Rows to put (`Some`) or delete (`None`). A row that is not among the mutation's keys must be owned by
    /// one of them (an index entry of its item). Each key at most once.
    pub rows: Vec<RowWrite>,
    /// Records appended to feeds, in order.
    pub feed: Vec<(FeedId, Vec<u8>)>,
    /// Commutative changes of counters.
    pub counters: Vec<(CounterId, i64)>,
    /// Documents to put (`Some`) or delete (`None`).
    pub records: Vec<RecordWrite>,
    /// Fences to raise with this commit: later mutations planned with another version are refused.
    pub raise: Vec<Fence>,
}

/// One row of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWrite {
    /// The row's key.
    pub key: Vec<u8>,
    /// The new row, or `None` to delete it.
    pub row: Option<Vec<u8>>,
}

/// One document of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWrite {
    /// The document's key, see [`crate::records`].
    pub key: Vec<u8>,
    /// The new document, or `None` to delete it.
    pub document: Option<Vec<u8>>,
}

/// How a mutation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Durable at this position and time.
    Committed(Stamp),
    /// `decide` refused; what it saw is durable.
    Refused,
    /// Keys held by a transaction, as indexes into `Mutation::keys`. Nothing was read or written.
    Conflict(Vec<usize>),
    /// A fence has moved on: plan again with the new version. Nothing was written.
    Fenced,
    /// The store cannot tell whether the commit happened (a distributed store losing its peer, or a failed
    /// sync while the process ends). The caller must not acknowledge; [`Store::resolve`] decides it later.
    Unknown(CommitId),
}

/// Names a commit whose outcome was unknown. Given by the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct CommitId(pub u128);

/// Which end of a range is visited first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Ascending by key.
    Forward,
    /// Descending by key.
    Reverse,
}

/// A range of row keys. A cursor is an excluded bound: after a page that ended at key `k`, a forward range
/// continues with `start = Excluded(k)`, a reverse one with `end = Excluded(k)`.
#[derive(Debug, Clone, Copy)]
pub struct KeyRange<'a> {
    /// Lower bound.
    pub start: Bound<&'a [u8]>,
    /// Upper bound.
    pub end: Bound<&'a [u8]>,
}

/// What is read of a range.
#[derive(Debug, Clone, Copy)]
pub struct RangeRead<'a> {
    /// From where to where.
    pub range: KeyRange<'a>,
    /// From which end.
    pub direction: Direction,
    /// How new the rows must be.
    pub consistency: Consistency,
    /// How many rows the reader expects to need at most: a store that fetches rows from elsewhere fetches no more
    /// in one go. Only the visitor ends the read.
    pub rows_expected: usize,
}

/// How new a read must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consistency {
    /// Everything acknowledged before the read began is seen.
    Strong,
    /// May be a moment old, where that is cheaper for the store.
    Eventual,
}

/// Takes the row of a key, if there is one.
pub type VisitRow<'a> = dyn FnMut(Option<&[u8]>) + Send + 'a;
/// Takes the row of the key at an index.
pub type VisitKeyed<'a> = dyn FnMut(usize, Option<&[u8]>) + Send + 'a;
/// The same, and returns whether to continue.
pub type VisitMany<'a> = dyn FnMut(usize, Option<&[u8]>) -> Visit + Send + 'a;
/// Takes a key and what is stored under it.
pub type VisitEntry<'a> = dyn FnMut(&[u8], &[u8]) -> Visit + Send + 'a;
/// Takes a record of a feed.
pub type VisitRecord<'a> = dyn FnMut(FeedRecord<'_>) -> Visit + Send + 'a;

/// Whether a read continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Go on.
    Continue,
    /// Enough.
    Stop,
}

/// A record of a feed as `tail` lends it.
#[derive(Debug, Clone, Copy)]
pub struct FeedRecord<'a> {
    /// Position and time of the commit that wrote it.
    pub stamp: Stamp,
    /// Which of the commit's records in this feed, from 0.
    pub index: u32,
    /// The engine's bytes.
    pub bytes: &'a [u8],
}

impl FeedRecord<'_> {
    /// The place behind this record.
    pub fn cursor(&self) -> FeedCursor {
        FeedCursor { position: self.stamp.position, index: self.index }
    }
}

/// What a store can do beyond the contract's minimum; the engine plans accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Data survives the process.
    pub durable: bool,
    /// Index entries may be written in the commit of their item, wherever they sort.
    pub transactions_across_rows: bool,
    /// Several engines may have it open: what must run once needs a lease.
    pub shared: bool,
}

/// A figure that a store tells of itself, for whoever watches the server.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// As the page of metrics has it, in snake case and with its unit last.
    pub name: &'static str,
    /// A sentence.
    pub help: &'static str,
    /// Whether it only grows, until the server starts anew.
    pub grows: bool,
    /// A label, where there are several of the name, which then follow each other.
    pub label: Option<(&'static str, String)>,
    /// The figure.
    pub value: f64,
}

/// Why a call of a store failed. Coarse: each kind is a different reaction of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Try again: the store is busy, closing, or briefly unable.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The disk is full: nothing was written, reads continue, writes may succeed once there is space.
    #[error("no space left on the device that holds {0}")]
    Full(String),
    /// Stored bytes are damaged, or not what this version writes. The text names the file or key, and the remedy.
    #[error("damaged data: {0}")]
    Corrupt(String),
    /// The data is sealed, and the key that opens it cannot be used now. The text is the one to answer.
    #[error("sealed data: {0}")]
    Locked(String),
    /// An earlier write or sync failed; nothing is acknowledged any more and the process is about to end.
    #[error("the store is poisoned: {0}")]
    Poisoned(String),
}

/// The storage contract. See the module's header for what every implementation guarantees.
pub trait Store: Send + Sync + fmt::Debug + 'static {
    /// Lends the row of a key, if there is one.
    fn get<'a>(
        &'a self,
        key: &'a [u8],
        consistency: Consistency,
        visit: &'a mut VisitRow<'a>,
    ) -> Reading<'a, ()>;

    /// Lends the rows of several keys, in the order of the keys, until the visitor stops. Each is as of some moment
    /// during the call. They are read one after another here; a store that fetches them from elsewhere fetches many at
    /// once.
    fn get_many<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        consistency: Consistency,
        visit: &'a mut VisitMany<'a>,
    ) -> Reading<'a, ()> {
        Reading::waiting(async move {
            for (index, key) in keys.iter().enumerate() {
                let mut next = Visit::Stop;
                self.get(key, consistency, &mut |row| next = visit(index, row)).await?;
                if next == Visit::Stop {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Lends the rows of a range, in order, until the visitor stops. Not a snapshot: each row is as of some
    /// moment during the call, and no row that was there throughout is missed. A store does a bounded amount of work on
    /// the caller's thread, however many deleted rows lie between those it lends.
    fn range<'a>(&'a self, read: RangeRead<'a>, visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()>;

    /// Lends the rows of several keys as they all are at one durable position.
    fn read_at_one_position<'a>(
        &'a self,
        keys: &'a [&'a [u8]],
        visit: &'a mut VisitKeyed<'a>,
    ) -> Reading<'a, Position>;

    /// Takes the keys, decides, appends. A store that need not wait has done so when it returns; one that must wait
    /// continues as the result is polled. The result resolves when the outcome is durable.
    fn mutate<'a>(&'a self, mutation: Mutation<'a>) -> Pending<'a>;

    /// Independent mutations that share one group commit; outcomes in order. Keys may repeat: mutations of one key
    /// are serial, in no promised order.
    fn mutate_each<'a>(&'a self, mutations: Vec<Mutation<'a>>) -> Vec<Pending<'a>>;

    /// Decides what became of a mutation that ended as [`Outcome::Unknown`]: where it committed, or `None` if nothing
    /// of it happened and nothing will. Each call answers the same. An error leaves it unknown.
    fn resolve(&self, commit: CommitId) -> Reading<'_, Option<Stamp>>;

    /// Resolves, as [`Outcome::Refused`], when everything appended before the call is durable. Writes nothing.
    fn settled(&self) -> Pending<'_>;

    /// Deletes every row whose key begins with `prefix`. Resolves when no reader can see the rows any more and no
    /// replay brings them back; until then a reader may see some. Space is reclaimed later. The caller has fenced
    /// writers of the range off before.
    fn drop_range<'a>(&'a self, prefix: &'a [u8]) -> Pending<'a>;

    /// Lends the records of a feed behind a cursor, in order, at most `limit`, until the visitor stops.
    /// Returns `safe_until`: no record of the feed will ever appear at or below it that was not there now.
    fn tail<'a>(
        &'a self,
        feed: FeedId,
        after: FeedCursor,
        limit: usize,
        visit: &'a mut VisitRecord<'a>,
    ) -> Reading<'a, Position>;

    /// Resolves when the feed has a durable record behind `after`, without polling.
    fn changed(&self, feed: FeedId, after: FeedCursor) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;

    /// Forgets the feed's records up to a cursor: the one it is behind, and all before it.
    fn trim(&self, feed: FeedId, up_to: FeedCursor) -> Pending<'_>;

    /// The counter's durable value; 0 if it was never touched.
    fn counter(&self, counter: CounterId) -> Reading<'_, i64>;

    /// A document, if there is one.
    fn record<'a>(&'a self, key: &'a [u8]) -> Reading<'a, Option<Vec<u8>>>;

    /// Lends the documents whose keys begin with `prefix`, in order.
    fn records<'a>(&'a self, prefix: &'a [u8], visit: &'a mut VisitEntry<'a>) -> Reading<'a, ()>;

    /// The newest version of a fence's subject, whether or not the commit that raised it is durable yet.
    fn fence(&self, subject: u64) -> Reading<'_, u64>;

    /// Watches the documents whose keys begin with `prefix`, from now on. What is committed by way of this store
    /// object is noted before its outcome resolves; what another process commits to the same data, as soon as this one
    /// notices it.
    fn watch(&self, prefix: &[u8]) -> Watch;

    /// Position and time of the newest durable commit that this store object knows of.
    fn durable(&self) -> Stamp;

    /// A position behind which nothing is that was acknowledged or could be read before the call, whichever process
    /// committed it.
    fn newest(&self) -> Reading<'_, Position> {
        Reading::ready(Ok(self.durable().position))
    }

    /// What this store can do.
    fn capabilities(&self) -> Capabilities;

    /// `Ok` while the store takes writes; otherwise why not.
    fn health(&self) -> Result<(), StoreError>;

    /// What this store tells of itself beyond what every store does. What cannot be told now is left out.
    fn measures(&self) -> Pin<Box<dyn Future<Output = Vec<Measure>> + Send + '_>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Makes everything durable, leaves nothing to replay, stops background work. Later writes fail. Blocks the
    /// calling thread until that is done.
    fn close(&self) -> Result<(), StoreError>;
}
