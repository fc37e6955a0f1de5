//! The cost of a stream for the writes of its table, and the delay from a write's answer until its record can be read.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::latency::percentile;
use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use super::{ROUNDS, trustworthy};
use crate::api::{Connection, STREAMS};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

const TABLE: &str = "bench";
const CONNECTIONS: u32 = 64;
const EVENTS: usize = 500;

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    let server = Server::start(stator, data)?;
    loadgen.load(&server.url)?;
    let mut connection = Connection::open(&server.url)?;
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(puts(loadgen, &server, seconds)?);
        enable(&mut connection)?;
        with.push(puts(loadgen, &server, seconds)?);
        let disabled = json!({"TableName": TABLE, "StreamSpecification": {"StreamEnabled": false}});
        connection.call("UpdateTable", &disabled.to_string())?;
    }
    let (without, with) = (loadgen::median(without), loadgen::median(with));
    let ratio = without.ops_per_s / with.ops_per_s;
    println!(
        "\nPutItem at {CONNECTIONS}: {:.0}/s without a stream, {:.0}/s with both images; cpu {:.1} and {:.1} µs",
        without.ops_per_s, with.ops_per_s, without.server_cpu_us, with.server_cpu_us
    );
    let times = latencies(&mut connection)?;
    let (p50_us, p99_us) = (percentile(&times, 50), percentile(&times, 99));
    println!(
        "an event can be read after p50 {p50_us:.0} µs, p99 {p99_us:.0} µs from the answer to its write"
    );
    server.stop()?;
    Ok(vec![
        Target::below("time of a PutItem at 64 with a stream, times without", ratio, 1.25),
        Target::below("an event can be read, p99 ms after its write", p99_us / 1e3, 100.0),
    ])
}

fn puts(loadgen: &Loadgen, server: &Server, seconds: u32) -> Result<Run, String> {
    let run = loadgen.run(&server.url, server.pid(), "put", CONNECTIONS, seconds)?;
    trustworthy("put", &run)?;
    Ok(run)
}

/// Enables the stream, and returns its ARN.
fn enable(connection: &mut Connection) -> Result<Value, String> {
    let both = json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    let request = json!({"TableName": TABLE, "StreamSpecification": both});
    let answer = connection.ask(crate::api::DYNAMODB, "UpdateTable", &request)?;
    Ok(answer["TableDescription"]["LatestStreamArn"].clone())
}

/// Microseconds from the answer to a write until a reader has it, in ascending order.
fn latencies(connection: &mut Connection) -> Result<Vec<f64>, String> {
    let arn = enable(connection)?;
    let described = connection.ask(STREAMS, "DescribeStream", &json!({"StreamArn": arn}))?;
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let begin = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "LATEST"});
    let mut iterator = connection.ask(STREAMS, "GetShardIterator", &begin)?["ShardIterator"].clone();
    let mut times = Vec::with_capacity(EVENTS);
    for number in 0..EVENTS {
        let item = json!({"pk": {"S": "event"}, "sk": {"S": "one"}, "n": {"N": number.to_string()}});
        connection.call("PutItem", &json!({"TableName": TABLE, "Item": item}).to_string())?;
        let answered = Instant::now();
        loop {
            let page = connection.ask(STREAMS, "GetRecords", &json!({"ShardIterator": iterator}))?;
            iterator = page["NextShardIterator"].clone();
            if page["Records"].as_array().is_some_and(|records| !records.is_empty()) {
                break;
            }
        }
        times.push(answered.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}
