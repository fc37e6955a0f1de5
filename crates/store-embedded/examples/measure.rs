//! Measures a store in a folder: `cargo run --release -p store-embedded --example measure -- FOLDER`.
//! Opening, memory at rest, durable writes by 1, 16 and 64 writers, reads.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]
#![expect(clippy::unwrap_used, reason = "a measurement stops where something is not as it must be")]

use std::path::Path;
use std::time::{Duration, Instant};
use store::{Decision, Locking, Mutation, Outcome, Plan, RowWrite, Store};
use store_embedded::{EmbeddedStore, Options};

fn open(dir: &Path) -> (EmbeddedStore, Duration) {
    let start = Instant::now();
    (EmbeddedStore::open(dir, Options::default()).unwrap(), start.elapsed())
}

fn put(store: &EmbeddedStore, key: &[u8]) {
    let write = RowWrite { key: key.to_vec(), row: Some(vec![7; 300]) };
    let plan = Plan { rows: vec![write], ..Plan::default() };
    let decide = &mut |_: &store::OldRows<'_>| Decision::Commit(plan.clone());
    let mutation = Mutation { keys: &[key], fences: &[], locking: Locking::Single, decide };
    assert!(matches!(store.mutate(mutation).wait(), Ok(Outcome::Committed(_))));
}

fn writes(store: &EmbeddedStore, writers: u64, time: Duration) {
    let end = Instant::now() + time;
    let latencies: Vec<Duration> = std::thread::scope(|scope| {
        let write = |writer: u64| {
            let mut latencies = Vec::new();
            for number in 0u64.. {
                let start = Instant::now();
                if start > end {
                    break;
                }
                put(
                    store,
                    &[writer.to_be_bytes(), number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()]
                        .concat(),
                );
                latencies.push(start.elapsed());
            }
            latencies
        };
        let threads: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    report(&format!("{writers} writers"), latencies, time);
}

fn reads(store: &EmbeddedStore, time: Duration) {
    let end = Instant::now() + time;
    let mut latencies = Vec::new();
    for number in 0u64.. {
        let start = Instant::now();
        if start > end {
            break;
        }
        let key = [0u64.to_be_bytes(), (number % 10_000).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()]
            .concat();
        let visit = &mut |row: Option<&[u8]>| assert!(row.is_none_or(|row| row.len() == 300));
        store.get(&key, store::Consistency::Strong, visit).wait().unwrap();
        latencies.push(start.elapsed());
    }
    report("1 reader", latencies, time);
}

fn report(what: &str, mut latencies: Vec<Duration>, time: Duration) {
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    let rate = latencies.len() as f64 / time.as_secs_f64();
    println!(
        "{what}: {rate:.0}/s, p50 {:?}, p99 {:?}, p99.9 {:?}, max {:?}",
        at(0.5),
        at(0.99),
        at(0.999),
        at(1.0)
    );
}

fn resident_kb() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("Rss") || line.starts_with("VmRSS"))
        .collect::<Vec<_>>()
        .join("; ")
}

/// How often the threads were woken so far.
fn wake_ups() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let of_task =
        |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
    let count = |status: String| {
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse::<u64>().ok()
    };
    tasks.filter_map(|task| count(of_task(task.ok()?))).sum()
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "measured-store".into());
    let dir = Path::new(&folder);
    let (store, create) = open(dir);
    println!("created in {create:?}; {}", resident_kb());
    let before = wake_ups();
    std::thread::park_timeout(Duration::from_secs(2));
    println!("{} wake-ups in 2 s at rest, this thread's among them", wake_ups() - before);
    drop(store);
    let (store, empty) = open(dir);
    println!("reopened in {empty:?}");
    for writers in [1, 16, 64] {
        writes(&store, writers, Duration::from_secs(3));
    }
    reads(&store, Duration::from_secs(2));
    println!("{}", resident_kb());
    let start = Instant::now();
    store.close().unwrap();
    println!("closed in {:?}", start.elapsed());
    drop(store);
    let (store, loaded) = open(dir);
    println!("reopened in {loaded:?}; {}", resident_kb());
    reads(&store, Duration::from_secs(2));
}
