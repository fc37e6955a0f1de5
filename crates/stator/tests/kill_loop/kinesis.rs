//! A table with a Kinesis destination whose shards are split and merged, killed meanwhile: each start hands over every
//! acknowledged change once, in the order of each item, and the stream replayed from nothing is the table.

use crate::server::{Server, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
const KEYS: usize = 40;
const STREAM: &str = "changes";

/// The version of each key that was acknowledged last.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn a_destination_has_every_change_once_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged = Acknowledged::default();
    create(&data);
    for round in 0..rounds() {
        let server = Server::start(&data);
        verify(&server, &acknowledged);
        write_until_killed(server, &acknowledged, Duration::from_millis(300 + 170 * (round % 5)));
    }
    let server = Server::start(&data);
    let shards = verify(&server, &acknowledged);
    let changes: u64 = acknowledged.lock().unwrap().values().sum();
    println!("{} kills, {changes} changes in {shards} shards", rounds());
    assert!(shards > 4, "{shards} shards: the test says nothing");
    server.kill();
}

fn create(data: &Path) {
    let server = Server::start(data);
    server.kinesis("CreateStream", &json!({"StreamName": STREAM, "ShardCount": 2})).unwrap();
    let table = json!({
        "TableName": "flowing", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    server.call("CreateTable", &table).unwrap();
    let arn = format!("arn:aws:kinesis:us-east-1:000000000000:stream/{STREAM}");
    let enable = json!({"TableName": "flowing", "StreamArn": arn});
    server.call("EnableKinesisStreamingDestination", &enable).unwrap();
    server.kill();
}

fn write_until_killed(server: Server, acknowledged: &Acknowledged, after: Duration) {
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let server = &server;
            scope.spawn(move || write(server, acknowledged, writer));
        }
        scope.spawn(|| reshard(&server));
        pause(after);
        kill_process(server.process.id());
    });
    server.kill();
}

/// Each key has one writer, which continues with the version after the last one acknowledged.
fn write(server: &Server, acknowledged: &Acknowledged, writer: usize) {
    for step in 0.. {
        let key = format!("key-{writer}-{}", step % KEYS);
        let next = acknowledged.lock().unwrap().get(&key).copied().unwrap_or(0) + 1;
        let item = json!({"pk": {"S": key}, "v": {"N": next.to_string()}});
        if server.call("PutItem", &json!({"TableName": "flowing", "Item": item})).is_err() {
            return;
        }
        acknowledged.lock().unwrap().insert(key, next);
    }
}

/// Splits an open shard and merges its children, again and again.
fn reshard(server: &Server) {
    loop {
        let Ok(page) = server.kinesis("ListShards", &json!({"StreamName": STREAM})) else { return };
        let is_open = |shard: &&Value| shard["SequenceNumberRange"].get("EndingSequenceNumber").is_none();
        let newest = page["Shards"].as_array().unwrap().iter().rfind(is_open).unwrap().clone();
        let hash = |end: &str| newest["HashKeyRange"][end].as_str().unwrap().parse::<u128>().unwrap();
        let (first, last) = (hash("StartingHashKey"), hash("EndingHashKey"));
        let at = (first + (last - first) / 2).to_string();
        let split =
            json!({"StreamName": STREAM, "ShardToSplit": newest["ShardId"], "NewStartingHashKey": at});
        let made = page["Shards"].as_array().unwrap().len();
        let id = |number: usize| format!("shardId-{number:012}");
        let merge =
            json!({"StreamName": STREAM, "ShardToMerge": id(made), "AdjacentShardToMerge": id(made + 1)});
        for (operation, change) in [("SplitShard", split), ("MergeShards", merge)] {
            pause(Duration::from_millis(40));
            if server.kinesis(operation, &change).is_err() {
                return;
            }
        }
    }
}

/// How many shards there are, once all is handed over.
fn verify(server: &Server, acknowledged: &Acknowledged) -> usize {
    let items = scan(server, json!({"TableName": "flowing", "ConsistentRead": true}));
    let deadline = Instant::now() + Duration::from_secs(20);
    let shards = loop {
        let (shards, replayed) = replay(server);
        if replayed == items {
            break shards;
        }
        assert!(Instant::now() < deadline, "the stream replayed differs from its table");
        pause(Duration::from_millis(20));
    };
    for (key, version) in acknowledged.lock().unwrap().iter() {
        let found: u64 = items[key]["v"]["N"].as_str().unwrap().parse().unwrap();
        assert!(found >= *version, "{key}: {found} found, {version} was acknowledged");
    }
    shards
}

/// The table as its records say, parents before children. A record that came twice or out of order has another item
/// before it.
fn replay(server: &Server) -> (usize, BTreeMap<String, Value>) {
    let page = server.kinesis("ListShards", &json!({"StreamName": STREAM})).unwrap();
    let shards = page["Shards"].as_array().unwrap();
    let mut replayed: BTreeMap<String, Value> = BTreeMap::new();
    for record in shards.iter().flat_map(|shard| records(server, shard)) {
        let change = &record["dynamodb"];
        let key = change["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
        let before = replayed.insert(key, change["NewImage"].clone());
        assert_eq!(before.unwrap_or_default(), change["OldImage"], "{record}");
    }
    (shards.len(), replayed)
}

fn records(server: &Server, shard: &Value) -> Vec<Value> {
    let begin =
        json!({"StreamName": STREAM, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
    let mut iterator = server.kinesis("GetShardIterator", &begin).unwrap()["ShardIterator"].clone();
    let mut records = Vec::new();
    loop {
        let page = server.kinesis("GetRecords", &json!({"ShardIterator": iterator})).unwrap();
        let found = page["Records"].as_array().unwrap();
        records.extend(found.iter().map(data));
        match page.get("NextShardIterator") {
            Some(next) if !found.is_empty() => iterator = next.clone(),
            _ => return records,
        }
    }
}

fn data(record: &Value) -> Value {
    let mut json = Vec::new();
    wire::json::decode_base64(record["Data"].as_str().unwrap(), &mut json).unwrap();
    serde_json::from_slice(&json).unwrap()
}
