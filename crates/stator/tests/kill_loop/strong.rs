//! A strongly consistent global table of a server that is killed: writers in three regions count in the same items.
//! After each start all regions have the same, with every acknowledged write and no other but those under way at a
//! kill.

use crate::server::{Server, kill_process, pause, rounds};
use crate::world::create_table;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const REGIONS: [&str; 3] = ["us-east-1", "us-east-2", "us-west-2"];
const KEYS: usize = 5;

#[test]
fn regions_that_are_strongly_consistent_stay_equal_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let acknowledged: [AtomicU64; KEYS] = Default::default();
    create(&data);
    for round in 1..=rounds() {
        let server = Server::start(&data);
        std::thread::scope(|scope| {
            for region in REGIONS {
                let (server, acknowledged) = (&server, &acknowledged);
                scope.spawn(move || count(server, region, acknowledged));
            }
            pause(Duration::from_millis(300 + 170 * (round % 5)));
            kill_process(server.process.id());
        });
        server.kill();
        let server = Server::start(&data);
        let found = REGIONS.map(|region| counts(&server, region));
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0], found[2]);
        for (at, acknowledged) in acknowledged.iter().enumerate() {
            let least = acknowledged.load(Ordering::SeqCst);
            let found = found[0].get(&at.to_string()).copied().unwrap_or(0);
            let most = least + round * REGIONS.len() as u64;
            assert!((least..=most).contains(&found), "{at} is {found}, of {least} to {most}");
        }
        server.kill();
    }
    assert!(acknowledged.iter().all(|counted| counted.load(Ordering::SeqCst) > 0));
}

fn create(data: &std::path::Path) {
    let server = Server::start(data);
    create_table(&server, REGIONS[0]);
    let creates: Vec<_> =
        REGIONS[1..].iter().map(|region| json!({"Create": {"RegionName": region}})).collect();
    let update = json!({"TableName": "world", "MultiRegionConsistency": "STRONG", "ReplicaUpdates": creates});
    server.call_in(REGIONS[0], "UpdateTable", &update).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let read = json!({"TableName": "world", "Key": {"pk": {"S": "none"}}});
    while REGIONS.iter().any(|region| server.call_in(region, "GetItem", &read).is_err()) {
        assert!(Instant::now() < deadline, "the replicas are not there after 60 s");
        pause(Duration::from_millis(20));
    }
    server.kill();
}

/// Counts in one item after the other. Whoever meets a writer of another region tries again.
fn count(server: &Server, region: &str, acknowledged: &[AtomicU64; KEYS]) {
    for step in 0.. {
        let at = step % KEYS;
        let update = json!({
            "TableName": "world", "Key": {"pk": {"S": at.to_string()}}, "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        });
        match server.call_in(region, "UpdateItem", &update) {
            Ok(_) => _ = acknowledged[at].fetch_add(1, Ordering::SeqCst),
            Err(error) if error.contains("ReplicatedWriteConflictException") => {}
            Err(_) => return,
        }
    }
}

fn counts(server: &Server, region: &str) -> BTreeMap<String, u64> {
    let read = |at: usize| {
        let request =
            json!({"TableName": "world", "Key": {"pk": {"S": at.to_string()}}, "ConsistentRead": true});
        let item = server.call_in(region, "GetItem", &request).unwrap();
        let count = item["Item"]["n"]["N"].as_str()?.parse().unwrap();
        Some((at.to_string(), count))
    };
    (0..KEYS).filter_map(read).collect()
}
