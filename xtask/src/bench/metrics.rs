//! Metrics: points taken in a second, graphs of a week, what a series takes of memory and disk, and what requests for
//! items cost with everything on: limits enforced, keys ranked, alarms on the table, the metrics page read.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::loadgen::{self, Loadgen, Run};
use super::report::Target;
use crate::api::{Connection, DYNAMODB};
use crate::server::Server;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const CLOUDWATCH: &str = "GraniteServiceVersion20100801";
const DATA_A_REQUEST: usize = 1_000;
/// The week that is asked for.
const SERIES: usize = 100;
const MINUTES: usize = 7 * 24 * 60;
/// Series whose memory and disk are measured, and their points.
const MANY_SERIES: usize = 10_000;
const HOURS: usize = 3;
const ALARMS: usize = 50;
const ROUNDS: usize = 3;

pub(super) fn targets(
    loadgen: &Loadgen,
    stator: &Path,
    data: &Path,
    seconds: u32,
) -> Result<Vec<Target>, String> {
    std::fs::create_dir_all(data).map_err(|error| error.to_string())?;
    let mut targets = requests(loadgen, stator, data, seconds)?;
    let server = Server::start(stator, &data.join("week"))?;
    let mut bench = Bench { connection: Connection::open(&server.url)?, now: now()? / 60 * 60 };
    let per_second = bench.put(SERIES, MINUTES)?;
    println!("\nPutMetricData: {per_second:.0} points/s over one connection, {DATA_A_REQUEST} a request");
    let week = bench.week()?;
    println!("GetMetricData: a week of {SERIES} series by five minutes in {:.0} ms", week * 1e3);
    server.stop()?;
    targets.extend([
        Target::at_least("PutMetricData, points a second", per_second, 50_000.0),
        Target::below("GetMetricData of a week of 100 series, s", week, 2.0),
    ]);
    many(loadgen, stator, &data.join("many"))?;
    Ok(targets)
}

struct Bench {
    connection: Connection,
    now: u64,
}

impl Bench {
    /// Points of series by the minute, up to now; how many a second were taken.
    fn put(&mut self, series: usize, minutes: usize) -> Result<f64, String> {
        let started = Instant::now();
        let mut data = Vec::new();
        for place in 0..series * minutes {
            let (minute, number) = (place / series, place % series);
            let at = self.now - 60 * (minutes - minute) as u64;
            let value = (place * 7_919 % 1_000) as f64 / 8.0;
            data.push(
                json!({"MetricName": format!("m{number}"), "Timestamp": at, "Value": value, "Unit": "Count",
                "Dimensions": [{"Name": "host", "Value": "a"}]}),
            );
            if data.len() == DATA_A_REQUEST || place + 1 == series * minutes {
                let body = json!({"Namespace": "bench", "MetricData": std::mem::take(&mut data)});
                self.connection.ask(CLOUDWATCH, "PutMetricData", &body).or_else(nothing)?;
            }
        }
        Ok((series * minutes) as f64 / started.elapsed().as_secs_f64())
    }

    /// Seconds that all pages of a week take.
    fn week(&mut self) -> Result<f64, String> {
        let query = |number: usize| {
            json!({"Id": format!("m{number}"), "MetricStat": {"Period": 300, "Stat": "Average", "Metric": {
                "Namespace": "bench", "MetricName": format!("m{number}"), "Dimensions": [{"Name": "host", "Value": "a"}]}}})
        };
        let queries: Vec<Value> = (0..SERIES).map(query).collect();
        let mut body = json!({"MetricDataQueries": queries, "StartTime": self.now - 60 * MINUTES as u64, "EndTime": self.now});
        let (started, mut points) = (Instant::now(), 0);
        loop {
            let answer = self.connection.ask(CLOUDWATCH, "GetMetricData", &body)?;
            let results = answer["MetricDataResults"].as_array().into_iter().flatten();
            points += results.filter_map(|result| result["Values"].as_array()).map(Vec::len).sum::<usize>();
            match &answer["NextToken"] {
                Value::String(token) => body["NextToken"] = json!(token),
                _ if points == SERIES * MINUTES / 5 => return Ok(started.elapsed().as_secs_f64()),
                _ => return Err(format!("a week has {points} points")),
            }
        }
    }
}

