//! Random writes to a table with a Kinesis destination, while shards are split and merged, the destination is switched
//! off and on, and the server is closed and opened again: the stream has each change that was made while the
//! destination was on, once, in the order of its item. `STATOR_SEED` selects the seed.

#![expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use stdx::Random;
use testkit::{Engines, InProcess, Request, Target};

const ARN: &str = "arn:aws:kinesis:us-east-1:123456789012:stream/changes";
const STEPS: u64 = 600;
const KEYS: u64 = 7;
/// Waits for a condition that background work brings about.
const LOOKS_MAX: usize = 4_000;

/// What the stream must show of each item: the item before and after each change.
type Changes = BTreeMap<String, Vec<(Value, Value)>>;

struct World {
    server: InProcess,
    random: Random,
    items: BTreeMap<String, Value>,
    expected: Changes,
    version: u64,
    is_on: bool,
}

#[test]
fn hand_over_on_a_store_that_answers_late_and_decides_twice() {
    World::start(Engines::Slow).run();
}

#[test]
fn hand_over_by_two_servers_that_share_a_store() {
    World::start(Engines::Two).run();
}

#[test]
fn hand_over_through_restarts() {
    let folder = tempfile::tempdir().unwrap();
    World::start(Engines::Embedded(folder.path().join("data"))).run();
}

impl World {
    fn start(engines: Engines) -> World {
        let seed = std::env::var("STATOR_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
        println!("STATOR_SEED={seed}");
        let world = World {
            server: InProcess::start(engines),
            random: Random::from_seed(seed),
            items: BTreeMap::new(),
            expected: Changes::new(),
            version: 0,
            is_on: true,
        };
        world.kinesis("CreateStream", json!({"StreamName": "changes", "ShardCount": 2}));
        world.dynamodb(
            "CreateTable",
            json!({
                "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]
            }),
        );
        world.dynamodb("EnableKinesisStreamingDestination", json!({"TableName": "items", "StreamArn": ARN}));
        world
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            match self.random.next_u64() % 60 {
                0 => self.reshard(),
                1 => self.switch(),
                2 => _ = self.server.restart(),
                3 => _ = self.server.advance(self.random.next_u64() % 20),
                4..16 => self.delete(),
                _ => self.put(),
            }
        }
        if !self.is_on {
            self.switch();
            self.put();
        }
        let mut found = Changes::new();
        for _ in 0..LOOKS_MAX {
            found = self.read();
            if found == self.expected {
                return;
            }
            let count = |changes: &Changes| changes.values().map(Vec::len).sum::<usize>();
            assert!(count(&found) <= count(&self.expected), "the stream has more than there was");
        }
        assert_eq!(found, self.expected);
    }

    fn put(&mut self) {
        self.version += 1;
        let key = self.key();
        let item = json!({"pk": {"S": key}, "v": {"N": self.version.to_string()}});
        self.dynamodb("PutItem", json!({"TableName": "items", "Item": item}));
        let old = self.items.insert(key.clone(), item.clone()).unwrap_or_default();
        self.expect(key, old, item);
    }

    fn delete(&mut self) {
        let key = self.key();
        self.dynamodb("DeleteItem", json!({"TableName": "items", "Key": {"pk": {"S": key}}}));
        if let Some(old) = self.items.remove(&key) {
            self.expect(key, old, Value::Null);
        }
    }

    fn key(&self) -> String {
        format!("key-{}", self.random.next_u64() % KEYS)
    }

    fn expect(&mut self, key: String, old: Value, new: Value) {
        if self.is_on {
            self.expected.entry(key).or_default().push((old, new));
        }
    }

    /// Off, and on again only when it is off.
    fn switch(&mut self) {
        let destination = json!({"TableName": "items", "StreamArn": ARN});
        if self.is_on {
            self.dynamodb("DisableKinesisStreamingDestination", destination);
        } else {
            self.wait_until_disabled();
            self.dynamodb("EnableKinesisStreamingDestination", destination);
        }
        self.is_on = !self.is_on;
    }

    fn wait_until_disabled(&self) {
        for _ in 0..LOOKS_MAX {
            let described =
                self.dynamodb("DescribeKinesisStreamingDestination", json!({"TableName": "items"}));
            if described["KinesisDataStreamDestinations"][0]["DestinationStatus"] != "DISABLING" {
                return;
            }
        }
        panic!("the destination stays DISABLING");
    }

    /// Splits a shard, or merges two.
    fn reshard(&self) {
        let mut open = self.shards();
        open.retain(|shard| shard["SequenceNumberRange"].get("EndingSequenceNumber").is_none());
        let hash =
            |shard: &Value, end: &str| shard["HashKeyRange"][end].as_str().unwrap().parse::<u128>().unwrap();
        open.sort_by_key(|shard| hash(shard, "StartingHashKey"));
        let at = (self.random.next_u64() % open.len() as u64) as usize;
        match open.get(at + 1) {
            Some(next) if open.len() > 3 => {
                let merged = json!({"StreamName": "changes", "ShardToMerge": open[at]["ShardId"], "AdjacentShardToMerge": next["ShardId"]});
                self.kinesis("MergeShards", merged);
            }
            _ => {
                let (first, last) = (hash(&open[at], "StartingHashKey"), hash(&open[at], "EndingHashKey"));
                let middle = (first + (last - first) / 2).to_string();
                let split = json!({"StreamName": "changes", "ShardToSplit": open[at]["ShardId"], "NewStartingHashKey": middle});
                self.kinesis("SplitShard", split);
            }
        }
    }

    fn shards(&self) -> Vec<Value> {
        let page = self.kinesis("ListShards", json!({"StreamName": "changes"}));
        page["Shards"].as_array().unwrap().clone()
    }

    /// What the stream shows, parents before children.
    fn read(&self) -> Changes {
        let mut changes = Changes::new();
        for record in self.shards().iter().flat_map(|shard| self.records(shard)) {
            let change = &record["dynamodb"];
            let key = change["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
            changes.entry(key).or_default().push((change["OldImage"].clone(), change["NewImage"].clone()));
        }
        changes
    }

    fn records(&self, shard: &Value) -> Vec<Value> {
        let begin = json!({"StreamName": "changes", "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let mut iterator = self.kinesis("GetShardIterator", begin)["ShardIterator"].clone();
        let mut records = Vec::new();
        loop {
            let page = self.kinesis("GetRecords", json!({"ShardIterator": iterator, "Limit": 50}));
            let found = page["Records"].as_array().unwrap();
            records.extend(found.iter().map(data));
            match page.get("NextShardIterator") {
                Some(next) if !found.is_empty() => iterator = next.clone(),
                _ => return records,
            }
        }
    }

    fn dynamodb(&self, operation: &str, body: Value) -> Value {
        self.call("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    fn kinesis(&self, operation: &str, body: Value) -> Value {
        self.call("kinesis", &format!("Kinesis_20131202.{operation}"), body)
    }

    fn call(&self, service: &str, target: &str, body: Value) -> Value {
        let scope = format!("123456789012/20260101/us-east-1/{service}/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0000");
        let request = Request::json(target, &authorization, body.to_string());
        let reply = self.server.send(&request).unwrap();
        let text = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, 200, "{target} {body}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }
}

fn data(record: &Value) -> Value {
    let mut json = Vec::new();
    wire::json::decode_base64(record["Data"].as_str().unwrap(), &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}
