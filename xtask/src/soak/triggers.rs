//! Two functions on a table that is written to for a long time, while its shards are replaced and split, its records
//! trimmed, the number of lanes changed, and one of the functions fails in every way a function can. Each function has
//! every change, and neither processes, files, threads, memory nor disk grow.

use super::Load;
use super::growth::{self, Sample};
use crate::api::{Connection, DYNAMODB};
use crate::cargo::{build_stator, target_dir};
use crate::lambda_client::{LambdaClient, package};
use crate::server::{Scratch, Server};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Shards live for twenty seconds and records for two minutes: longer than a function that fails holds them up.
const OPTIONS: [&str; 7] =
    ["--lambda", "--stream-shard-life", "20s", "--stream-shard-writes", "60", "--stream-retention", "2m"];
const TABLE: &str = "soak";
/// Writes a second where nothing is said: both functions are processes of this machine.
const WRITES_PER_SECOND: u64 = 150;
const KEYS: u64 = 500;
const SAMPLE_EVERY: Duration = Duration::from_secs(10);
const CHANGE_EVERY: Duration = Duration::from_secs(30);
const LANES: [u32; 3] = [1, 4, 2];
/// How long the functions may take for what is left when the writer stops.
const CATCH_UP: Duration = Duration::from_secs(90);

/// Tells which changes it has had, over a connection: a process of its own user may not write to files of this one.
const CODE: &str = r#"
import os, random, socket, time

out = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))

def steady(event, context):
    out.sendall("".join(record["dynamodb"]["NewImage"]["n"]["N"] + "\n" for record in event["Records"]).encode())

def failing(event, context):
    chance = random.random()
    if chance < 0.02:
        raise ValueError("now and then")
    if chance < 0.03:
        os._exit(3)
    if chance < 0.033:
        time.sleep(5)  # longer than the function may take
    if chance < 0.05:
        print("x" * 100_000)
    if chance < 0.06 and os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    steady(event, context)
"#;

