//! Counting in rows, counters and a feed, and readers who watch that nothing seen is old or goes back.

use super::findings::Findings;
use std::ops::Bound::Included;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use stdx::Random;
use store::*;

const COUNTS: usize = 8;
const FEED: FeedId = FeedId(77);

/// For each count the value that was acknowledged last.
pub(super) type Acknowledged = Arc<[AtomicU64; COUNTS]>;

pub(super) struct Counting {
    acknowledged: Acknowledged,
    random: Random,
    /// Number of the newest feed record, and how far the feed was compared and trimmed.
    appended: u64,
    compared: u64,
    cursor: FeedCursor,
}

fn key(count: usize) -> [u8; 6] {
    [b'c', 0, 0, 0, 0, count as u8]
}

fn counter(count: usize) -> CounterId {
    CounterId(1_000 + count as u64)
}

fn number(bytes: Option<&[u8]>) -> u64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

impl Counting {
    pub(super) fn new(seed: u64) -> Self {
        let random = Random::from_seed(!seed);
        Self { acknowledged: Arc::default(), random, appended: 0, compared: 0, cursor: FeedCursor::START }
    }

    pub(super) fn acknowledged(&self) -> Acknowledged {
        Arc::clone(&self.acknowledged)
    }

    /// Counts while the others write, and returns how often.
    pub(super) fn count(&mut self, store: &dyn Store, writing: &AtomicBool, found: &Findings) -> u64 {
        let before = self.appended;
        while writing.load(Ordering::SeqCst) {
            let count = self.random.next_u64() as usize % COUNTS;
            self.increment(store, count, found);
        }
        self.appended - before
    }

    fn increment(&mut self, store: &dyn Store, count: usize, found: &Findings) {
        let mut old = 0;
        self.appended += 1;
        let record = self.appended.to_be_bytes().to_vec();
        let decide = &mut |rows: &OldRows<'_>| {
            old = number(rows.get(0));
            let row = RowWrite { key: key(count).to_vec(), row: Some((old + 1).to_be_bytes().to_vec()) };
            let (feed, counters) = (vec![(FEED, record.clone())], vec![(counter(count), 1)]);
            Decision::Commit(Plan { rows: vec![row], feed, counters, ..Plan::default() })
        };
        let mutation = Mutation { keys: &[&key(count)], fences: &[], locking: Locking::Single, decide };
        let outcome = store.mutate(mutation).wait();
        found.check(matches!(outcome, Ok(Outcome::Committed(_))), || {
            format!("counting ended with {outcome:?}")
        });
        let known = self.acknowledged[count].swap(old + 1, Ordering::SeqCst);
        found.check(old == known, || format!("decide saw count {count} at {old}, {known} was acknowledged"));
    }

    /// Compares rows, counters and the feed, and trims what was compared.
    pub(super) fn compare(&mut self, store: &dyn Store, found: &Findings, when: &str) {
        for count in 0..COUNTS {
            let expected = self.acknowledged[count].load(Ordering::SeqCst);
            for way in Way::ALL {
                let seen = way.value(store, count, found);
                found.check(seen == expected, || {
                    format!("{way:?} of count {count} {when}: {seen}, not {expected}")
                });
            }
        }
        self.compare_feed(store, found, when);
    }

    fn compare_feed(&mut self, store: &dyn Store, found: &Findings, when: &str) {
        let mut next = self.compared;
        let visit = &mut |record: FeedRecord<'_>| {
            next += 1;
            let seen = number(Some(record.bytes));
            found.check(seen == next, || format!("feed {when}: record {seen} where {next} was due"));
            Visit::Continue
        };
        let safe_until = store.tail(FEED, self.cursor, usize::MAX, visit).wait();
        found
            .check(next == self.appended, || format!("feed {when}: ends with {next}, not {}", self.appended));
        match safe_until {
            Ok(safe_until) => self.trim(store, safe_until, found),
            Err(error) => found.wrong(|| format!("tail {when}: {error}")),
        }
    }

    /// Forgets half of the time, so that both a trimmed and a whole feed are reopened.
    fn trim(&mut self, store: &dyn Store, up_to: Position, found: &Findings) {
        if self.random.next_u64().is_multiple_of(2) {
            return;
        }
        let outcome = store.trim(FEED, FeedCursor::behind(up_to)).wait();
        found.check(outcome.is_ok(), || format!("trim ended with {outcome:?}"));
        (self.cursor, self.compared) = (FeedCursor::START, self.appended);
    }
}

/// The ways a count can be read.
#[derive(Debug, Clone, Copy)]
enum Way {
    Get,
    Forward,
    Reverse,
    Together,
    Counter,
}

impl Way {
    const ALL: [Way; 5] = [Way::Get, Way::Forward, Way::Reverse, Way::Together, Way::Counter];

    fn value(self, store: &dyn Store, count: usize, found: &Findings) -> u64 {
        let key = key(count);
        let mut value = 0;
        let result = match self {
            Way::Get => store.get(&key, Consistency::Strong, &mut |row| value = number(row)).wait(),
            Way::Forward => range(store, &key, Direction::Forward, &mut value),
            Way::Reverse => range(store, &key, Direction::Reverse, &mut value),
            Way::Together => {
                let visit = &mut |_, row: Option<&[u8]>| value = number(row);
                store.read_at_one_position(&[&key], visit).wait().map(drop)
            }
            Way::Counter => store.counter(counter(count)).wait().map(|counter| value = counter as u64),
        };
        found.check(result.is_ok(), || format!("{self:?}: {result:?}"));
        value
    }
}

fn range(store: &dyn Store, key: &[u8], direction: Direction, value: &mut u64) -> Result<(), StoreError> {
    let range = KeyRange { start: Included(key), end: Included(key) };
    let visit = &mut |_: &[u8], row: &[u8]| {
        *value = number(Some(row));
        Visit::Continue
    };
    let (consistency, rows_expected) = (Consistency::Strong, 1);
    store.range(RangeRead { range, direction, consistency, rows_expected }, visit).wait()
}

/// Reads while the others write: never older than acknowledged, never backwards. Returns how often it read.
pub(super) fn watch(
    store: &dyn Store,
    acknowledged: &Acknowledged,
    writing: &AtomicBool,
    seed: u64,
    found: &Findings,
) -> u64 {
    let random = Random::from_seed(seed.rotate_left(17));
    let mut last = [0; COUNTS];
    let mut reads = 0;
    while writing.load(Ordering::SeqCst) {
        let count = random.next_u64() as usize % COUNTS;
        let way = Way::ALL[random.next_u64() as usize % Way::ALL.len()];
        let known = acknowledged[count].load(Ordering::SeqCst).max(last[count]);
        let seen = way.value(store, count, found);
        found.check(seen >= known, || {
            format!("{way:?} of count {count}: {seen} after {known} was acknowledged or seen")
        });
        last[count] = seen.max(known);
        reads += 1;
    }
    reads
}
