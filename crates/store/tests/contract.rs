//! The contract's suite and its random test, over the memory store and over the one that answers late.

use std::sync::Arc;
use stdx::SystemClock;
use store::{MemoryStore, SlowStore};
use store_suite::conformance;
use store_suite::random_test::{Length, RandomTest};

fn slow(seed: u64) -> SlowStore {
    SlowStore::new(Arc::new(MemoryStore::new(Arc::new(SystemClock))), seed)
}

#[test]
fn the_memory_store_conforms() {
    conformance::run(&mut || Arc::new(MemoryStore::new(Arc::new(SystemClock))));
}

#[test]
fn a_store_that_answers_late_conforms() {
    let mut seed = 0;
    conformance::run(&mut || {
        seed += 1;
        Arc::new(slow(seed))
    });
}

/// A store that loses answers conforms where each unknown outcome is resolved.
#[test]
fn its_unknown_outcomes_resolve() {
    let checks = conformance::checks();
    let resolves: Vec<_> = checks.iter().filter(|(name, _)| name.starts_with("an unknown")).collect();
    assert_eq!(resolves.len(), 3);
    for seed in 0..8 {
        resolves.iter().for_each(|(_, check)| check(&slow(seed).losing_one_of(3)));
    }
}

/// The contract holds without each answer: a lost one can be resolved.
#[test]
fn it_conforms_where_answers_are_lost_and_asked_for() {
    let mut seed = 100;
    conformance::run(&mut || {
        seed += 1;
        Arc::new(slow(seed).losing_one_of(3).asking_again())
    });
}

fn answers_right(store: SlowStore) {
    let test = RandomTest { round_operations: 300, ..RandomTest::new(3, Length::Operations(600)) };
    assert_eq!(test.run(Arc::new(store)).descriptions, Vec::<String>::new());
}

#[test]
fn random_operations_are_answered_right() {
    answers_right(slow(7));
}

#[test]
fn random_operations_are_answered_right_where_answers_are_lost() {
    answers_right(slow(7).losing_one_of(3).asking_again());
}
