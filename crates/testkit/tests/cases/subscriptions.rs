//! Records of a stream of Kinesis that come over a socket as they are put, in the messages that SDKs read. A golden
//! case has whole answers, and this one goes on.

#![expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use http_server::{Connections, Cors, HealthPages, HostRule, Limits, Persona, Server, Settings};
use identity::{Authenticator, Strictness};
use kinesis::{Kinesis, Streams};
use pipeline::Pipeline;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use stdx::{Clock, Random, SystemClock};
use store::MemoryStore;
use tokio::runtime::Runtime;

/// A server with Kinesis and nothing else.
struct World {
    address: SocketAddr,
    _runtime: Runtime,
}

impl World {
    fn start() -> World {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let store = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let kinesis = Arc::new(Kinesis::new(Streams::of(store), Arc::clone(&clock)));
        let pipeline = Pipeline::new(Authenticator::new(Strictness::Off), clock, Random::from_seed(1));
        let pipeline = Arc::new(pipeline.with_service(kinesis, &kinesis::ops::OPERATIONS));
        let localhost = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let server = runtime.block_on(Server::bind(SocketAddr::new(localhost, 0))).unwrap();
        let address = server.local_address().unwrap();
        let settings = Settings {
            limits: Limits::default(),
            cors: Cors::Any,
            host_rule: HostRule::of(localhost, Vec::new()),
            connections: Connections::default(),
        };
        let pages = Arc::new(HealthPages::new(Persona::Local, || Ok(())));
        let serving =
            server.serve(settings, pipeline, pages, Box::pin(std::future::pending()), Duration::ZERO);
        runtime.spawn(serving);
        World { address, _runtime: runtime }
    }

    /// Sends a request, whose answer is to be read.
    fn send(&self, operation: &str, body: &Value) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let body = body.to_string();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Amz-Target: Kinesis_20131202.{operation}\r\n\
             Content-Type: application/x-amz-json-1.1\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        BufReader::new(stream)
    }

    fn call(&self, operation: &str, body: &Value) -> Value {
        let mut answer = self.send(operation, body);
        let head = head(&mut answer);
        assert!(head.starts_with("HTTP/1.1 200 "), "{operation}: {head}");
        let mut body = String::new();
        answer.read_to_string(&mut body).unwrap();
        serde_json::from_str(&body).unwrap_or(Value::Null)
    }

    fn put(&self, data: &str) {
        self.call("PutRecord", &json!({"StreamName": "s", "PartitionKey": "a", "Data": data}));
    }
}

/// Everything up to the empty line.
fn head(answer: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(answer.read_line(&mut head).unwrap() > 0, "the answer ends in its head: {head}");
    }
    head.to_ascii_lowercase().replace("http/1.1", "HTTP/1.1")
}

/// The messages of an answer in chunks.
struct Messages {
    answer: BufReader<TcpStream>,
    unread: Vec<u8>,
}

struct Message {
    headers: BTreeMap<String, String>,
    payload: Value,
}

impl Messages {
    /// The next one; `None` at the end of the answer.
    fn message(&mut self) -> Option<Message> {
        let length = u32::from_be_bytes(self.peek(4)?.try_into().unwrap()) as usize;
        let message = self.peek(length)?;
        self.unread.drain(..length);
        Some(Message::read(&message))
    }

    fn peek(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.unread.len() < length {
            let mut size = String::new();
            self.answer.read_line(&mut size).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let mut chunk = vec![0; size + 2]; // with the end of its line
            self.answer.read_exact(&mut chunk).unwrap();
            if size == 0 {
                assert!(self.unread.is_empty(), "the answer ends in a message");
                return None;
            }
            self.unread.extend_from_slice(&chunk[..size]);
        }
        Some(self.unread[..length].to_vec())
    }
}

impl Message {
    fn read(bytes: &[u8]) -> Message {
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let end = bytes.len() - 4;
        assert_eq!((number(8), number(end)), (crc32fast::hash(&bytes[..8]), crc32fast::hash(&bytes[..end])));
        let (mut rest, payload) = bytes[12..end].split_at(number(4) as usize);
        let mut headers = BTreeMap::new();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        while let Some((&length, behind)) = rest.split_first() {
            let (name, behind) = behind.split_at(usize::from(length));
            assert_eq!(behind[0], 7, "a text");
            let length = usize::from(u16::from_be_bytes([behind[1], behind[2]]));
            headers.insert(text(name), text(&behind[3..3 + length]));
            rest = &behind[3 + length..];
        }
        Message { headers, payload: serde_json::from_slice(payload).unwrap() }
    }
}

#[test]
fn records_come_over_a_socket_as_they_are_put() {
    let world = World::start();
    world.call("CreateStream", &json!({"StreamName": "s", "ShardCount": 1}));
    let stream = world.call("DescribeStreamSummary", &json!({"StreamName": "s"}));
    let arn = &stream["StreamDescriptionSummary"]["StreamARN"];
    let made = world.call("RegisterStreamConsumer", &json!({"StreamARN": arn, "ConsumerName": "c"}));
    let consumer = &made["Consumer"]["ConsumerARN"];
    world.put("YQ==");
    let position = json!({"Type": "TRIM_HORIZON"});
    let subscription =
        json!({"ConsumerARN": consumer, "ShardId": "shardId-000000000000", "StartingPosition": position});
    let mut answer = world.send("SubscribeToShard", &subscription);
    let head = head(&mut answer);
    assert!(
        head.starts_with("HTTP/1.1 200 ") && head.contains("\r\ntransfer-encoding: chunked\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\ncontent-type: application/vnd.amazon.eventstream\r\n"), "{head}");
    assert!(!head.contains("x-amz-crc32"), "{head}");

    let mut messages = Messages { answer, unread: Vec::new() };
    let first = messages.message().unwrap();
    assert_eq!((&*first.headers[":event-type"], first.payload), ("initial-response", json!({})));
    let mut data = Vec::new();
    while data.len() < 2 {
        let message = messages.message().unwrap();
        assert_eq!(message.headers[":event-type"], "SubscribeToShardEvent");
        assert_eq!(message.headers[":content-type"], "application/x-amz-json-1.1");
        for record in message.payload["Records"].as_array().unwrap() {
            data.push(record["Data"].as_str().unwrap().to_owned());
            if data.len() == 1 {
                world.put("Yg==");
            }
        }
    }
    assert_eq!(data, ["YQ==", "Yg=="]);

    world.call("DeregisterStreamConsumer", &json!({"ConsumerARN": consumer}));
    let last = std::iter::from_fn(|| messages.message()).last().unwrap();
    assert_eq!(last.headers[":message-type"], "exception");
    assert_eq!(last.headers[":exception-type"], "ResourceNotFoundException");
    assert_eq!(last.payload["message"], "Consumer c not found.");
}
