//! Items that expire while the server is killed: while they are swept, and while the time index is built and dropped.
//! In the end all that have expired are gone, the others are there, and the index equals its table.

use crate::server::{Server, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ITEMS: u64 = 3_000;
const WRITERS: u64 = 3;
/// 2025 and 2100.
const TIMES: [&str; 2] = ["1735689600", "4102444800"];

#[test]
fn items_expire_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let stays = Mutex::new(create_table(&data));
    let next = AtomicU64::new(ITEMS);
    for round in 0..rounds() {
        let server = Server::start(&data);
        if round % 3 == 2 {
            switch(&server, false);
        }
        switch(&server, true);
        write_until_killed(server, round, &next, &stays);
    }
    let server = Server::start(&data);
    for _ in 0..2 {
        switch(&server, true);
        wait_until_expired(&server);
        verify(&server, &stays.lock().unwrap());
        switch(&server, false);
    }
    println!("{} kills, {} items", rounds(), next.load(Ordering::SeqCst));
    server.kill();
}

fn create_table(data: &Path) -> BTreeSet<String> {
    let server = Server::start(data);
    let key = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let table = json!({
        "TableName": "sessions", "BillingMode": "PAY_PER_REQUEST", "KeySchema": key("pk"),
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [{"IndexName": "byG", "KeySchema": key("g"), "Projection": {"ProjectionType": "ALL"}}]
    });
    server.call("CreateTable", &table).unwrap();
    for first in (0..ITEMS).step_by(25) {
        let puts: Vec<Value> =
            (first..first + 25).map(|n| json!({"PutRequest": {"Item": item(n)}})).collect();
        server.call("BatchWriteItem", &json!({"RequestItems": {"sessions": puts}})).unwrap();
    }
    server.kill();
    (0..ITEMS).filter(|n| n % 2 == 1).map(name).collect()
}

fn name(n: u64) -> String {
    format!("session-{n}")
}

/// Every other one has expired.
fn item(n: u64) -> Value {
    let expires = TIMES[(n % 2) as usize];
    json!({"pk": {"S": name(n)}, "g": {"S": format!("group-{}", n % 10)}, "expires": {"N": expires}})
}

fn switch(server: &Server, on: bool) {
    let specification = json!({"Enabled": on, "AttributeName": "expires"});
    let request = json!({"TableName": "sessions", "TimeToLiveSpecification": specification});
    if let Err(error) = server.call("UpdateTimeToLive", &request) {
        assert!(error.contains("TimeToLive is already"), "{error}");
    }
}

fn write_until_killed(server: Server, round: u64, next: &AtomicU64, stays: &Mutex<BTreeSet<String>>) {
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    if server.call("PutItem", &json!({"TableName": "sessions", "Item": item(n)})).is_err() {
                        break;
                    }
                    if n % 2 == 1 {
                        stays.lock().unwrap().insert(name(n));
                    }
                }
            });
        }
        pause(Duration::from_millis(5 + 37 * (round % 9)));
        kill_process(server.process.id());
    });
    server.kill();
}

fn wait_until_expired(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let request = json!({
        "TableName": "sessions", "ConsistentRead": true, "FilterExpression": "expires < :now",
        "ExpressionAttributeValues": {":now": {"N": "1767225600"}}
    });
    while !scan(server, request.clone()).is_empty() {
        assert!(Instant::now() < deadline, "expired items stay");
        pause(Duration::from_millis(50));
    }
}

fn verify(server: &Server, stays: &BTreeSet<String>) {
    let items = scan(server, json!({"TableName": "sessions", "ConsistentRead": true}));
    assert!(stays.iter().all(|name| items.contains_key(name)), "an item that has not expired is gone");
    let entries = scan(server, json!({"TableName": "sessions", "IndexName": "byG"}));
    assert_eq!(entries, items, "the index differs from its table");
    let table = server.call("DescribeTable", &json!({"TableName": "sessions"})).unwrap();
    assert_eq!(table["Table"]["ItemCount"], items.len());
    assert_eq!(table["Table"]["GlobalSecondaryIndexes"][0]["ItemCount"], items.len());
}
