//! A writer with keys of its own and an oracle of their rows.

use super::Flush;
use super::findings::{Findings, short};
use std::collections::BTreeMap;
use std::ops::Bound::{self, Excluded, Included};
use stdx::Random;
use store::wait::wait;
use store::*;

const WINDOW_KEYS: u64 = 24;
const LARGE_ROW_BYTES: usize = 20_000;
/// Writes under way at once.
const BURST_MAX: u64 = 8;

pub(super) struct Writer {
    prefix: [u8; 5],
    random: Random,
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Keys are drawn near this number; it moves now and then.
    window: u64,
    writes: u64,
}

/// A mutation that has been thought of: what it writes, and what it will have found.
struct Intent {
    keys: Vec<Vec<u8>>,
    rows: Vec<Option<Vec<u8>>>,
    refuses: bool,
    found: Vec<Option<Vec<u8>>>,
}

impl Intent {
    fn decide(&mut self, old: &OldRows<'_>) -> Decision {
        self.found = (0..self.keys.len()).map(|index| old.get(index).map(<[u8]>::to_vec)).collect();
        if self.refuses {
            return Decision::Refuse;
        }
        let writes = self.keys.iter().zip(&self.rows);
        let rows = writes.map(|(key, row)| RowWrite { key: key.clone(), row: row.clone() }).collect();
        Decision::Commit(Plan { rows, ..Plan::default() })
    }
}

impl Writer {
    pub(super) fn new(seed: u64, number: u8) -> Self {
        let random = Random::from_seed(seed.wrapping_mul(31).wrapping_add(u64::from(number) + 1));
        let prefix = [b'w', 0, 0, 0, number];
        Self { prefix, random, rows: BTreeMap::new(), window: 0, writes: 0 }
    }

    /// Does so many operations and returns how many.
    pub(super) fn run(
        &mut self,
        store: &dyn Store,
        operations: u64,
        flush: Option<Flush<'_>>,
        found: &Findings,
    ) -> u64 {
        for _ in 0..operations {
            match self.below(1_000) {
                0..500 => self.write(store, found),
                500..700 => self.read(store, found),
                700..980 => self.range(store, found),
                980..985 => self.window = self.below(400),
                985..988 => self.drop_range(store, found),
                _ => flush.into_iter().for_each(|flush| flush(store)),
            }
        }
        operations
    }

    /// Compares everything.
    pub(super) fn compare(&self, store: &dyn Store, found: &Findings, when: &str) {
        let end = [&self.prefix[..4], &[self.prefix[4] + 1]].concat();
        let (start, end) = (Included(&self.prefix[..]), Excluded(&end[..]));
        for direction in [Direction::Forward, Direction::Reverse] {
            self.compare_range(store, (start, end), direction, usize::MAX, found, when);
        }
        for (key, row) in &self.rows {
            self.compare_row(store, key, Some(row), found, when);
        }
    }

    fn below(&self, end: u64) -> u64 {
        self.random.next_u64() % end
    }

    /// Some keys are prefixes of their neighbours, and all share most of their bytes.
    fn key(&self) -> Vec<u8> {
        let number = self.window + self.below(WINDOW_KEYS);
        let tail = [number as u8; 3];
        [&self.prefix[..], &[(number >> 6) as u8], b"........", &tail[..1 + number as usize % 3]].concat()
    }

    fn row(&mut self) -> Option<Vec<u8>> {
        self.writes += 1;
        let length = match self.below(100) {
            0..25 => return None,
            25..28 => LARGE_ROW_BYTES,
            _ => 8 + self.below(100) as usize,
        };
        let mut row = self.writes.to_be_bytes().to_vec();
        row.resize(length, self.writes as u8);
        Some(row)
    }

