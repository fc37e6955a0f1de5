//! A process that is killed while it writes loses nothing it has acknowledged.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod common;

use common::{committed, copy, put, row};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use store::Store;
use store_embedded::{Durability, EmbeddedStore, Options, Profile};

const FOLDER: &str = "STATOR_KILL_TEST_FOLDER";
const ROUND: &str = "STATOR_KILL_TEST_ROUND";
const WRITERS: u64 = 4;
const LINES_PER_ROUND: usize = 1500;

fn options() -> Options {
    let profile = Profile {
        memtable_bytes: [256 << 10, 128 << 10, 64 << 10],
        log_file_bytes: 256 << 10,
        block_cache_bytes: 1 << 20,
        row_cache_bytes: 64 << 10,
        table_bytes: 128 << 10,
        compaction_threads: 1,
    };
    Options { profile, ..Options::default() }
}

fn row_of(round: u64, writer: u64, number: u64) -> Vec<u8> {
    let text = format!("{round}/{writer}/{number}/");
    text.as_bytes().iter().copied().cycle().take(text.len() + (number as usize * 37) % 900).collect()
}

/// The process that is killed: each writer overwrites its own keys in turn and prints what was acknowledged.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    // The end of a process, unlike that of a machine, must not lose what the operating system has.
    let durability = if round.is_multiple_of(2) { Durability::Disk } else { Durability::Os };
    let store = EmbeddedStore::open(Path::new(&folder), Options { durability, ..options() }).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("{writer}/{}", number % 50);
                    assert!(committed(&put(store, key.as_bytes(), &row_of(round, writer, number))));
                    writeln!(std::io::stdout().lock(), "\nacknowledged {writer} {number}").unwrap();
                }
            });
        }
    });
}

/// Runs a child until it has acknowledged enough, kills it, and returns the newest number of each writer.
fn run_and_kill(folder: &Path, round: u64) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut newest = vec![0; WRITERS as usize];
    let mut seen = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((writer, number)) = line.strip_prefix("acknowledged ").and_then(|l| l.split_once(' ')) {
            if let Ok(number) = number.parse() {
                newest[writer.parse::<usize>().unwrap()] = number;
            }
            seen += 1;
            if seen == LINES_PER_ROUND {
                child.kill().unwrap();
            }
        }
    }
    child.wait().unwrap();
    assert!(seen >= LINES_PER_ROUND, "the child ended by itself");
    newest
}

/// The row is the newest acknowledged one, or a later one.
fn check(store: &dyn Store, round: u64, writer: u64, newest: u64) {
    let key = format!("{writer}/{}", newest % 50);
    let found = row(store, key.as_bytes()).expect("an acknowledged row is there");
    let is = |number: u64| found == row_of(round, writer, number);
    assert!(is(newest) || (1..20).any(|laps| is(newest + laps * 50)), "an older row is there");
    for back in 1..50.min(newest) {
        let key = format!("{writer}/{}", (newest - back) % 50);
        let found = row(store, key.as_bytes()).expect("an acknowledged row is there");
        let is = |number: u64| found == row_of(round, writer, number);
        assert!((0..20).any(|laps| is(newest - back + laps * 50)), "an older row is there");
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let rounds = std::env::var("STATOR_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    let dir = tempfile::tempdir().unwrap();
    for round in 0..rounds {
        let newest = run_and_kill(dir.path(), round);
        // Every other round leaves the next child a log that two processes wrote.
        let image = tempfile::tempdir().unwrap();
        let folder = if round % 2 == 0 { dir.path() } else { image.path() };
        if round % 2 == 1 {
            copy(dir.path(), folder);
        }
        let store = EmbeddedStore::open(folder, options()).unwrap();
        for (writer, newest) in newest.into_iter().enumerate() {
            check(&store, round, writer as u64, newest);
        }
        store.close().unwrap();
    }
}
