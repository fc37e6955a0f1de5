//! A function on a table's stream whose shards are replaced, its server killed meanwhile: each start goes on where the
//! mapping was, so that the function has had every acknowledged change at last, and those of an item in their order.

use crate::server::{Server, kill_process, pause, rounds};
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use identity::{Secret, Signer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stdx::{Clock, SystemClock};
use wire::json::base64_text;

const KEYS: usize = 20;
const OPTIONS: [&str; 5] = ["--lambda", "--stream-shard-life", "2s", "--stream-shard-writes", "50"];
const KEY: [(&str, &str); 2] = [("STATOR_ACCESS_KEY_ID", "killed"), ("STATOR_SECRET_ACCESS_KEY", "secret")];

/// Tells over a connection of its process what it has had.
const CODE: &str = r#"
import os, socket
out = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
def handler(event, context):
    images = [record["dynamodb"]["NewImage"] for record in event["Records"]]
    out.sendall("".join(f"{image['pk']['S']} {image['v']['N']}\n" for image in images).encode())
"#;

/// The version of each key that was acknowledged last.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn a_function_has_every_change_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (acknowledged, had) = (Acknowledged::default(), Had::listen());
    create(&data, had.port);
    for round in 0..rounds() {
        let server = start(&data);
        std::thread::scope(|scope| {
            scope.spawn(|| write(&server, &acknowledged));
            pause(Duration::from_millis(600 + 270 * (round % 5)));
            kill_process(server.process.id());
        });
        server.kill();
    }
    let server = start(&data);
    had.await_all(&acknowledged.lock().unwrap());
    server.kill();
}

fn start(data: &Path) -> Server {
    Server::start_in(data, &OPTIONS, &KEY)
}

fn create(data: &Path, port: u16) {
    let server = start(data);
    let table = json!({
        "TableName": "flowing", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    });
    let made = server.call("CreateTable", &table).unwrap();
    let function = json!({
        "FunctionName": "f", "Runtime": "python3.13", "Handler": "app.handler",
        "Role": "arn:aws:iam::000000000000:role/r", "Timeout": 30,
        "Code": {"ZipFile": package()},
        "Environment": {"Variables": {"PORT": port.to_string()}},
    });
    lambda(&server, "/2015-03-31/functions", &function);
    let stream = &made["TableDescription"]["LatestStreamArn"];
    let mapping = json!({"FunctionName": "f", "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON", "BatchSize": 7});
    lambda(&server, "/2015-03-31/event-source-mappings", &mapping);
    server.kill();
}

/// Each key gets the version that follows the last one acknowledged.
fn write(server: &Server, acknowledged: &Acknowledged) {
    for step in 0.. {
        let key = format!("key-{}", step % KEYS);
        let next = acknowledged.lock().unwrap().get(&key).copied().unwrap_or(0) + 1;
        let item = json!({"pk": {"S": key}, "v": {"N": next.to_string()}});
        if server.call("PutItem", &json!({"TableName": "flowing", "Item": item})).is_err() {
            return;
        }
        acknowledged.lock().unwrap().insert(key, next);
        pause(Duration::from_millis(2)); // a write that is not acknowledged may have happened, and gets its version again
    }
}

/// A signed request of Lambda.
fn lambda(server: &Server, path: &str, body: &Value) {
    let signer = Signer {
        access_key_id: KEY[0].1.to_owned(),
        secret: Secret::new(KEY[1].1),
        session_token: None,
        region: "us-east-1".to_owned(),
    };
    let (body, mut headers) = (body.to_string(), HeaderMap::new());
    headers.insert(header::HOST, HeaderValue::from_str(server.address()).unwrap());
    let uri: Uri = path.parse().unwrap();
    let now = SystemClock.now_micros();
    signer.sign("lambda", (&Method::POST, &uri), &mut headers, body.as_bytes(), now).unwrap();
    server.post(path, &headers, body).unwrap();
}

/// The package of the function, in Base64.
fn package() -> String {
    let script = "import io, sys, zipfile; b = io.BytesIO(); z = zipfile.ZipFile(b, 'w'); \
                  z.writestr('app.py', sys.stdin.read()); z.close(); sys.stdout.buffer.write(b.getvalue())";
    let mut python = Command::new("python3");
    let mut python =
        python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(CODE.as_bytes()).unwrap();
    base64_text(&python.wait_with_output().unwrap().stdout)
}

/// What the function has told: the versions of each key.
struct Had {
    port: u16,
    versions: Arc<Mutex<Versions>>,
}

/// The versions of each key, and what came out of its order.
#[derive(Default)]
struct Versions {
    had: BTreeMap<String, BTreeSet<u64>>,
    faults: Vec<String>,
}

impl Had {
    fn listen() -> Had {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let had = Had { port: listener.local_addr().unwrap().port(), versions: Arc::default() };
        let versions = Arc::clone(&had.versions);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let versions = Arc::clone(&versions);
                std::thread::spawn(move || Had::keep(stream, &versions));
            }
        });
        had
    }

    /// One process has the changes of an item in their order.
    fn keep(stream: TcpStream, versions: &Mutex<Versions>) {
        let mut last: BTreeMap<String, u64> = BTreeMap::new();
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let (key, version) = line.split_once(' ').unwrap();
            let version = version.parse().unwrap();
            let before = last.insert(key.to_owned(), version);
            let mut versions = versions.lock().unwrap();
            if before.is_some_and(|before| before > version) {
                versions.faults.push(format!("{key}: {version} behind {before:?}"));
            }
            versions.had.entry(key.to_owned()).or_default().insert(version);
        }
    }

    fn await_all(&self, acknowledged: &BTreeMap<String, u64>) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let versions = self.versions.lock().unwrap();
            assert_eq!(versions.faults, [""; 0]);
            let has = |key: &String, last: u64| {
                versions.had.get(key).is_some_and(|had| (1..=last).all(|version| had.contains(&version)))
            };
            let missing = acknowledged.iter().find(|(key, last)| !has(key, **last));
            let Some((key, last)) = missing else { return };
            assert!(Instant::now() < deadline, "{key}, acknowledged to {last}: {:?}", versions.had.get(key));
            drop(versions);
            pause(Duration::from_millis(50));
        }
    }
}
