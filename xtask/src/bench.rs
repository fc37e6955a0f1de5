//! `cargo xtask bench`: Stator beside a bare HTTP server and beside the disk, on this machine, now.
//!
//! Absolute figures depend on the machine and its load; ratios much less. So every run of Stator is paired with a run
//! of `loadgen serve`, which does the least an HTTP server can do, and writes are compared with the disk's sync rate.

mod auth;
mod backups;
mod dax;
mod index_build;
mod latency;
mod loadgen;
mod metrics;
mod plot;
mod postgres;
mod report;
mod sealing;
mod streams;
mod tls;
mod triggers;
mod upkeep;

use crate::api;
use crate::cargo::{build_stator, target_dir};
use crate::server::{Scratch, Server};
use loadgen::{Bare, Loadgen, Run};
use report::Target;
use std::path::{Path, PathBuf};

/// What `cargo xtask bench` accepts after it.
pub(crate) const ARGUMENTS: &str = "[--seconds N] [--stator BINARY] [--only requests|tables|streams|triggers|metrics|upkeep|starts|index|tls|auth|sealing|dax|backups|postgres]";

/// The measurements, each run separately.
const PARTS: [&str; 14] = [
    "requests", "tables", "streams", "triggers", "metrics", "upkeep", "starts", "index", "tls", "auth",
    "sealing", "dax", "backups", "postgres",
];

const WORKLOADS: [(&str, &str); 6] = [
    ("get", "GetItem"),
    ("put", "PutItem durable"),
    ("update", "UpdateItem"),
    ("query", "Query 20 items"),
    ("batch-write", "BatchWriteItem 25"),
    ("transact", "TransactWriteItems 3"),
];
const CONNECTIONS: [u32; 2] = [1, 64];
const ROUNDS: usize = 3;

/// Builds, measures, prints. Only a failure to measure is a failure; a missed target is a line.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let Arguments { seconds, only, stator } = Arguments::read(arguments)?;
    let wants = |part: &str| only.as_deref().is_none_or(|only| only == part);
    eprintln!("building");
    let stator = stator.map_or_else(|| build_stator("dist"), Ok)?;
    let loadgen = Loadgen::build()?;
    let scratch = Scratch::under(&target_dir(), "bench-data")?;
    let disk = loadgen.sync_rate(scratch.path())?;
    println!("disk: {:.0} fdatasync/s of 4 KiB preallocated, p50 {:.0} µs\n", disk.per_second, disk.p50_us);

    let mut targets = Vec::new();
    if wants("requests") {
        let data = scratch.path().join("load");
        targets.extend(throughput(&loadgen, &stator, &data, seconds, disk.per_second)?);
    }
    if wants("tables") {
        targets.push(create_table(&stator, &scratch.path().join("tables"), disk.p50_us)?);
    }
    if wants("starts") {
        targets.extend(readiness(&loadgen, &stator, scratch.path())?);
    }
    if wants("index") {
        targets.extend(index_build::measure(&loadgen, &stator, &scratch.path().join("index"))?);
    }
    if wants("streams") {
        targets.extend(streams::targets(&loadgen, &stator, &scratch.path().join("streams"), seconds)?);
    }
    if wants("upkeep") {
        upkeep::measure(&loadgen, &stator, &scratch.path().join("upkeep"), seconds)?;
    }
    if wants("metrics") {
        targets.extend(metrics::targets(&loadgen, &stator, &scratch.path().join("metrics"), seconds)?);
    }
    if wants("triggers") {
        targets.extend(triggers::targets(&stator, &scratch.path().join("triggers"))?);
    }
    if wants("backups") {
        targets.extend(backups::targets(&loadgen, &stator, &scratch.path().join("backups"), seconds)?);
    }
    if wants("tls") {
        targets.extend(tls::targets(&loadgen, &stator, &scratch.path().join("tls"), seconds)?);
    }
    if wants("auth") {
        targets.extend(auth::targets(&loadgen, &stator, &scratch.path().join("auth"), seconds)?);
    }
    if wants("sealing") {
        targets.extend(sealing::targets(&loadgen, &stator, &scratch.path().join("sealing"), seconds)?);
    }
    if wants("dax") {
        targets.extend(dax::targets(&loadgen, &stator, &scratch.path().join("dax"), seconds)?);
    }
    if wants("postgres") {
        targets.extend(postgres::targets(&loadgen, &stator, scratch.path(), seconds)?);
    }
    println!();
    targets.iter().for_each(report::print_target);
    Ok(())
}

/// The parts of the benchmark that the arguments select.
#[derive(Debug, PartialEq)]
struct Arguments {
    seconds: u32,
    only: Option<String>,
    /// A server that was built elsewhere, or otherwise.
    stator: Option<PathBuf>,
}

impl Arguments {
    fn read(arguments: &[String]) -> Result<Arguments, String> {
        let mut read = Arguments { seconds: 5, only: None, stator: None };
        let (pairs, rest) = arguments.as_chunks();
        for [flag, value] in pairs {
            match flag.as_str() {
                "--seconds" => read.seconds = seconds(value)?,
                "--stator" => read.stator = Some(PathBuf::from(value)),
                "--only" if PARTS.contains(&value.as_str()) => read.only = Some(value.clone()),
                _ => return Err(format!("expected {ARGUMENTS}")),
            }
        }
        if rest.is_empty() { Ok(read) } else { Err(format!("expected {ARGUMENTS}")) }
    }
}

