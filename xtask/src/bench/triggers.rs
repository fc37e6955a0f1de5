//! How soon after a write a function has it, how many records a mapping takes through a function in a second, and what
//! a mapping costs while nothing happens.
//!
//! The function is Python and tells for each record when it had it: what is measured ends in the handler.

#![expect(clippy::disallowed_methods, reason = "it measures real time")]

use super::latency::percentile;
use super::report::Target;
use crate::api::{Connection, DYNAMODB};
use crate::lambda_client::{LambdaClient, package};
use crate::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const TABLE: &str = "triggers";
const WARM_UP: usize = 20;
const WRITES: usize = 300;
const RECORDS: usize = 20_000;
const IDLE: Duration = Duration::from_secs(10);

/// Tells over a connection when it had each record. A process of its own user may not write to files of this one.
const HANDLER: &str = r#"
import os, socket, time

out = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))

def handler(event, context):
    now = time.time_ns() // 1000
    records = event["Records"]
    out.sendall("".join(f"{now} {record['dynamodb']['NewImage']['t']['N']}\n" for record in records).encode())
"#;

pub(super) fn targets(stator: &Path, data: &Path) -> Result<Vec<Target>, String> {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("\nno triggers: there is no python3");
        return Ok(Vec::new());
    }
    let mut bench = Bench::start(stator, data)?;
    let latencies = bench.latencies()?;
    let (p50_ms, p99_ms) = (percentile(&latencies, 50) / 1e3, percentile(&latencies, 99) / 1e3);
    println!(
        "\na handler has a write after p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms from the begin of the write"
    );
    let wake_ups = bench.idle_wake_ups()?;
    println!("a mapping while nothing happens: {wake_ups:.1} wake-ups of the server a second");
    let (per_second, cpu_us) = bench.throughput()?;
    println!(
        "one mapping with BatchSize 100: {per_second:.0} records/s, {cpu_us:.1} µs of the server for each"
    );
    bench.server.stop()?;
    Ok(vec![
        Target::below("a handler has a write, p50 ms from its begin", p50_ms, 30.0),
        Target::below("wake-ups a second of an idle server with a mapping", wake_ups, 2.0),
    ])
}

struct Bench {
    server: Server,
    connection: Connection,
    lambda: LambdaClient,
    had: Had,
    stream_arn: Value,
    mapping: String,
}

impl Bench {
    fn start(stator: &Path, data: &Path) -> Result<Bench, String> {
        let had = Had::listen()?;
        let mut command = Command::new(stator);
        command.arg("--lambda").envs(LambdaClient::SERVER_KEY);
        let server = Server::spawn(command, data)?;
        let mut connection = Connection::open(&server.url)?;
        let table = json!({
            "TableName": TABLE,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
        });
        let made = connection.ask(DYNAMODB, "CreateTable", &table)?;
        let stream_arn = made["TableDescription"]["LatestStreamArn"].clone();
        let lambda = LambdaClient::of(&server.url);
        let function = json!({
            "FunctionName": "bench",
            "Runtime": "python3.13",
            "Handler": "bench.handler",
            "Role": "arn:aws:iam::000000000000:role/bench",
            "Timeout": 30,
            "Code": {"ZipFile": package("bench.py", HANDLER)?},
            "Environment": {"Variables": {"PORT": had.port.to_string()}},
        });
        lambda.send("POST", "/2015-03-31/functions", &function)?;
        let mut bench = Bench { server, connection, lambda, had, stream_arn, mapping: String::new() };
        bench.map("LATEST")?;
        Ok(bench)
    }

