//! A stream whose shards are replaced and split every moment, killed meanwhile: the next start finds every acknowledged
//! change once, in order, and the stream replayed from nothing is the table.

use crate::server::{Server, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

const WRITERS: usize = 4;
const KEYS: usize = 40;
/// Shards live for a second and are split at 20 writes a second.
const OPTIONS: [&str; 4] = ["--stream-shard-life", "1s", "--stream-shard-writes", "20"];

/// The version of each key that was acknowledged last.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn a_stream_has_every_change_once_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged = Acknowledged::default();
    let arn = create_table(&data);
    for round in 0.. {
        // Shards are looked at by a server that leaves them as they are: on a slow machine a list would never end.
        let server = Server::start_with(&data, &[]);
        let (shards, splits) = verify(&server, &arn, &acknowledged);
        // A busy machine writes little in a round; without splits the test says nothing.
        if round >= rounds() && splits > 0 && shards > 4 {
            let changes: u64 = acknowledged.lock().unwrap().values().sum();
            println!("{round} kills, {changes} changes in {shards} shards, {splits} splits");
            return server.kill();
        }
        server.kill();
        assert!(round < 20 * rounds(), "{shards} shards, {splits} splits after {round} kills");
        let server = Server::start_with(&data, &OPTIONS);
        write_until_killed(server, &acknowledged, Duration::from_millis(300 + 170 * (round % 5)));
    }
}

fn create_table(data: &Path) -> String {
    let server = Server::start_with(data, &OPTIONS);
    let table = json!({
        "TableName": "flowing", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    });
    let created = server.call("CreateTable", &table).unwrap();
    server.kill();
    created["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

fn write_until_killed(server: Server, acknowledged: &Acknowledged, after: Duration) {
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let server = &server;
            scope.spawn(move || write(server, acknowledged, writer));
        }
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

/// How many shards there are, and how many of them were split.
fn verify(server: &Server, arn: &str, acknowledged: &Acknowledged) -> (usize, usize) {
    let shards = shards(server, arn);
    let mut replayed: BTreeMap<String, Value> = BTreeMap::new();
    for record in shards.iter().flat_map(|shard| records(server, arn, shard)) {
        let change = &record["dynamodb"];
        let key = change["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
        let before = replayed.insert(key, change["NewImage"].clone());
        assert_eq!(before.unwrap_or_default(), change["OldImage"], "{record}");
    }
    let items = scan(server, json!({"TableName": "flowing", "ConsistentRead": true}));
    assert_eq!(replayed, items, "the stream replayed differs from its table");
    for (key, version) in acknowledged.lock().unwrap().iter() {
        let found: u64 = items[key]["v"]["N"].as_str().unwrap().parse().unwrap();
        assert!(found >= *version, "{key}: {found} found, {version} was acknowledged");
    }
    (shards.len(), check_lineage(&shards))
}

/// As they all are at one moment: shards change between the pages of a long list.
fn shards(server: &Server, arn: &str) -> Vec<Value> {
    let mut listed = list_shards(server, arn);
    loop {
        let again = list_shards(server, arn);
        if again == listed {
            return again;
        }
        listed = again;
    }
}

fn list_shards(server: &Server, arn: &str) -> Vec<Value> {
    let (mut shards, mut request) = (Vec::new(), json!({"StreamArn": arn}));
    loop {
        let page = server.streams("DescribeStream", &request).unwrap()["StreamDescription"].clone();
        shards.extend(page["Shards"].as_array().unwrap().iter().cloned());
        match page.get("LastEvaluatedShardId") {
            Some(last) => request["ExclusiveStartShardId"] = last.clone(),
            None => return shards,
        }
    }
}

/// A closed shard has children, an open one has none. Returns how many have two.
fn check_lineage(shards: &[Value]) -> usize {
    let children =
        |shard: &Value| shards.iter().filter(|child| child["ParentShardId"] == shard["ShardId"]).count();
    for shard in shards {
        let is_closed = shard["SequenceNumberRange"].get("EndingSequenceNumber").is_some();
        assert_eq!(is_closed, children(shard) > 0, "{shard}");
    }
    shards.iter().filter(|shard| children(shard) == 2).count()
}

fn records(server: &Server, arn: &str, shard: &Value) -> Vec<Value> {
    let begin = json!({"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
    let mut iterator = server.streams("GetShardIterator", &begin).unwrap()["ShardIterator"].clone();
    let mut records = Vec::new();
    loop {
        let page = server.streams("GetRecords", &json!({"ShardIterator": iterator})).unwrap();
        let found = page["Records"].as_array().unwrap();
        records.extend(found.iter().cloned());
        match page.get("NextShardIterator") {
            Some(next) if !found.is_empty() => iterator = next.clone(),
            _ => return records,
        }
    }
}
