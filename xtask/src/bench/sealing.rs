//! A table under a key of KMS beside an open one, and a data directory that is sealed as a whole: what sealing costs a
//! GetItem and a durable PutItem of 400 bytes.

#![expect(clippy::disallowed_methods, reason = "it waits for a real server")]

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::api::{Connection, DYNAMODB};
use crate::server::Server;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TABLE: &str = "bench";
const CONNECTIONS: u32 = 64;
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
        let [open, table, whole] = in_turns(loadgen, workload, [&open, &table, &whole], seconds)?;
        for (what, run) in [("open", &open), ("its table sealed", &table), ("all sealed", &whole)] {
            print(workload, what, run);
        }
        targets.push(Target::at_least(of_table, table.ops_per_s / open.ops_per_s, 0.90));
        targets.push(Target::at_least(of_whole, whole.ops_per_s / open.ops_per_s, 0.90));
    }
    [open, table, whole].into_iter().try_for_each(Server::stop)?;
    Ok(targets)
}

fn in_turns<const N: usize>(
    loadgen: &Loadgen,
    workload: &str,
    servers: [&Server; N],
    seconds: u32,
) -> Result<[Run; N], String> {
    let mut runs = [(); N].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        for (server, runs) in servers.iter().zip(&mut runs) {
            let run = loadgen.run(&server.url, server.pid(), workload, CONNECTIONS, seconds)?;
            trustworthy(workload, &run)?;
            runs.push(run);
        }
    }
    Ok(runs.map(loadgen::median))
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
