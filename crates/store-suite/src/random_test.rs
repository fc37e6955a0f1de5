//! A random test against any store: equal seeds make equal choices, and every answer is compared.
//!
//! Each writer has keys of its own and an oracle, a `BTreeMap`; it reads, modifies, deletes, reads ranges both
//! ways and drops some, in windows of keys so narrow that old and new rows of a key lie close together. One
//! more thread counts in a few rows, counters and a feed; readers check that what they see is never older
//! than what was acknowledged and never goes back. After every round everything is compared, and again after
//! the store was reopened.
//!
//! It reports wrong answers and does not panic on them. Which thread runs when is the machine's choice.

mod counting;
mod findings;
mod writer;

use counting::Counting;
use findings::Findings;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use stdx::{Clock, SystemClock};
use store::Store;
use writer::Writer;

/// Closes a store and opens it again; it is handed the only reference.
pub type Reopen<'a> = &'a dyn Fn(Arc<dyn Store>) -> Arc<dyn Store>;

/// Makes the store move what it has in memory, so that reads cover every kind of place. Called by writers.
pub type Flush<'a> = &'a (dyn Fn(&dyn Store) + Sync);

/// How long the test runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many operations of each writer, then it ends.
    Operations(u64),
    /// Rounds until the time is over.
    Seconds(u64),
}

/// What to run.
#[derive(Clone, Copy)]
pub struct RandomTest<'a> {
    /// Equal seeds make equal choices.
    pub seed: u64,
    /// How long.
    pub length: Length,
    /// Operations of each writer between two comparisons.
    pub round_operations: u64,
    /// Writers with keys of their own; the counting thread and two readers come on top.
    pub threads: usize,
    /// How to close and open again after a round, if the store keeps anything.
    pub reopen: Option<Reopen<'a>>,
    /// How to make it flush, if it can.
    pub flush: Option<Flush<'a>>,
}

/// What a run has done and found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Operations of all threads.
    pub operations: u64,
    /// Rounds that ended in a comparison.
    pub rounds: u64,
    /// How often the store was reopened.
    pub reopens: u64,
    /// How many answers were wrong.
    pub wrong: u64,
    /// The first of them.
    pub descriptions: Vec<String>,
}

const READERS: u64 = 2;

impl RandomTest<'_> {
    /// Four writers and rounds of a thousand operations, without hooks.
    pub fn new(seed: u64, length: Length) -> Self {
        Self { seed, length, round_operations: 1_000, threads: 4, reopen: None, flush: None }
    }

    /// Runs on an empty store, and closes it at the end.
    pub fn run(&self, mut store: Arc<dyn Store>) -> Report {
        let findings = Findings::default();
        let mut report = Report::default();
        let mut counting = Counting::new(self.seed);
        let mut writers: Vec<Writer> =
            (0..self.threads).map(|number| Writer::new(self.seed, number as u8)).collect();
        let ends = Ends::new(self.length);
        while !ends.reached(report.rounds * self.round_operations) {
            report.operations += self.round(&*store, &mut writers, &mut counting, &findings);
            compare(&*store, &mut writers, &mut counting, &findings, "after a round");
            report.rounds += 1;
            if let Some(reopen) = self.reopen {
                store = reopen(store);
                report.reopens += 1;
                compare(&*store, &mut writers, &mut counting, &findings, "after reopening");
            }
        }
        if let Err(error) = store.close() {
            findings.wrong(|| format!("close: {error}"));
        }
        (report.wrong, report.descriptions) = findings.into_parts();
        report
    }

    fn round(
        &self,
        store: &dyn Store,
        writers: &mut [Writer],
        counting: &mut Counting,
        found: &Findings,
    ) -> u64 {
        let writing = AtomicBool::new(true);
        let seen = counting.acknowledged();
        // The hooks other than `flush` stay on this thread.
        let (flush, operations) = (self.flush, self.round_operations);
        thread::scope(|scope| {
            let readers: Vec<_> = (0..READERS)
                .map(|number| {
                    let (writing, seen, seed) = (&writing, &seen, self.seed ^ number);
                    scope.spawn(move || counting::watch(store, seen, writing, seed, found))
                })
                .collect();
            let counter = scope.spawn(|| counting.count(store, &writing, found));
            let writers: Vec<_> = writers
                .iter_mut()
                .map(|w| scope.spawn(move || w.run(store, operations, flush, found)))
                .collect();
            let wrote = writers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>();
            writing.store(false, Ordering::SeqCst);
            let beside = readers.into_iter().chain([counter]).map(thread::ScopedJoinHandle::join);
            let done: Vec<_> = wrote.into_iter().chain(beside).collect();
            done.into_iter().map(|done| done.unwrap_or_else(|_| found.panicked())).sum()
        })
    }
}

fn compare(store: &dyn Store, writers: &mut [Writer], counting: &mut Counting, found: &Findings, when: &str) {
    writers.iter().for_each(|writer| writer.compare(store, found, when));
    counting.compare(store, found, when);
}

enum Ends {
    After(u64),
    At(Duration),
}

impl Ends {
    fn new(length: Length) -> Self {
        match length {
            Length::Operations(operations) => Ends::After(operations),
            Length::Seconds(seconds) => Ends::At(SystemClock.monotonic() + Duration::from_secs(seconds)),
        }
    }

    fn reached(&self, operations: u64) -> bool {
        match self {
            Ends::After(most) => operations >= *most,
            Ends::At(end) => SystemClock.monotonic() >= *end,
        }
    }
}

#[cfg(test)]
mod tests;
