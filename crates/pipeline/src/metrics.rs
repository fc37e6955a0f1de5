//! Figures per operation. Counters are spread over a few cache lines, so that cores do not fight for one.

use crate::entry::Served;
use model::Code;
use parking_lot::RwLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const SHARDS: usize = 8;

/// Requests and errors of one operation since the start.
#[derive(Debug, Default)]
pub struct OperationMetrics {
    requests: Counter,
    errors: RwLock<Vec<(Code, AtomicU64)>>,
}

impl OperationMetrics {
    /// Requests that reached the operation, refused ones included.
    pub fn requests(&self) -> u64 {
        self.requests.sum()
    }

    /// Refusals by code, in the order in which the codes first appeared.
    pub fn errors(&self) -> Vec<(Code, u64)> {
        self.errors.read().iter().map(|(code, count)| (*code, count.load(Ordering::Relaxed))).collect()
    }

    pub(crate) fn record(&self, served: &Served) {
        self.requests.increment();
        if let Err(error) = served {
            self.count_error(error.code);
        }
    }

    fn count_error(&self, code: Code) {
        if self.increment_known(code) {
            return;
        }
        let mut errors = self.errors.write();
        match errors.iter().find(|(known, _)| *known == code) {
            Some((_, count)) => _ = count.fetch_add(1, Ordering::Relaxed),
            None => errors.push((code, AtomicU64::new(1))),
        }
    }

    fn increment_known(&self, code: Code) -> bool {
        let errors = self.errors.read();
        let known = errors.iter().find(|(known, _)| *known == code);
        known.map(|(_, count)| count.fetch_add(1, Ordering::Relaxed)).is_some()
    }
}

/// A counter with a cache line for each of a few groups of threads.
#[derive(Debug, Default)]
struct Counter([Shard; SHARDS]);

#[derive(Debug, Default)]
#[repr(align(64))]
struct Shard(AtomicU64);

impl Counter {
    fn increment(&self) {
        self.0[shard()].0.fetch_add(1, Ordering::Relaxed);
    }

    fn sum(&self) -> u64 {
        self.0.iter().map(|shard| shard.0.load(Ordering::Relaxed)).sum()
    }
}

/// The shard of this thread: threads are dealt out in turn.
fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static MINE: usize = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS);
    MINE.with(|mine| *mine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Answer;
    use model::{ApiError, code};

    #[test]
    fn requests_and_errors_are_counted() {
        let metrics = OperationMetrics::default();
        metrics.record(&Ok(Answer::default()));
        metrics.record(&Err(ApiError::validation("no")));
        metrics.record(&Err(ApiError::silent(code::THROTTLING)));
        metrics.record(&Err(ApiError::validation("no")));
        assert_eq!(metrics.requests(), 4);
        assert_eq!(metrics.errors(), [(code::VALIDATION, 2), (code::THROTTLING, 1)]);
    }
}