    fn intent(&mut self, keys_max: u64) -> Intent {
        let mut keys: Vec<_> = (0..1 + self.below(keys_max)).map(|_| self.key()).collect();
        keys.sort();
        keys.dedup();
        let rows = keys.iter().map(|_| self.row()).collect();
        Intent { keys, rows, refuses: self.below(10) == 0, found: Vec::new() }
    }

    /// A transaction, or a burst of mutations under way at once: one by one, of several keys each, or all together.
    fn write(&mut self, store: &dyn Store, found: &Findings) {
        let (alone, together) = (self.below(4) == 0, self.below(4) == 0);
        let locking = if alone && self.below(2) == 0 { Locking::Transaction } else { Locking::Single };
        let count = if alone { 1 } else { 1 + self.below(BURST_MAX) };
        let mut intents: Vec<_> = (0..count).map(|_| self.intent(if together { 1 } else { 3 })).collect();
        let outcomes = send(store, &mut intents, locking, together);
        for (intent, outcome) in intents.iter().zip(&outcomes) {
            let refuses = intent.refuses;
            let fits = match outcome {
                Ok(Outcome::Refused) => refuses,
                Ok(Outcome::Committed(_)) => !refuses,
                _ => false,
            };
            found.check(fits, || {
                format!("a write that {} ended with {outcome:?}", if refuses { "refuses" } else { "commits" })
            });
        }
        self.learn_all(intents, &outcomes, found);
    }

    /// Enters what a burst has written, in the order of positions. A refusal has none, so what it has found is
    /// compared only where nothing else of the burst is about its keys.
    fn learn_all(
        &mut self,
        intents: Vec<Intent>,
        outcomes: &[Result<Outcome, StoreError>],
        found: &Findings,
    ) {
        let (refused, committed): (Vec<_>, Vec<_>) =
            intents.into_iter().zip(outcomes).partition(|(intent, _)| intent.refuses);
        for (intent, _) in refused {
            let meets = |other: &Intent| other.keys.iter().any(|key| intent.keys.contains(key));
            if !committed.iter().any(|(other, _)| meets(other)) {
                self.learn(intent, found);
            }
        }
        let position = |outcome: &Result<Outcome, StoreError>| match outcome {
            Ok(Outcome::Committed(stamp)) => stamp.position,
            _ => Position::default(),
        };
        let mut committed = committed;
        committed.sort_by_key(|(_, outcome)| position(outcome));
        committed.into_iter().for_each(|(intent, _)| self.learn(intent, found));
    }

    /// Compares what a mutation found, and enters what it wrote.
    fn learn(&mut self, intent: Intent, found: &Findings) {
        found.check(intent.found.len() == intent.keys.len(), || "decide was not called".to_owned());
        for ((key, row), old) in intent.keys.into_iter().zip(intent.rows).zip(&intent.found) {
            let expected = self.rows.get(&key).map(Vec::as_slice);
            found.check(old.as_deref() == expected, || mismatch("decide", &key, old.as_deref(), expected));
            if !intent.refuses {
                match row {
                    Some(row) => self.rows.insert(key, row),
                    None => self.rows.remove(&key),
                };
            }
        }
    }

    fn read(&mut self, store: &dyn Store, found: &Findings) {
        let key = self.key();
        self.compare_row(store, &key, self.rows.get(&key), found, "");
    }

    fn compare_row(
        &self,
        store: &dyn Store,
        key: &[u8],
        row: Option<&Vec<u8>>,
        found: &Findings,
        when: &str,
    ) {
        let expected = row.map(Vec::as_slice);
        let mut visited = 0;
        let visit = &mut |row: Option<&[u8]>| {
            visited += 1;
            found.check(row == expected, || mismatch(&format!("get {when}"), key, row, expected));
        };
        let result = store.get(key, Consistency::Strong, visit).wait();
        found.check(result.is_ok() && visited == 1, || format!("get visited {visited} times: {result:?}"));
    }

