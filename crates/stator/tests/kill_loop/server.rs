//! A server that is killed.

use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use testkit::{HttpTarget, Request, Target};

/// A running server over a folder of data.
pub struct Server {
    pub process: Child,
    target: HttpTarget,
}

impl Server {
    pub fn start(data: &Path) -> Server {
        Server::start_with(data, &[])
    }

    pub fn start_with(data: &Path, options: &[&str]) -> Server {
        Server::start_in(data, options, &[])
    }

    /// With variables of its environment.
    pub fn start_in(data: &Path, options: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stator"));
        command.args(["--port", "0", "--data-dir"]).arg(data).args(options).envs(variables.iter().copied());
        Server::start_command(command, &data.with_extension("ready"))
    }

    /// With a configuration, whose port stays the same.
    pub fn start_configured(config: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stator"));
        command.arg("--config").arg(config);
        Server::start_command(command, &config.with_extension("ready"))
    }

    #[expect(clippy::zombie_processes, reason = "`kill` waits for it")]
    fn start_command(mut command: Command, ready: &Path) -> Server {
        let _ = std::fs::remove_file(ready);
        let process = command.arg("--ready-file").arg(ready).stdout(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Ok(text) = std::fs::read_to_string(ready) {
                let url = serde_json::from_str::<Value>(&text).unwrap()["url"].as_str().unwrap().to_owned();
                return Server { process, target: HttpTarget::new(&url) };
            }
            assert!(Instant::now() < deadline, "the server is not ready after 30 s");
            pause(Duration::from_millis(2));
        }
    }

    pub fn call(&self, operation: &str, body: &Value) -> Result<Value, String> {
        self.call_in("us-east-1", operation, body)
    }

    pub fn call_in(&self, region: &str, operation: &str, body: &Value) -> Result<Value, String> {
        self.send((region, "dynamodb"), &format!("DynamoDB_20120810.{operation}"), body)
    }

    pub fn streams(&self, operation: &str, body: &Value) -> Result<Value, String> {
        self.send(("us-east-1", "dynamodb"), &format!("DynamoDBStreams_20120810.{operation}"), body)
    }

    pub fn kinesis(&self, operation: &str, body: &Value) -> Result<Value, String> {
        self.send(("us-east-1", "kinesis"), &format!("Kinesis_20131202.{operation}"), body)
    }

    fn send(&self, (region, service): (&str, &str), target: &str, body: &Value) -> Result<Value, String> {
        let scope = format!("local/20260101/{region}/{service}/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0000");
        let request = Request::json(target, &authorization, body.to_string());
        let reply = self.target.send(&request).map_err(|error| error.to_string())?;
        let body: Value = match &reply.body[..] {
            [] => Value::Null,
            body => serde_json::from_slice(body).map_err(|error| error.to_string())?,
        };
        if reply.status == 200 { Ok(body) } else { Err(body.to_string()) }
    }

    /// A request of S3, which must succeed; its body.
    pub fn s3(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Vec<u8>, String> {
        let scope = "local/20260101/us-east-1/s3/aws4_request";
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0000");
        let headers = [("Authorization", authorization.as_str()), ("X-Amz-Date", "20260101T000000Z")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body };
        let reply = self.target.send(&request).map_err(|error| error.to_string())?;
        if reply.status < 300 {
            Ok(reply.body)
        } else {
            Err(String::from_utf8_lossy(&reply.body).into_owned())
        }
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.target.address
    }

    /// A request with these headers, which must succeed.
    pub fn post(&self, path: &str, headers: &HeaderMap, body: String) -> Result<Value, String> {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), value.to_str().unwrap_or_default().to_owned())
        };
        let headers = headers.iter().map(header).filter(|(name, _)| name != "host").collect();
        let request =
            Request { method: "POST".to_owned(), path: path.to_owned(), headers, body: body.into() };
        let reply = self.target.send(&request).map_err(|error| error.to_string())?;
        let answer = serde_json::from_slice(&reply.body).map_err(|error| error.to_string())?;
        if reply.status < 300 { Ok(answer) } else { Err(answer.to_string()) }
    }

    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

pub fn pause(duration: Duration) {
    let (_keep, receiver) = mpsc::channel::<()>();
    let _ = receiver.recv_timeout(duration);
}

/// A test that has failed leaves no server behind.
impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// How often a test kills its server.
pub fn rounds() -> u64 {
    std::env::var("STATOR_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

pub fn kill_process(pid: u32) {
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap().success());
}

/// What an export or the like is in the end, by what it is now, and the member with its status.
pub fn ended(described: impl Fn() -> Value, status: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        let now = described();
        if !["IN_PROGRESS", "CANCELLING"].iter().any(|running| now[status] == *running) {
            return now;
        }
        assert!(Instant::now() < deadline, "it never ends: {now}");
        pause(Duration::from_millis(10));
    }
}

/// All items that a Scan finds, by their key.
pub fn scan(server: &Server, mut request: Value) -> BTreeMap<String, Value> {
    let mut items = BTreeMap::new();
    loop {
        let page = server.call("Scan", &request).unwrap();
        for item in page["Items"].as_array().unwrap() {
            let twice = items.insert(item["pk"]["S"].as_str().unwrap().to_owned(), item.clone());
            assert!(twice.is_none(), "{item} came twice");
        }
        match page.get("LastEvaluatedKey") {
            Some(key) => request["ExclusiveStartKey"] = key.clone(),
            None => return items,
        }
    }
}

/// Makes a data folder with the table `things`, of partition key `pk`, and so many items, a multiple of 25.
pub fn create_things(data: &Path, items: u64, item: impl Fn(u64) -> Value) {
    let server = Server::start(data);
    let table = json!({
        "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]
    });
    server.call("CreateTable", &table).unwrap();
    for first in (0..items).step_by(25) {
        let puts: Vec<Value> =
            (first..first + 25).map(|n| json!({"PutRequest": {"Item": item(n)}})).collect();
        server.call("BatchWriteItem", &json!({"RequestItems": {"things": puts}})).unwrap();
    }
    server.kill();
}
