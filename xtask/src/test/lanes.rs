//! Runs jobs a few at a time: many of them wait more than they compute.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::log::Log;
use super::{Outcome, SuiteResult};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::thread::available_parallelism;
use std::time::Instant;

/// Something that passes or fails.
pub(super) struct Job {
    pub(super) name: String,
    pub(super) work: Box<dyn FnOnce(&Log) -> SuiteResult + Send>,
}

/// How many jobs ended how.
#[derive(Default)]
pub(super) struct Tally {
    passed: usize,
    failed: Vec<String>,
    skipped: usize,
}

impl Tally {
    fn add(&mut self, name: String, result: &SuiteResult) {
        match result {
            Ok(Outcome::Passed) => self.passed += 1,
            Ok(Outcome::Skipped(_) | Outcome::Left(_)) => self.skipped += 1,
            Err(_) => self.failed.push(name),
        }
    }

    /// Says the count; an error if anything failed.
    pub(super) fn close(self) -> Result<(), String> {
        println!("{} passed, {} failed, {} skipped", self.passed, self.failed.len(), self.skipped);
        if self.failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", self.failed.join(", "))) }
    }
}

/// Runs all of them, in this order, as many at once as there are processors. What each printed is shown when it has
/// ended; of one job alone at once.
pub(super) fn run(jobs: Vec<Job>) -> Tally {
    let count = jobs.len();
    let (waiting, tally) = (Mutex::new(VecDeque::from(jobs)), Mutex::new(Tally::default()));
    let next = || waiting.lock().expect("no job panics under the lock").pop_front();
    let lane = || {
        while let Some(Job { name, work }) = next() {
            let started = Instant::now();
            let (result, printed) = if count == 1 { alone(work) } else { beside_others(work) };
            let seconds = started.elapsed().as_secs();
            let mut tally = tally.lock().expect("no job panics under the lock");
            print!("{printed}");
            tally.add(name.clone(), &result);
            let ended = tally.passed + tally.failed.len() + tally.skipped;
            println!("── {name} ({ended} of {count}): {}", told(&result, seconds));
        }
    };
    let lanes = available_parallelism().map_or(2, usize::from).min(count);
    std::thread::scope(|scope| {
        for _ in 0..lanes {
            scope.spawn(lane);
        }
    });
    tally.into_inner().expect("no job panics under the lock")
}

fn alone(work: Box<dyn FnOnce(&Log) -> SuiteResult + Send>) -> (SuiteResult, String) {
    (strict(work(&Log::terminal())), String::new())
}

fn beside_others(work: Box<dyn FnOnce(&Log) -> SuiteResult + Send>) -> (SuiteResult, String) {
    let log = match Log::kept() {
        Ok(log) => log,
        Err(error) => return (Err(error), String::new()),
    };
    let result = strict(work(&log));
    match log.text() {
        Ok(text) => (result, text),
        Err(error) => (result.and(Err(error)), String::new()),
    }
}

fn told(result: &SuiteResult, seconds: u64) -> String {
    match result {
        Ok(Outcome::Passed) => format!("passed in {seconds} s"),
        Ok(Outcome::Skipped(why) | Outcome::Left(why)) => format!("skipped, {why}"),
        Err(why) => format!("FAILED after {seconds} s, {why}"),
    }
}

/// With `CI=true` nothing may be skipped.
fn strict(result: SuiteResult) -> SuiteResult {
    match result {
        Ok(Outcome::Skipped(why)) if std::env::var("CI").is_ok_and(|ci| ci == "true") => Err(why),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &str, result: SuiteResult) -> Job {
        Job { name: name.to_owned(), work: Box::new(move |_| result) }
    }

    #[test]
    fn every_job_is_counted_and_those_that_failed_are_named() {
        let left = || Ok(Outcome::Left("no such thing".into()));
        let tally =
            run(vec![job("a", Ok(Outcome::Passed)), job("b", Err("broken".into())), job("c", left())]);
        assert_eq!((tally.passed, tally.skipped), (1, 1));
        assert_eq!(tally.close(), Err("failed: b".into()));
        assert_eq!(run(vec![job("a", Ok(Outcome::Passed))]).close(), Ok(()));
    }
}