/// What many series take.
fn many(loadgen: &Loadgen, stator: &Path, data: &Path) -> Result<(), String> {
    let server = Server::start(stator, data)?;
    let before = loadgen.resident_bytes(server.pid())?;
    let mut bench = Bench { connection: Connection::open(&server.url)?, now: now()? / 3_600 * 3_600 };
    bench.put(MANY_SERIES, 1)?;
    let memory = (loadgen.resident_bytes(server.pid())? - before) / MANY_SERIES as f64;
    bench.put(MANY_SERIES, HOURS * 60)?;
    server.stop()?;
    let disk = folder_bytes(data)? / (MANY_SERIES * HOURS) as f64;
    let (in_memory, on_disk) = (100e6 / memory, 100e6 / disk / 24.0);
    println!(
        "a series: {memory:.0} bytes of memory, {disk:.0} of disk for an hour by the minute: in 100 MB {in_memory:.0} \
         series, or a day of {on_disk:.0}"
    );
    Ok(())
}

/// GetItem and PutItem with everything on, beside a server that is only started.
fn requests(loadgen: &Loadgen, stator: &Path, data: &Path, seconds: u32) -> Result<Vec<Target>, String> {
    let plain = Server::start(stator, &data.join("plain"))?;
    loadgen.load(&plain.url)?;
    let full = enforcing(loadgen, stator, &data.join("full"))?;
    let _reader = watched(&full.url)?;
    let mut targets = Vec::new();
    for (workload, title) in
        [("get", "GetItem with everything on, of plain"), ("put", "PutItem with everything on, of plain")]
    {
        let (mut off, mut on) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            off.push(loadgen.run(&plain.url, plain.pid(), workload, 64, seconds)?);
            on.push(loadgen.run(&full.url, full.pid(), workload, 64, seconds)?);
        }
        let [off, on]: [Run; 2] = [loadgen::median(off), loadgen::median(on)];
        println!("{workload} at 64: {:.0}/s plain, {:.0}/s with everything on", off.ops_per_s, on.ops_per_s);
        targets.push(Target::at_least(title, on.ops_per_s / off.ops_per_s, 0.95));
    }
    plain.stop()?;
    full.stop()?;
    Ok(targets)
}

/// A server that enforces limits above what this machine does: those of a table that is new on demand are below.
fn enforcing(loadgen: &Loadgen, stator: &Path, data: &Path) -> Result<Server, String> {
    let server = Server::start(stator, data)?;
    loadgen.load(&server.url)?;
    let change = json!({"TableName": "bench", "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 40_000, "WriteCapacityUnits": 40_000}});
    Connection::open(&server.url)?.ask(DYNAMODB, "UpdateTable", &change)?;
    server.stop()?;
    let mut command = Command::new(stator);
    command.args(["--capacity", "enforce"]);
    Server::spawn(command, data)
}

/// Ranks the keys of the table, sets alarms on it, and reads the metrics page until this is dropped.
fn watched(url: &str) -> Result<Reader, String> {
    let mut connection = Connection::open(url)?;
    let ranked = json!({"TableName": "bench", "ContributorInsightsAction": "ENABLE"});
    connection.ask(DYNAMODB, "UpdateContributorInsights", &ranked)?;
    for number in 0..ALARMS {
        let alarm = json!({"AlarmName": format!("a{number}"), "Namespace": "AWS/DynamoDB", "Statistic": "Sum", "Period": 60,
            "MetricName": "ConsumedReadCapacityUnits", "Dimensions": [{"Name": "TableName", "Value": "bench"}],
            "EvaluationPeriods": 5, "Threshold": 1e12, "ComparisonOperator": "GreaterThanThreshold"});
        connection.ask(CLOUDWATCH, "PutMetricAlarm", &alarm).or_else(nothing)?;
    }
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    let page = format!("GET /metrics HTTP/1.1\r\nHost: {}\r\n\r\n", url.trim_start_matches("http://"));
    std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            _ = connection.exchange(page.as_bytes());
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    Ok(Reader(stop))
}

/// Ends the reader when it is dropped.
struct Reader(Arc<AtomicBool>);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// An answer without a body.
fn nothing(error: String) -> Result<Value, String> {
    if error.contains("EOF") { Ok(Value::Null) } else { Err(error) }
}

fn now() -> Result<u64, String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    Ok(now.as_secs())
}

fn folder_bytes(folder: &Path) -> Result<f64, String> {
    let mut bytes = 0.0;
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|error| error.to_string())?.flatten() {
            let (path, metadata) = (entry.path(), entry.metadata().map_err(|error| error.to_string())?);
            match metadata.is_dir() {
                true => waiting.push(path),
                // The log is preallocated, and used again.
                false if path.components().any(|part| part.as_os_str() == "log") => {}
                false => bytes += metadata.len() as f64,
            }
        }
    }
    Ok(bytes)
}
