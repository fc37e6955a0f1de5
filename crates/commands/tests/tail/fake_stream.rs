//! A server with one table and its stream, on a socket: what tests of `stator tail` follow. It verifies signatures.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use identity::{Authenticator, Credentials, Secret, SignedRequest, Strictness};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use stdx::{Clock, SystemClock};

pub const ARN: &str = "arn:aws:dynamodb:us-east-1:000000000000:table/Music/stream/2026-01-31T00:00:00.000";

/// One shard. Records have sequence numbers from 1, over all shards.
#[derive(Debug, Default, Clone)]
pub struct FakeShard {
    pub parent: Option<&'static str>,
    pub is_closed: bool,
    pub records: Vec<Value>,
}

/// What the server holds and does next.
#[derive(Debug, Default)]
pub struct State {
    pub shards: Vec<(&'static str, FakeShard)>,
    pub has_no_stream: bool,
    pub is_disabled: bool,
    pub is_deleted: bool,
    pub has_no_timestamps: bool,
    /// Refusals that the next calls of an operation get: operation, code.
    pub refusals: Vec<(&'static str, &'static str)>,
    /// The operations that were called.
    pub calls: Vec<String>,
    /// How the latest call was signed.
    pub authorization: String,
    page_records_max: usize,
}

/// A server that is running; it ends with the process.
pub struct FakeServer {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl FakeServer {
    pub fn start(shards: Vec<(&'static str, FakeShard)>) -> FakeServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let state = Arc::new(Mutex::new(State { shards, page_records_max: 2, ..State::default() }));
        let shared = Arc::clone(&state);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                let connection = move || while answer(&stream, &shared).is_some() {};
                std::thread::Builder::new().spawn(connection).expect("a thread");
            }
        };
        std::thread::Builder::new().spawn(serve).expect("a thread");
        FakeServer { url, state }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the state")
    }
}

/// A record of an item with one key attribute.
pub fn record(event: &str, sequence_number: u64, seconds: u64, id: &str) -> Value {
    json!({"eventName": event, "eventID": format!("{sequence_number:032x}"), "dynamodb": {
        "SequenceNumber": format!("{sequence_number:021}"), "ApproximateCreationDateTime": seconds,
        "Keys": {"id": {"S": id}}, "NewImage": {"id": {"S": id}, "n": {"N": sequence_number.to_string()}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }})
}

/// Answers one request; none once the connection is closed.
fn answer(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
    let mut headers = HeaderMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    let length = headers["content-length"].to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let operation = headers["x-amz-target"].to_str().ok()?.split('.').nth(1)?.to_owned();
    state.lock().ok()?.authorization = headers["authorization"].to_str().ok()?.to_owned();
    let (status, answer) = match verified(&headers, &body) {
        true => state.lock().ok()?.call(&operation, &serde_json::from_slice(&body).ok()?),
        false => refusal("InvalidSignatureException"),
    };
    let text = answer.to_string();
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status} OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).ok()
}

fn verified(headers: &HeaderMap, body: &[u8]) -> bool {
    let credentials = Credentials::default().with("local", Secret::new("local"));
    let credentials = credentials.with("AKIAOFSOMEBODY", Secret::new("its secret"));
    let authenticator = Authenticator::new(Strictness::Verify).with_credentials(credentials);
    let (method, uri, now_micros) = (&Method::POST, &Uri::from_static("/"), SystemClock.now_micros());
    authenticator
        .authenticate(&SignedRequest { method, uri, headers, body, now_micros, address: None }, "dynamodb")
        .is_ok()
}

fn refusal(code: &str) -> (u16, Value) {
    (400, json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "because"}))
}

impl State {
    fn call(&mut self, operation: &str, input: &Value) -> (u16, Value) {
        self.calls.push(operation.to_owned());
        if let Some(place) = self.refusals.iter().position(|(refused, _)| *refused == operation) {
            return refusal(self.refusals.remove(place).1);
        }
        match operation {
            "DescribeTable" if self.is_deleted => refusal("ResourceNotFoundException"),
            "DescribeTable" if self.has_no_stream => (200, json!({"Table": {}})),
            "DescribeTable" => (200, json!({"Table": {"LatestStreamArn": ARN}})),
            "ListStreams" => (200, json!({"Streams": []})),
            "DescribeStream" => (200, self.describe(input)),
            "GetShardIterator" => self.iterator(input),
            "GetRecords" => (200, self.page(input)),
            _ => refusal("UnknownOperationException"),
        }
    }

    /// One shard a page.
    fn describe(&self, input: &Value) -> Value {
        let after = input["ExclusiveStartShardId"].as_str();
        let start = after
            .map_or(0, |after| self.shards.iter().position(|(id, _)| *id == after).map_or(0, |at| at + 1));
        let page: Vec<Value> = self.shards[start..].iter().take(1).map(|(id, shard)| {
            let ending = shard.is_closed.then_some("9".repeat(21));
            json!({"ShardId": id, "ParentShardId": shard.parent, "SequenceNumberRange": {"EndingSequenceNumber": ending}})
        }).collect();
        let last = (start + 1 < self.shards.len()).then(|| self.shards[start].0);
        json!({"StreamDescription": {
            "StreamStatus": if self.is_disabled { "DISABLED" } else { "ENABLED" }, "TableName": "Music",
            "StreamViewType": "NEW_AND_OLD_IMAGES", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "Shards": page, "LastEvaluatedShardId": last,
        }})
    }

    /// `shard:place`
    fn iterator(&self, input: &Value) -> (u16, Value) {
        let id = input["ShardId"].as_str().unwrap_or_default();
        let Some(shard) = self.shard(id) else { return refusal("ResourceNotFoundException") };
        let number = |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        let seconds = |record: &Value| record["dynamodb"]["ApproximateCreationDateTime"].as_f64();
        let place = match input["ShardIteratorType"].as_str() {
            Some("TRIM_HORIZON") => 0,
            Some("LATEST") => shard.records.len(),
            Some("AT_TIMESTAMP") if self.has_no_timestamps => return refusal("ValidationException"),
            Some("AT_TIMESTAMP") => {
                shard.records.iter().take_while(|r| seconds(r) < input["Timestamp"].as_f64()).count()
            }
            _ => shard
                .records
                .iter()
                .take_while(|r| number(r).as_deref() <= input["SequenceNumber"].as_str())
                .count(),
        };
        (200, json!({"ShardIterator": format!("{id}:{place}")}))
    }

    fn page(&self, input: &Value) -> Value {
        let (id, place) =
            input["ShardIterator"].as_str().and_then(|text| text.split_once(':')).unwrap_or_default();
        let place: usize = place.parse().unwrap_or(0);
        let shard = self.shard(id).cloned().unwrap_or_default();
        let end = shard.records.len().min(place + self.page_records_max);
        let is_last = shard.is_closed && end == shard.records.len();
        json!({"Records": shard.records[place..end], "NextShardIterator": (!is_last).then(|| format!("{id}:{end}"))})
    }

    fn shard(&self, id: &str) -> Option<&FakeShard> {
        self.shards.iter().find(|(known, _)| *known == id).map(|(_, shard)| shard)
    }
}
