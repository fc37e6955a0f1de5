//! What the tests of replicas through kills share: a table `world` in three regions, whose items are written in
//! versions until a server is gone, and what must be there in the end.

use crate::server::{Server, pause};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
const KEYS: usize = 20;
const BEFORE: usize = 500;
/// Every so manieth version of an item is its deletion.
const DELETION: u64 = 5;

/// The version of each item that was acknowledged last; each is written in one region.
pub type Acknowledged = Mutex<BTreeMap<String, u64>>;

/// Makes the table, without items.
pub fn create_table(server: &Server, region: &str) {
    let table = json!({
        "TableName": "world", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    server.call_in(region, "CreateTable", &table).unwrap();
}

/// Makes the table with the items that replicas begin with, at a server that is killed then.
pub fn create(server: Server) {
    create_table(&server, REGIONS[0]);
    for at in 0..BEFORE {
        put(&server, REGIONS[0], &format!("before-{at}"), 1).unwrap();
    }
    server.kill();
}

fn put(server: &Server, region: &str, key: &str, version: u64) -> Result<Value, String> {
    let item = json!({"pk": {"S": key}, "v": {"N": version.to_string()}});
    server.call_in(region, "PutItem", &json!({"TableName": "world", "Item": item}))
}

/// Asks for a replica. It may be there, or another one on its way, or out of reach.
pub fn add(server: &Server, region: &str) {
    let update = json!({"TableName": "world", "ReplicaUpdates": [{"Create": {"RegionName": region}}]});
    _ = server.call_in(REGIONS[0], "UpdateTable", &update);
}

/// Each item gets the version that follows the last one acknowledged, until the server is gone or it is time. A replica
/// that is not there yet takes none.
pub fn write(server: &Server, region: &str, acknowledged: &Acknowledged, ends: Option<Instant>) {
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
        if ends.is_some_and(|ends| Instant::now() > ends) {
            return;
        }
    }
}

/// Waits until a server shows the replica in its region, which is asked for at another one, or the same.
pub fn add_until_there(asked: &Server, there: &Server, region: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_there = || {
        let read = json!({"TableName": "world", "Key": {"pk": {"S": "none"}}});
        there.call_in(region, "GetItem", &read).is_ok()
    };
    while !is_there() {
        add(asked, region);
        if Instant::now() > deadline {
            let shown = asked.call("DescribeTable", &json!({"TableName": "world"}));
            panic!("there is no replica in {region} after 60 s: {shown:?}");
        }
        pause(Duration::from_millis(100));
    }
}

/// What the servers of some regions have, once they have the same.
pub fn same_everywhere(places: &[(&Server, &str)]) -> BTreeMap<String, u64> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut all: Vec<_> = places.iter().map(|(server, region)| scan(server, region)).collect();
        if all.iter().all(|found| *found == all[0]) {
            return all.remove(0);
        }
        assert!(Instant::now() < deadline, "replicas differ after 60 s");
        pause(Duration::from_millis(50));
    }
}

/// Every acknowledged version is there, or the one that was under way behind it; and what was there before.
pub fn nothing_is_lost(found: &BTreeMap<String, u64>, acknowledged: &Acknowledged) {
    let acknowledged = acknowledged.lock().unwrap();
    assert!(!acknowledged.is_empty());
    for (key, version) in &*acknowledged {
        let found = found.get(key).copied();
        let may_be = [*version, version + 1].map(|version| (version % DELETION != 0).then_some(version));
        assert!(may_be.contains(&found), "{key} is {found:?}, acknowledged was {version}");
    }
    assert_eq!(found.keys().filter(|key| key.starts_with("before")).count(), BEFORE);
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