    fn range(&mut self, store: &dyn Store, found: &Findings) {
        let mut ends = [self.key(), self.key()];
        ends.sort();
        let [start, end] = &ends;
        let start = if self.below(2) == 0 { Included(&start[..]) } else { Excluded(&start[..]) };
        let end = if self.below(2) == 0 { Included(&end[..]) } else { Excluded(&end[..]) };
        let direction = if self.below(2) == 0 { Direction::Forward } else { Direction::Reverse };
        let limit = 1 + self.below(30) as usize;
        self.compare_range(store, (start, end), direction, limit, found, "");
    }

    fn compare_range(
        &self,
        store: &dyn Store,
        (start, end): (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        limit: usize,
        found: &Findings,
        when: &str,
    ) {
        let mut expected = self.expected((start, end), direction, limit).into_iter();
        let mut rows = 0;
        let visit = &mut |key: &[u8], row: &[u8]| {
            let next = expected.next();
            found.check(next == Some((key, row)), || {
                let next = next.map_or("nothing".to_owned(), |(key, row)| {
                    format!("{} = {}", key.escape_ascii(), short(Some(row)))
                });
                format!(
                    "{direction:?} range {when}: {} = {} where {next} was due",
                    key.escape_ascii(),
                    short(Some(row))
                )
            });
            rows += 1;
            if rows == limit { Visit::Stop } else { Visit::Continue }
        };
        let range = KeyRange { start, end };
        let read = RangeRead { range, direction, consistency: Consistency::Strong, rows_expected: limit };
        let result = store.range(read, visit).wait();
        let missed = expected.len();
        found.check(result.is_ok() && missed == 0, || {
            format!("{direction:?} range {when} missed {missed}: {result:?}")
        });
    }

    fn expected(
        &self,
        bounds: (Bound<&[u8]>, Bound<&[u8]>),
        direction: Direction,
        limit: usize,
    ) -> Vec<(&[u8], &[u8])> {
        if let (Included(start) | Excluded(start), Excluded(end)) | (Excluded(start), Included(end)) = bounds
            && start == end
        {
            return Vec::new();
        }
        let rows = self.rows.range::<[u8], _>(bounds).map(|(key, row)| (&key[..], &row[..]));
        match direction {
            Direction::Forward => rows.take(limit).collect(),
            Direction::Reverse => rows.rev().take(limit).collect(),
        }
    }

    /// Drops the keys that share the beginning of a key of the window.
    fn drop_range(&mut self, store: &dyn Store, found: &Findings) {
        let prefix = self.key()[..6].to_vec();
        let outcome = store.drop_range(&prefix).wait();
        found.check(matches!(outcome, Ok(Outcome::Committed(_))), || {
            format!("drop_range ended with {outcome:?}")
        });
        self.rows.retain(|key, _| !key.starts_with(&prefix));
    }
}

fn send(
    store: &dyn Store,
    intents: &mut [Intent],
    locking: Locking,
    together: bool,
) -> Vec<Result<Outcome, StoreError>> {
    let keys: Vec<Vec<Vec<u8>>> = intents.iter().map(|intent| intent.keys.clone()).collect();
    let keys: Vec<Vec<&[u8]>> = keys.iter().map(|keys| keys.iter().map(Vec::as_slice).collect()).collect();
    let mut decides: Vec<_> =
        intents.iter_mut().map(|intent| |old: &OldRows<'_>| intent.decide(old)).collect();
    let mut mutations = Vec::new();
    for (keys, decide) in keys.iter().zip(&mut decides) {
        mutations.push(Mutation { keys, fences: &[], locking, decide });
    }
    let pending = match together {
        true => store.mutate_each(mutations),
        false => mutations.into_iter().map(|mutation| store.mutate(mutation)).collect(),
    };
    wait(Pending::all(pending))
}

fn mismatch(what: &str, key: &[u8], got: Option<&[u8]>, expected: Option<&[u8]>) -> String {
    format!("{what} of {}: {} where {} was due", key.escape_ascii(), short(got), short(expected))
}
