//! What a write costs that keeps more than its item: entries of global secondary indexes that project everything, a row
//! of the time index. Beside the same write of a table that has neither.

#![expect(clippy::disallowed_methods, reason = "it waits in real time")]

use super::loadgen::{self, Loadgen, Run};
use super::{ROUNDS, trustworthy};
use crate::api::{Connection, DYNAMODB};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::Duration;

const TABLE: &str = "bench";
const CONNECTIONS: u32 = 64;
/// Attributes that every item has: what the indexes are by.
const INDEXED: [&str; 3] = ["email", "name", "city"];
/// An attribute of numbers that are no times of the last years: the time index is kept, and nothing expires.
const TIME_TO_LIVE: &str = "age";

/// A table as it is written to.
struct Upkeep {
    title: &'static str,
    indexes: usize,
    has_time_to_live: bool,
}

const KINDS: [Upkeep; 4] = [
    Upkeep { title: "no index", indexes: 0, has_time_to_live: false },
    Upkeep { title: "one index of all attributes", indexes: 1, has_time_to_live: false },
    Upkeep { title: "three indexes of all attributes", indexes: 3, has_time_to_live: false },
    Upkeep { title: "time to live", indexes: 0, has_time_to_live: true },
];

/// Prints a line for each kind of table. There is no target: an entry is a row more to write.
pub(super) fn measure(loadgen: &Loadgen, stator: &Path, data: &Path, seconds: u32) -> Result<(), String> {
    println!(
        "\n{:<34} {:>9} {:>9} {:>9} {:>9}",
        "PutItem at 64 with", "puts/s", "times", "cpu \u{b5}s", "p99 \u{b5}s"
    );
    let mut without: Option<f64> = None;
    for kind in KINDS {
        let run = of_kind(loadgen, stator, data, &kind, seconds)?;
        let plain = *without.get_or_insert(run.ops_per_s);
        println!(
            "{:<34} {:>9.0} {:>9.2} {:>9.1} {:>9.0}",
            kind.title,
            run.ops_per_s,
            plain / run.ops_per_s,
            run.server_cpu_us,
            run.p99_us
        );
    }
    Ok(())
}

/// Each kind has a server and a folder of its own, so that none runs on what another has left to compact.
fn of_kind(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    kind: &Upkeep,
    seconds: u32,
) -> Result<Run, String> {
    let data = data.join(kind.title.replace(' ', "-"));
    let server = Server::start(stator, &data)?;
    loadgen.load(&server.url)?;
    let mut connection = Connection::open(&server.url)?;
    for attribute in &INDEXED[..kind.indexes] {
        add_index(&mut connection, attribute)?;
    }
    if kind.has_time_to_live {
        let specification = json!({"Enabled": true, "AttributeName": TIME_TO_LIVE});
        let request = json!({"TableName": TABLE, "TimeToLiveSpecification": specification});
        connection.call("UpdateTimeToLive", &request.to_string())?;
    }
    thread::sleep(Duration::from_secs(2)); // what loading and building have left to compact
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        let run = loadgen.run(&server.url, server.pid(), "put", CONNECTIONS, seconds)?;
        trustworthy("put", &run)?;
        runs.push(run);
    }
    server.stop()?;
    std::fs::remove_dir_all(&data).map_err(|error| error.to_string())?;
    Ok(loadgen::median(runs))
}

fn add_index(connection: &mut Connection, attribute: &str) -> Result<(), String> {
    let index = json!({
        "IndexName": attribute, "KeySchema": [{"AttributeName": attribute, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"}
    });
    let request = json!({
        "TableName": TABLE, "GlobalSecondaryIndexUpdates": [{"Create": index}],
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"}]
    });
    connection.call("UpdateTable", &request.to_string())?;
    let is_building = |index: &Value| index["IndexStatus"] == "CREATING";
    loop {
        let described = connection.ask(DYNAMODB, "DescribeTable", &json!({"TableName": TABLE}))?;
        match described["Table"]["GlobalSecondaryIndexes"].as_array() {
            Some(indexes) if indexes.iter().any(is_building) => thread::sleep(Duration::from_millis(20)),
            _ => return Ok(()),
        }
    }
}
