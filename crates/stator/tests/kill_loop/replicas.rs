//! Replicas in three regions of a server that is killed, two of which are added to a table with items while it is
//! written to: in the end all have the same, with every acknowledged write, and nothing that was deleted.

use crate::server::{Server, kill_process, pause, rounds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
const KEYS: usize = 20;
const BEFORE: usize = 500;
/// Every so manieth version of an item is its deletion.
const DELETION: u64 = 5;

/// The version of each item that was acknowledged last; each is written in one region.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn replicas_come_to_the_same_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged = Acknowledged::default();
    create(&data);
    for round in 0..rounds() {
        let server = Server::start(&data);
        std::thread::scope(|scope| {
            for region in REGIONS {
                let (server, acknowledged) = (&server, &acknowledged);
                scope.spawn(move || write(server, region, acknowledged));
            }
            scope.spawn(|| add(&server, REGIONS[1 + round as usize % 2]));
            pause(Duration::from_millis(300 + 170 * (round % 5)));
            kill_process(server.process.id());
        });
        server.kill();
    }
    let server = Server::start(&data);
    REGIONS[1..].iter().for_each(|region| add_until_there(&server, region));
    let found = same_everywhere(&server);
    let acknowledged = acknowledged.lock().unwrap();
    assert!(!acknowledged.is_empty());
    for (key, version) in &*acknowledged {
        let found = found.get(key).copied();
        let may_be = [*version, version + 1].map(|version| (version % DELETION != 0).then_some(version));
        assert!(may_be.contains(&found), "{key} is {found:?}, acknowledged was {version}");
    }
    assert_eq!(found.keys().filter(|key| key.starts_with("before")).count(), BEFORE);
    server.kill();
}

fn create(data: &std::path::Path) {
    let server = Server::start(data);
    let table = json!({
        "TableName": "world", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    server.call("CreateTable", &table).unwrap();
    for at in 0..BEFORE {
        put(&server, REGIONS[0], &format!("before-{at}"), 1).unwrap();
    }
    server.kill();
}

fn put(server: &Server, region: &str, key: &str, version: u64) -> Result<Value, String> {
    let item = json!({"pk": {"S": key}, "v": {"N": version.to_string()}});
    server.call_in(region, "PutItem", &json!({"TableName": "world", "Item": item}))
}

fn add(server: &Server, region: &str) {
    let update = json!({"TableName": "world", "ReplicaUpdates": [{"Create": {"RegionName": region}}]});
    _ = server.call_in(REGIONS[0], "UpdateTable", &update); // it may be there, or another one on its way
}

/// Each item gets the version that follows the last one acknowledged. A replica that is not there yet takes none.
fn write(server: &Server, region: &str, acknowledged: &Acknowledged) {
    for step in 0.. {
        let key = format!("{region}-{}", step % KEYS);
        let next = acknowledged.lock().unwrap().get(&key).copied().unwrap_or(0) + 1;
        let written = match next % DELETION {
            0 => {
                let key = json!({"TableName": "world", "Key": {"pk": {"S": key}}});
                server.call_in(region, "DeleteItem", &key)
            }
            _ => put(server, region, &key, next),
        };
        match written {
            Ok(_) => _ = acknowledged.lock().unwrap().insert(key, next),
            Err(error) if error.contains("ResourceNotFoundException") => pause(Duration::from_millis(20)),
            Err(_) => return,
        }
    }
}

fn add_until_there(server: &Server, region: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_there = || {
        let read = json!({"TableName": "world", "Key": {"pk": {"S": "none"}}});
        server.call_in(region, "GetItem", &read).is_ok()
    };
    while !is_there() {
        add(server, region);
        assert!(Instant::now() < deadline, "there is no replica in {region} after 60 s");
        pause(Duration::from_millis(20));
    }
}

/// What all replicas have, once they have the same.
fn same_everywhere(server: &Server) -> BTreeMap<String, u64> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let all = REGIONS.map(|region| scan(server, region));
        if all[0] == all[1] && all[0] == all[2] {
            let [first, ..] = all;
            return first;
        }
        assert!(Instant::now() < deadline, "replicas differ after 60 s");
        pause(Duration::from_millis(50));
    }
}

fn scan(server: &Server, region: &str) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut request = json!({"TableName": "world", "ConsistentRead": true});
    loop {
        let page = server.call_in(region, "Scan", &request).unwrap();
        for item in page["Items"].as_array().unwrap() {
            let version = item["v"]["N"].as_str().unwrap().parse().unwrap();
            found.insert(item["pk"]["S"].as_str().unwrap().to_owned(), version);
        }
        match &page["LastEvaluatedKey"] {
            Value::Null => return found,
            last => request["ExclusiveStartKey"] = last.clone(),
        }
    }
}