    fn map(&mut self, position: &str) -> Result<(), String> {
        let mapping =
            json!({"FunctionName": "bench", "EventSourceArn": self.stream_arn, "StartingPosition": position});
        let made = self.lambda.send("POST", "/2015-03-31/event-source-mappings", &mapping)?;
        self.mapping = made["UUID"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// Microseconds from the begin of a write until the handler has it, in ascending order.
    fn latencies(&mut self) -> Result<Vec<f64>, String> {
        for number in 0..WARM_UP + WRITES {
            self.put(number)?;
            self.await_records(number + 1, Duration::from_secs(30))?;
        }
        let had = self.had.records();
        let mut times: Vec<f64> = had.iter().skip(WARM_UP).map(|(had, written)| had - written).collect();
        times.sort_by(f64::total_cmp);
        Ok(times)
    }

    fn put(&mut self, number: usize) -> Result<(), String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
        let item = json!({"pk": {"S": format!("item-{}", number % 100)}, "t": {"N": now.as_micros().to_string()},
            "text": {"S": "x".repeat(200)}});
        self.connection.call("PutItem", &json!({"TableName": TABLE, "Item": item}).to_string())
    }

    /// Records a second of a mapping that has much to catch up on, and the time of the server for each.
    fn throughput(&mut self) -> Result<(f64, f64), String> {
        self.lambda.send(
            "DELETE",
            &format!("/2015-03-31/event-source-mappings/{}", self.mapping),
            &Value::Null,
        )?;
        let begun = self.had.count();
        for number in 0..RECORDS {
            self.put(number)?;
        }
        let all = begun + RECORDS + WARM_UP + WRITES;
        let (started, cpu) = (Instant::now(), cpu_seconds(self.server.pid())?);
        self.map("TRIM_HORIZON")?;
        self.await_records(all, Duration::from_secs(120))?;
        let (taken, cpu) = (started.elapsed(), cpu_seconds(self.server.pid())? - cpu);
        let records = (all - begun) as f64;
        Ok((records / taken.as_secs_f64(), cpu * 1e6 / records))
    }

    fn idle_wake_ups(&self) -> Result<f64, String> {
        std::thread::sleep(Duration::from_secs(2));
        let before = context_switches(self.server.pid())?;
        std::thread::sleep(IDLE);
        let after = context_switches(self.server.pid())?;
        let of_thread = |(thread, count): (&OsString, &u64)| {
            count.saturating_sub(before.get(thread).copied().unwrap_or(0))
        };
        let switches: u64 = after.iter().map(of_thread).sum();
        Ok(switches as f64 / IDLE.as_secs_f64())
    }

    fn await_records(&self, count: usize, time: Duration) -> Result<(), String> {
        let deadline = Instant::now() + time;
        while self.had.count() < count {
            if Instant::now() > deadline {
                let path = format!("/2015-03-31/event-source-mappings/{}", self.mapping);
                let shown = self.lambda.send("GET", &path, &Value::Null)?;
                return Err(format!(
                    "{} of {count} records: {}",
                    self.had.count(),
                    shown["LastProcessingResult"]
                ));
            }
            std::thread::sleep(Duration::from_millis(if count > WARM_UP + WRITES { 50 } else { 1 }));
        }
        Ok(())
    }
}

/// The reports of handlers: when each record arrived and when it was written, in microseconds.
struct Had {
    port: u16,
    records: Arc<Mutex<Vec<(f64, f64)>>>,
}

impl Had {
    fn listen() -> Result<Had, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let records = Arc::<Mutex<Vec<(f64, f64)>>>::default();
        let told = Arc::clone(&records);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let told = Arc::clone(&told);
                std::thread::spawn(move || {
                    let pair = |line: String| {
                        let (had, written) = line.split_once(' ')?;
                        Some((had.parse().ok()?, written.parse().ok()?))
                    };
                    for record in BufReader::new(stream).lines().map_while(Result::ok).filter_map(pair) {
                        told.lock().expect("no thread panics with the lock").push(record);
                    }
                });
            }
        });
        Ok(Had { port, records })
    }

    fn records(&self) -> Vec<(f64, f64)> {
        self.records.lock().expect("no thread panics with the lock").clone()
    }

    fn count(&self) -> usize {
        self.records.lock().expect("no thread panics with the lock").len()
    }
}

/// How often each thread of a process has begun to wait. Threads that wait for long end.
fn context_switches(pid: u32) -> Result<BTreeMap<OsString, u64>, String> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).map_err(|error| error.to_string())?;
    let of_thread = |thread: std::fs::DirEntry| {
        let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        let count = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        (thread.file_name(), count.and_then(|count| count.trim().parse().ok()).unwrap_or(0))
    };
    Ok(threads.filter_map(Result::ok).map(of_thread).collect())
}

/// The time that a process has computed, without the processes below it.
fn cpu_seconds(pid: u32) -> Result<f64, String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|error| error.to_string())?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    // SAFETY: reads a constant of the system.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Ok((ticks(11) + ticks(12)) / per_second as f64)
}
