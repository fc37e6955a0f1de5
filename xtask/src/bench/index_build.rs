//! Building an index of a table that has items: items per second without other load, and the latencies of writers
//! beside it. Writers send at a fixed rate, so that their latencies include time spent waiting.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::loadgen::{Interval, Loadgen};
use super::plot;
use super::report::Target;
use crate::api::{Connection, DYNAMODB};
use crate::cargo::target_dir;
use crate::server::Server;
use serde_json::json;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

const KEYS: u32 = 200_000;
const ITEM_BYTES: u32 = 150;
const WRITES_A_SECOND: u32 = 1_000;
/// Seconds before the build starts, and in total.
const BEFORE: usize = 10;
const SECONDS: usize = 45;

/// Prints the latencies of each second, and returns the result.
pub(super) fn measure(loadgen: &Loadgen, stator: &Path, data: &Path) -> Result<Vec<Target>, String> {
    let server = Server::start(stator, data)?;
    loadgen.load_items(&server.url, KEYS, ITEM_BYTES)?;
    let mut connection = Connection::open(&server.url)?;
    thread::sleep(Duration::from_secs(2)); // what the loading has left to compact
    let alone = build(&mut connection)?;
    println!("\nindex of {KEYS} items of {ITEM_BYTES} bytes: built in {:.2} s", alone.as_secs_f64());
    remove(&mut connection)?;
    let (timeline, built) = beside_writers(loadgen, &server, &mut connection)?;
    server.stop()?;
    print(&timeline, built);
    let p99_ms: Vec<f64> = timeline.iter().map(|second| second.p99_us / 1e3).collect();
    let file = target_dir().join("bench-index.svg");
    let title = format!("PutItem at {WRITES_A_SECOND} a second: p99 of each second, ms");
    plot::write(&file, &title, &p99_ms, BEFORE..built, "an index is built")?;
    println!("plotted to {}", file.display());
    let [before, during] = [0..BEFORE, BEFORE..built].map(|seconds| median_p99(&timeline[seconds]));
    Ok(vec![
        Target::at_least("items a second into a new index", f64::from(KEYS) / alone.as_secs_f64(), 100_000.0),
        Target::below("p99 of writes while it is built, times before", during / before, 3.0),
    ])
}

/// The latencies of each second, and in which second the index was complete.
fn beside_writers(
    loadgen: &Loadgen,
    server: &Server,
    connection: &mut Connection,
) -> Result<(Vec<Interval>, usize), String> {
    thread::scope(|scope| {
        let run = scope.spawn(|| loadgen.timeline(&server.url, KEYS, ITEM_BYTES, WRITES_A_SECOND, SECONDS));
        thread::sleep(Duration::from_secs(1 + BEFORE as u64)); // one second warms up
        let took = build(connection)?.as_secs_f64().ceil() as usize;
        let timeline = run.join().map_err(|_| "the load generator's thread panicked")??;
        match BEFORE + took {
            built if built < timeline.len() => Ok((timeline, built)),
            _ => Err(format!("the index was not built within {SECONDS} s")),
        }
    })
}

fn build(connection: &mut Connection) -> Result<Duration, String> {
    let begun = Instant::now();
    update(
        connection,
        r#"{"Create":{"IndexName":"byCity","KeySchema":[{"AttributeName":"email","KeyType":"HASH"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}}"#,
    )?;
    until(connection, |table| !table.contains(r#""IndexStatus":"CREATING""#))?;
    Ok(begun.elapsed())
}

fn remove(connection: &mut Connection) -> Result<(), String> {
    update(connection, r#"{"Delete":{"IndexName":"byCity"}}"#)?;
    until(connection, |table| !table.contains("byCity"))
}

fn update(connection: &mut Connection, change: &str) -> Result<(), String> {
    let body = format!(
        r#"{{"TableName":"bench","AttributeDefinitions":[{{"AttributeName":"email","AttributeType":"S"}}],"GlobalSecondaryIndexUpdates":[{change}]}}"#
    );
    connection.call("UpdateTable", &body)
}

fn until(connection: &mut Connection, holds: impl Fn(&str) -> bool) -> Result<(), String> {
    let table = json!({"TableName": "bench"});
    while !holds(&connection.ask(DYNAMODB, "DescribeTable", &table)?.to_string()) {
        thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn median_p99(seconds: &[Interval]) -> f64 {
    let mut p99: Vec<f64> = seconds.iter().map(|second| second.p99_us).collect();
    p99.sort_by(f64::total_cmp);
    p99[p99.len() / 2]
}

/// A line for each second: p50, p99, and p99 as a bar.
fn print(timeline: &[Interval], built: usize) {
    println!("PutItem at {WRITES_A_SECOND} a second; # while the index is built");
    println!("{:>4} {:>9} {:>9}", "s", "p50 µs", "p99 µs");
    let highest = timeline.iter().map(|second| second.p99_us).fold(1.0, f64::max);
    for (at, second) in timeline.iter().enumerate() {
        let mark = if (BEFORE..built).contains(&at) { "#" } else { "." };
        let bar = mark.repeat((second.p99_us / highest * 60.0).ceil() as usize);
        println!("{at:>4} {:>9.0} {:>9.0} {bar}", second.p50_us, second.p99_us);
    }
}
