//! Random operations over the API, each answer compared with that of a simple model: items, attributes,
//! refusals, counts, last keys, capacity. `STATOR_RANDOM_OPERATIONS` is the number of requests,
//! `STATOR_SEED` which; a failure prints the seed it can be repeated with.

#[path = "random_operations/batches.rs"]
mod batches;
#[path = "random_operations/changes.rs"]
mod changes;
#[path = "random_operations/client.rs"]
mod client;
#[path = "random_operations/condition.rs"]
mod condition;
#[path = "random_operations/expiry.rs"]
mod expiry;
#[path = "random_operations/generate.rs"]
mod generate;
#[path = "random_operations/model.rs"]
mod model;
#[path = "random_operations/number.rs"]
mod number;
#[path = "random_operations/pages.rs"]
mod pages;
#[path = "random_operations/path.rs"]
mod path;
#[path = "random_operations/random.rs"]
mod random;
#[path = "random_operations/schema.rs"]
mod schema;
#[path = "random_operations/tamper.rs"]
mod tamper;
#[path = "random_operations/text.rs"]
mod text;
#[path = "random_operations/transactions.rs"]
mod transactions;
#[path = "random_operations/update.rs"]
mod update;
#[path = "random_operations/value.rs"]
mod value;
#[path = "random_operations/world.rs"]
mod world;
#[path = "random_operations/writes.rs"]
mod writes;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicUsize;
use tamper::{Fault, Tampering};
use testkit::{Engines, InProcess, Target};
use world::World;

/// Requests of the memory store and the embedded one together.
const REQUESTS: usize = 200_000;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Several accounts at once on one server, each with its own random sequence; the first restarts the server.
fn run(target: &dyn Target, worlds: usize, restart_every: usize) {
    run_some(target, worlds, restart_every, requests());
}

fn requests() -> usize {
    setting("STATOR_RANDOM_OPERATIONS", REQUESTS) / 2
}

fn run_some(target: &dyn Target, worlds: usize, restart_every: usize, requests: usize) {
    let seed = setting("STATOR_SEED", 1);
    let requests = requests / worlds;
    let results: Vec<_> = std::thread::scope(|scope| {
        let start = |at: usize| {
            let restart_every = if at == 0 { restart_every } else { usize::MAX / 2 };
            move || {
                let mut world = World::new(target, 100_000_000_000 + at as u64, (seed * 1000 + at) as u64);
                let result = world.run(requests, restart_every);
                (result, world.seen)
            }
        };
        let threads: Vec<_> = (0..worlds).map(|at| scope.spawn(start(at))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a world does not panic")).collect()
    });
    let mut seen = BTreeMap::new();
    for (at, (result, of_world)) in results.into_iter().enumerate() {
        if let Err(difference) = result {
            panic!("{}, STATOR_SEED={seed}, world {at}: {difference}", target.name());
        }
        of_world.into_iter().for_each(|(what, count)| *seen.entry(what).or_insert(0) += count);
    }
    eprintln!("{}: {seen:#?}", target.name());
}

#[test]
fn random_operations_on_the_memory_store() {
    run(&InProcess::start(Engines::Memory), 2, usize::MAX / 2);
}

#[test]
fn random_operations_on_the_embedded_store() {
    let folder = tempfile::tempdir().unwrap();
    run(&InProcess::start(Engines::Embedded(folder.path().join("data"))), 8, 1_000);
}

/// A tenth of the requests: each is polled many times, and one mutation of four loses its answer.
#[test]
fn random_operations_on_a_store_that_loses_answers() {
    run_some(&InProcess::start(Engines::Slow), 2, usize::MAX / 2, requests() / 10);
}

#[test]
fn random_operations_on_two_servers_that_share_a_store() {
    run_some(&InProcess::start(Engines::Two), 2, usize::MAX / 2, requests() / 4);
}

#[test]
fn every_tampering_is_noticed() {
    let table = [
        (Fault::LosesPuts, "expected"),
        (Fault::HidesAttributes, "\nItem"),
        (Fault::Reverses, "\nItems\n"),
        (Fault::EndsEarly, "a last key where the limit is filled"),
        (Fault::Overcharges, "\nConsumedCapacity\n"),
        (Fault::MisnamesRefusals, "expected one of [(\"ConditionalCheckFailedException\""),
    ];
    for (fault, reason) in table {
        let inner = InProcess::start(Engines::Memory);
        let target = Tampering { inner, fault, occasions: AtomicUsize::new(0) };
        let noticed = World::new(&target, 100_000_000_000, 1).run(2_000, usize::MAX / 2);
        assert!(noticed.as_ref().is_err_and(|text| text.contains(reason)), "{fault:?}: {noticed:?}");
    }
}

#[test]
fn a_wrong_rule_of_the_model_is_noticed() {
    let target = InProcess::start(Engines::Memory);
    let mut world = World::new(&target, 100_000_000_000, 1);
    world.model.puts_merge = true;
    assert!(world.run(2_000, usize::MAX / 2).is_err());
}
