//! A table under a key of KMS beside an open one, and a data directory that is sealed as a whole: what sealing costs a
//! GetItem and a durable PutItem of 400 bytes.

#![expect(clippy::disallowed_methods, reason = "it waits for a real server")]

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::trustworthy;
use crate::api::{Connection, DYNAMODB};
use crate::server::Server;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TABLE: &str = "bench";
const CONNECTIONS: u32 = 64;
/// Rounds of a third of the time that others have, and three times as many: what a neighbour on the machine does to
/// some of them is not in their middle.
const ROUNDS: usize = 9;
const PARTS_OF_A_ROUND: u32 = 3;
const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    scratch: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let open = Server::start(stator, &scratch.join("open"))?;
    let table = Server::start(stator, &scratch.join("table"))?;
    let mut command = Command::new(stator);
    command.arg("--encrypt").env("STATOR_KMS_ROOT_KEY", ROOT_KEY);
    let whole = Server::spawn(command, &scratch.join("whole"))?;
    for server in [&open, &table, &whole] {
        loadgen.load(&server.url)?;
    }
    seal(&table)?;
    println!("\nsealing");
    let mut targets = Vec::new();
    for (workload, of_table, of_whole) in [
        ("get", "GetItem of a sealed table, of an open one", "GetItem of sealed data, of open data"),
        ("put", "PutItem of a sealed table, of an open one", "PutItem of sealed data, of open data"),
    ] {
        let seconds = seconds.div_ceil(PARTS_OF_A_ROUND);
        let [open, table, whole] = in_turns(loadgen, workload, [&open, &table, &whole], seconds)?;
        targets.push(Target::at_least(of_table, ratio(&table, &open), 0.90));
        targets.push(Target::at_least(of_whole, ratio(&whole, &open), 0.90));
        for (what, runs) in [("open", open), ("its table sealed", table), ("all sealed", whole)] {
            print(workload, what, &loadgen::median(runs));
        }
    }
    [open, table, whole].into_iter().try_for_each(Server::stop)?;
    Ok(targets)
}

fn in_turns<const N: usize>(
    loadgen: &Loadgen,
    workload: &str,
    servers: [&Server; N],
    seconds: u32,
) -> Result<[Vec<Run>; N], String> {
    let mut runs = [(); N].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (server, runs) in servers.iter().zip(&mut runs) {
            let run = loadgen.run(&server.url, server.pid(), workload, CONNECTIONS, seconds)?;
            trustworthy(workload, &run)?;
            runs.push(run);
        }
    }
    Ok(runs)
}

/// The throughput of one server to that of another in the same round: the ratio in the middle.
fn ratio(runs: &[Run], others: &[Run]) -> f64 {
    let ratio = |(run, other): (&Run, &Run)| run.ops_per_s / other.ops_per_s;
    let mut ratios: Vec<f64> = runs.iter().zip(others).map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Switches encryption on, and waits until every item is sealed.
fn seal(server: &Server) -> Result<(), String> {
    let mut connection = Connection::open(&server.url)?;
    let sealed = json!({"TableName": TABLE, "SSESpecification": {"Enabled": true}});
    connection.call("UpdateTable", &sealed.to_string())?;
    loop {
        let described = connection.ask(DYNAMODB, "DescribeTable", &json!({"TableName": TABLE}))?;
        if described["Table"]["SSEDescription"]["Status"] == "ENABLED" {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn print(workload: &str, what: &str, run: &Run) {
    println!(
        "  {workload} at {CONNECTIONS}, {what:<16}: {:.0}/s, p50 {:.0} µs, p99 {:.0} µs, {:.1} µs of the server's CPU",
        run.ops_per_s, run.p50_us, run.p99_us, run.server_cpu_us
    );
}