pub(super) fn run(load: &Load) -> Result<(), String> {
    let stator = match &load.stator {
        Some(stator) => stator.clone(),
        None => {
            eprintln!("building");
            build_stator("release")?
        }
    };
    let scratch = Scratch::under(&target_dir(), "soak-triggers")?;
    let data = scratch.path().join("data");
    let mut command = Command::new(&stator);
    command.args(OPTIONS).envs(LambdaClient::SERVER_KEY);
    let server = Server::spawn(command, &data)?;
    let lambda = LambdaClient::of(&server.url);
    let stream_arn = create_table(&server.url)?;
    let functions =
        [Mapped::deploy(&lambda, "steady", &stream_arn)?, Mapped::deploy(&lambda, "failing", &stream_arn)?];
    let (written, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let per_second = load.writes_per_second.unwrap_or(WRITES_PER_SECOND);
    let samples = thread::scope(|scope| {
        let writer = scope.spawn(|| write(&server.url, per_second, &written, &stop));
        let samples = look_on(&server, &data, &lambda, &functions, load, &written);
        stop.store(true, Relaxed);
        writer.join().map_err(|_| "the writer panicked")??;
        samples
    })?;
    let written = written.load(Relaxed);
    for function in &functions {
        function.await_all(written, &lambda)?;
    }
    println!("{written} changes, each had by both functions");
    growth::grown(&samples)?;
    server.stop()
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

/// Writes numbers, each once, until it is told to stop.
fn write(url: &str, per_second: u64, written: &AtomicU64, stop: &AtomicBool) -> Result<(), String> {
    let (mut connection, begun) = (Connection::open(url)?, Instant::now());
    for n in 0.. {
        if stop.load(Relaxed) {
            break;
        }
        let item = json!({"pk": {"S": format!("item-{}", n % KEYS)}, "n": {"N": n.to_string()}});
        connection.call("PutItem", &json!({"TableName": TABLE, "Item": item}).to_string())?;
        written.store(n + 1, Relaxed);
        let due = begun + Duration::from_nanos((n + 1) * 1_000_000_000 / per_second.max(1));
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
    Ok(())
}

/// Changes the mappings until the time is over, and says now and then how things stand.
fn look_on(
    server: &Server,
    data: &Path,
    lambda: &LambdaClient,
    functions: &[Mapped; 2],
    load: &Load,
    written: &AtomicU64,
) -> Result<Vec<Sample>, String> {
    let (begun, mut samples) = (Instant::now(), Vec::new());
    let (mut sample_at, mut change_at) = (begun + SAMPLE_EVERY, begun + CHANGE_EVERY);
    let mut lanes = LANES.iter().cycle();
    println!("{:>6} {:>9} {:>9} {:>9} {}", "s", "written", "steady", "failing", Sample::HEAD);
    while begun.elapsed() < Duration::from_secs(load.minutes * 60) {
        thread::sleep(sample_at.min(change_at).saturating_duration_since(Instant::now()));
        if Instant::now() >= change_at {
            change_at += CHANGE_EVERY;
            let lanes = lanes.next().unwrap_or(&1);
            functions[0].change(lambda, &json!({"ParallelizationFactor": lanes}))?;
        }
        if Instant::now() >= sample_at {
            sample_at += SAMPLE_EVERY;
            let sample = Sample::of(server.pid(), data)?;
            let (elapsed, written) = (begun.elapsed().as_secs(), written.load(Relaxed));
            let [steady, failing] = functions.each_ref().map(Mapped::count);
            println!("{elapsed:>6} {written:>9} {steady:>9} {failing:>9} {sample}");
            samples.push(sample);
        }
    }
    Ok(samples)
}

/// A function with its mapping, and what it tells that it has had.
struct Mapped {
    name: &'static str,
    mapping: String,
    had: Arc<Mutex<HashSet<u64>>>,
}

impl Mapped {
    fn deploy(lambda: &LambdaClient, name: &'static str, stream_arn: &Value) -> Result<Mapped, String> {
        let had = Arc::default();
        let port = listen(&had)?;
        let function = json!({
            "FunctionName": name,
            "Runtime": "python3.13",
            "Handler": format!("soak.{name}"),
            "Role": "arn:aws:iam::000000000000:role/soak",
            "Timeout": 2,
            "Code": {"ZipFile": package("soak.py", CODE)?},
            "Environment": {"Variables": {"PORT": port.to_string()}},
        });
        lambda.send("POST", "/2015-03-31/functions", &function)?;
        let mapping = json!({"FunctionName": name, "EventSourceArn": stream_arn, "StartingPosition": "TRIM_HORIZON",
            "BisectBatchOnFunctionError": true});
        let made = lambda.send("POST", "/2015-03-31/event-source-mappings", &mapping)?;
        let mapping = made["UUID"].as_str().ok_or_else(|| format!("no mapping was made: {made}"))?.to_owned();
        Ok(Mapped { name, mapping, had })
    }

    fn change(&self, lambda: &LambdaClient, change: &Value) -> Result<(), String> {
        lambda.send("PUT", &self.path(), change).map(|_| ())
    }

    fn count(&self) -> usize {
        self.had.lock().expect("no thread panics with the lock").len()
    }

    /// Waits until it has had every number below one.
    fn await_all(&self, written: u64, lambda: &LambdaClient) -> Result<(), String> {
        let deadline = Instant::now() + CATCH_UP;
        loop {
            let had = self.had.lock().expect("no thread panics with the lock");
            let Some(missing) = (0..written).find(|n| !had.contains(n)) else { return Ok(()) };
            drop(had);
            if Instant::now() > deadline {
                let shown = lambda.send("GET", &self.path(), &Value::Null)?;
                let name = self.name;
                return Err(format!("{name} has not had {missing}: {}", shown["LastProcessingResult"]));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn path(&self) -> String {
        format!("/2015-03-31/event-source-mappings/{}", self.mapping)
    }
}

/// Keeps the numbers that come over connections to a port, which is returned.
fn listen(had: &Arc<Mutex<HashSet<u64>>>) -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let (port, had) = (listener.local_addr().map_err(|error| error.to_string())?.port(), Arc::clone(had));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let had = Arc::clone(&had);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    had.lock().expect("no thread panics with the lock").extend(line.parse::<u64>());
                }
            });
        }
    });
    Ok(port)
}