fn seconds(value: &str) -> Result<u32, String> {
    match value.parse() {
        Ok(seconds @ 1..) => Ok(seconds),
        _ => Err(format!("--seconds {value}: not a number of seconds")),
    }
}

/// Every workload at every number of connections; in each round first the bare server, then Stator.
fn throughput(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    seconds: u32,
    syncs_per_second: f64,
) -> Result<Vec<Target>, String> {
    let (bare, server) = (Bare::start(loadgen)?, Server::start(stator, data)?);
    eprintln!("loading");
    loadgen.load(&server.url)?;
    let mut targets = Vec::new();
    report::print_head();
    for (workload, title) in WORKLOADS {
        for connections in CONNECTIONS {
            let (reference, measured) = paired(loadgen, &bare, &server, workload, connections, seconds)?;
            report::print_pair(title, connections, &reference, &measured);
            if connections == 64 {
                targets.extend(throughput_targets(workload, &reference, &measured, syncs_per_second));
            }
        }
    }
    server.stop()?;
    Ok(targets)
}

fn paired(
    loadgen: &Loadgen,
    bare: &Bare,
    server: &Server,
    workload: &str,
    connections: u32,
    seconds: u32,
) -> Result<(Run, Run), String> {
    let (mut references, mut measured) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        references.push(loadgen.run(bare.url(), bare.pid(), workload, connections, seconds)?);
        measured.push(loadgen.run(&server.url, server.pid(), workload, connections, seconds)?);
    }
    for run in &measured {
        trustworthy(workload, run)?;
    }
    Ok((loadgen::median(references), loadgen::median(measured)))
}

/// A server that answers wrongly is not fast. Conflicts of transactions are right answers: the keys are random
/// and many transactions are under way.
fn trustworthy(workload: &str, run: &Run) -> Result<(), String> {
    if run.incomplete > 0.0 {
        return Err(format!("{workload}: {} answers lacked what was asked for", run.incomplete));
    }
    match &run.first_error {
        Some(error) if !workload.starts_with("transact") || !error.contains("TransactionConflict") => {
            Err(format!("{workload}: {error}"))
        }
        _ => Ok(()),
    }
}

fn throughput_targets(workload: &str, bare: &Run, stator: &Run, syncs_per_second: f64) -> Vec<Target> {
    let ratio = stator.ops_per_s / bare.ops_per_s;
    match workload {
        "get" => vec![Target::at_least("GetItem at 64, of the bare server", ratio, 0.50)],
        "put" => vec![
            Target::at_least("durable PutItem at 64, of the bare server", ratio, 0.30),
            Target::at_least(
                "durable PutItem at 64, times the sync rate",
                stator.ops_per_s / syncs_per_second,
                5.0,
            ),
        ],
        _ => Vec::new(),
    }
}

/// CreateTable one after the other over one connection, beside what one sync costs.
fn create_table(stator: &Path, data: &Path, sync_us: f64) -> Result<Target, String> {
    let server = Server::start(stator, data)?;
    let mut connection = api::Connection::open(&server.url)?;
    let times = latency::of(200, |number| connection.create_table(&format!("table-{number}")))?;
    let p50_us = latency::percentile(&times, 50);
    println!(
        "\nCreateTable: p50 {p50_us:.0} µs, p99 {:.0} µs; one sync {sync_us:.0} µs",
        latency::percentile(&times, 99)
    );
    server.stop()?;
    Ok(Target::below("CreateTable beyond its sync, ms", (p50_us - sync_us) / 1e3, 1.0))
}

/// From spawn to the first answer, over an empty folder and over one that was closed cleanly; memory when idle.
fn readiness(loadgen: &Loadgen, stator: &Path, scratch: &Path) -> Result<Vec<Target>, String> {
    let empty = latency::of_starts(stator, |number| scratch.join(format!("empty-{number}")))?;
    let filled = latency::of_starts(stator, |_| scratch.join("load"))?;
    let server = Server::start(stator, &scratch.join("idle"))?;
    api::Connection::open(&server.url)?.list_tables()?;
    let idle_mb = loadgen.resident_bytes(server.pid())? / 1e6;
    server.stop()?;
    println!(
        "ready, median of {}: empty folder {empty:.1} ms, with data {filled:.1} ms; idle {idle_mb:.1} MB",
        latency::STARTS
    );
    Ok(vec![
        Target::below("ready over an empty folder, ms", empty, 10.0),
        Target::below("ready over a folder with data, ms", filled, 10.0),
        Target::below("idle resident memory, MB", idle_mb, 15.0),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seconds_and_the_part_of_a_run() {
        let check = |arguments: &[&str]| {
            Arguments::read(&arguments.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(check(&[]), Ok(Arguments { seconds: 5, only: None, stator: None }));
        let index = Arguments { seconds: 2, only: Some("index".into()), stator: None };
        assert_eq!(check(&["--seconds", "2", "--only", "index"]), Ok(index));
        let other = Arguments { seconds: 5, only: None, stator: Some("/s".into()) };
        assert_eq!(check(&["--stator", "/s"]), Ok(other));
        assert!(check(&["--seconds", "0"]).is_err());
        assert!(check(&["--seconds"]).is_err());
        assert!(check(&["--only", "all"]).is_err());
        assert!(check(&["fast"]).is_err());
    }
}
