//! A stream under writers for a long time: its shards are replaced and split, its records trimmed, one consumer follows
//! it and others come late. Every change is read once and in order; memory and disk stop growing once records are
//! trimmed.

use super::Load;
use super::follower::{Follower, read_late};
use super::growth::{self, Sample};
use super::writers::{TABLE, WRITERS, Written, write};
use crate::api::{Connection, DYNAMODB};
use crate::cargo::{build_stator, target_dir};
use crate::server::{Scratch, Server};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Shards live for twenty seconds and records for a minute, so that a day fits into half an hour.
const OPTIONS: [&str; 6] =
    ["--stream-shard-life", "20s", "--stream-shard-writes", "200", "--stream-retention", "1m"];
/// Writes a second where nothing is said.
const WRITES_PER_SECOND: u64 = 1_000;
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
const LATE_EVERY: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(500);

pub(super) fn run(load: &Load) -> Result<(), String> {
    let stator = match &load.stator {
        Some(stator) => stator.clone(),
        None => {
            eprintln!("building");
            build_stator("release")?
        }
    };
    let scratch = Scratch::under(&target_dir(), "soak")?;
    let data = scratch.path().join("data");
    let mut command = Command::new(&stator);
    command.args(OPTIONS);
    let server = Server::spawn(command, &data)?;
    let arn = create_table(&server.url)?;
    let (written, late) = (Written::default(), Late::default());
    let writes_per_second = load.writes_per_second.unwrap_or(WRITES_PER_SECOND);
    let (mut follower, samples) = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn({
                    let (server, written) = (&server, &written);
                    move || {
                        stopping(written, write(&server.url, writer, writes_per_second / WRITERS, written))
                    }
                })
            })
            .collect();
        let others = scope.spawn(|| stopping(&written, late.come(&server.url, &arn, &written)));
        let followed = stopping(&written, follow(&server, &data, &arn, load, &written));
        written.stop.store(true, Relaxed);
        for thread in writers.into_iter().chain([others]) {
            thread.join().map_err(|_| "a thread panicked")??;
        }
        followed
    })?;
    drain(&mut follower)?;
    compare(&server.url, &follower, &written)?;
    println!(
        "{} changes, each read once and in order; {} shards, {} of them split; {} records read late, {} shards too old for it",
        follower.records,
        follower.shards(),
        follower.splits,
        late.records.load(Relaxed),
        late.too_old.load(Relaxed)
    );
    growth::grown(&samples)?;
    server.stop()
}

/// The first failure stops the others.
fn stopping<T>(written: &Written, result: Result<T, String>) -> Result<T, String> {
    if result.is_err() {
        written.stop.store(true, Relaxed);
    }
    result
}

fn create_table(url: &str) -> Result<Value, String> {
    let table = json!({
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    });
    let created = Connection::open(url)?.ask(DYNAMODB, "CreateTable", &table)?;
    Ok(created["TableDescription"]["LatestStreamArn"].clone())
}

/// Follows the stream until the time is over, and prints its progress at intervals.
fn follow(
    server: &Server,
    data: &std::path::Path,
    arn: &Value,
    load: &Load,
    written: &Written,
) -> Result<(Follower, Vec<Sample>), String> {
    let mut follower = Follower::of(&server.url, arn)?;
    let (begun, mut samples) = (Instant::now(), Vec::new());
    let (mut look_at, mut sample_at) = (begun, begun + SAMPLE_EVERY);
    println!("{:>6} {:>10} {:>10} {:>7} {}", "s", "written", "read", "shards", Sample::HEAD);
    while begun.elapsed() < Duration::from_secs(load.minutes * 60) && !written.stop.load(Relaxed) {
        if Instant::now() >= look_at {
            follower.look_for_shards()?;
            look_at = Instant::now() + LOOK_EVERY;
        }
        if follower.read_on()? == 0 {
            thread::sleep(Duration::from_millis(20));
        }
        if Instant::now() >= sample_at {
            sample_at += SAMPLE_EVERY;
            let sample = Sample::of(server.pid(), data)?;
            println!(
                "{:>6} {:>10} {:>10} {:>7} {sample}",
                begun.elapsed().as_secs(),
                written.changes.load(Relaxed),
                follower.records,
                follower.shards(),
            );
            samples.push(sample);
        }
    }
    Ok((follower, samples))
}

/// Reads what is left.
fn drain(follower: &mut Follower) -> Result<(), String> {
    let mut quiet = 0;
    while quiet < 5 {
        follower.look_for_shards()?;
        quiet = if follower.read_on()? == 0 { quiet + 1 } else { 0 };
    }
    Ok(())
}

/// What was read is what was written, and what the table holds.
fn compare(url: &str, follower: &Follower, written: &Written) -> Result<(), String> {
    let changes = written.changes.load(Relaxed);
    if follower.records != changes {
        return Err(format!("{changes} changes were written, {} read", follower.records));
    }
    if *written.left.lock().expect("no writer panics") != follower.changes {
        return Err("the stream replayed is not what the writers have left".to_owned());
    }
    let described = Connection::open(url)?.ask(DYNAMODB, "DescribeTable", &json!({"TableName": TABLE}))?;
    match described["Table"]["ItemCount"].as_u64() {
        Some(items) if items == follower.changes.items() as u64 => Ok(()),
        items => {
            Err(format!("the stream leaves {} items, the table has {items:?}", follower.changes.items()))
        }
    }
}

/// Consumers that come late.
#[derive(Default)]
struct Late {
    records: AtomicU64,
    too_old: AtomicU64,
}

impl Late {
    fn come(&self, url: &str, arn: &Value, written: &Written) -> Result<(), String> {
        let mut next = Instant::now() + LATE_EVERY;
        while !written.stop.load(Relaxed) {
            thread::sleep(Duration::from_millis(100));
            if Instant::now() >= next {
                let (records, too_old) = read_late(url, arn)?;
                self.records.fetch_add(records, Relaxed);
                self.too_old.fetch_add(too_old, Relaxed);
                next = Instant::now() + LATE_EVERY;
            }
        }
        Ok(())
    }
}
