//! Indexes that are built and removed beside writes, and killed meanwhile: each start continues them, and once they
//! are done they equal their table.

use crate::server::{Server, create_things, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ITEMS: u64 = 3_000;
const WRITERS: u64 = 3;

#[test]
fn indexes_are_built_and_removed_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    create_things(&data, ITEMS, |n| item(n, 0));
    let mut changes = 0;
    for round in 0..rounds() {
        let server = Server::start(&data);
        if are_active(&server) {
            verify(&server);
        }
        changes += u64::from(change_an_index(&server, changes));
        write_until_killed(server, round);
    }
    let server = Server::start(&data);
    wait_for_indexes(&server);
    verify(&server);
    println!("{} kills, {changes} indexes created or deleted", rounds());
    assert!(changes >= 2, "only {changes} indexes were changed: the test says nothing");
    server.kill();
}

/// `STATOR_KILL_ITEMS` makes the table larger: hundreds of thousands take minutes.
#[test]
fn a_large_index_is_built_through_kills() {
    let items =
        std::env::var("STATOR_KILL_ITEMS").ok().and_then(|items| items.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    create_things(&data, items, |n| item(n, 0));
    let server = Server::start(&data);
    assert!(change_an_index(&server, 0));
    let (mut server, mut kills) = (server, 0);
    while !are_active(&server) {
        pause(Duration::from_millis(100 + 70 * (kills % 7)));
        server.kill();
        kills += 1;
        assert!(kills < 2_000, "the index is never built");
        server = Server::start(&data);
    }
    verify(&server);
    println!("{items} items, {kills} kills");
    assert!(kills >= 2, "only {kills} kills: the test says nothing");
    server.kill();
}

/// Of eight items one has no key of an index, and one has had a key of another type since before there was an index.
fn item(n: u64, version: u64) -> Value {
    let mut item = json!({"pk": {"S": format!("thing-{n}")}, "v": {"N": version.to_string()}});
    match n % 8 {
        0 => {}
        1 if version == 0 => item["g"] = json!({"N": "1"}),
        _ => item["g"] = json!({"S": format!("group-{}", (n + version) % 10)}),
    }
    item
}

/// Creates an index or deletes one, in turns; false while the last change is under way.
fn change_an_index(server: &Server, changes: u64) -> bool {
    let name = format!("by-g-{}", changes / 2);
    let change = match changes % 2 {
        0 => json!({"Create": {
            "IndexName": name, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}
        }}),
        _ => json!({"Delete": {"IndexName": name}}),
    };
    let request = json!({
        "TableName": "things", "GlobalSecondaryIndexUpdates": [change],
        "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}]
    });
    match server.call("UpdateTable", &request) {
        Ok(_) => true,
        Err(error) => {
            assert!(error.contains("LimitExceeded") || error.contains("ResourceInUse"), "{error}");
            false
        }
    }
}

fn write_until_killed(server: Server, round: u64) {
    let next = AtomicU64::new(round * 7);
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| while write(&server, next.fetch_add(1, Ordering::SeqCst), round).is_ok() {});
        }
        pause(Duration::from_millis(5 + 37 * (round % 9)));
        kill_process(server.process.id());
    });
    server.kill();
}

fn write(server: &Server, n: u64, round: u64) -> Result<Value, String> {
    let n = n * 7_919 % ITEMS;
    match n % 5 {
        0 => server
            .call("DeleteItem", &json!({"TableName": "things", "Key": {"pk": {"S": format!("thing-{n}")}}})),
        _ => server.call("PutItem", &json!({"TableName": "things", "Item": item(n, 1 + round)})),
    }
}

fn indexes(server: &Server) -> Vec<Value> {
    let table = server.call("DescribeTable", &json!({"TableName": "things"})).unwrap();
    table["Table"]["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default()
}

fn are_active(server: &Server) -> bool {
    indexes(server).iter().all(|index| index["IndexStatus"] == "ACTIVE")
}

fn wait_for_indexes(server: &Server) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !are_active(server) {
        assert!(Instant::now() < deadline, "{:?}", indexes(server));
        pause(Duration::from_millis(10));
    }
}

fn verify(server: &Server) {
    let mut items = scan(server, json!({"TableName": "things", "ConsistentRead": true}));
    items.retain(|_, item| item["g"].get("S").is_some());
    for index in indexes(server) {
        let name = index["IndexName"].as_str().unwrap();
        let entries = scan(server, json!({"TableName": "things", "IndexName": name}));
        assert_eq!(entries, items, "{name} differs from its table");
        assert_eq!(index["ItemCount"], items.len(), "{name} does not count its entries");
    }
}
