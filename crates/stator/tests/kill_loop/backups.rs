//! Backups that are made and restored beside writes, and killed meanwhile: each is exactly what was there when it was
//! ordered, and a table that is restored is whole.

use crate::server::{Server, create_things, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ITEMS: u64 = 2_000;

#[test]
fn backups_are_exact_and_restores_whole_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    create_things(&data, ITEMS, |n| item(n, 0));
    let mut ordered: Vec<(String, BTreeMap<String, Value>)> = Vec::new();
    let mut restored: Vec<(String, usize)> = Vec::new();
    for round in 0..rounds() {
        let server = Server::start(&data);
        let before = scan(&server, json!({"TableName": "things", "ConsistentRead": true}));
        let request = json!({"TableName": "things", "BackupName": "killed"});
        let backup = server.call("CreateBackup", &request).unwrap();
        ordered.push((backup["BackupDetails"]["BackupArn"].as_str().unwrap().to_owned(), before));
        if let Some(of) = ordered.len().checked_sub(2) {
            let name = format!("restored-{round}");
            wait_for_backup(&server, &ordered[of].0);
            let request = json!({"TargetTableName": name, "BackupArn": ordered[of].0});
            server.call("RestoreTableFromBackup", &request).unwrap();
            restored.push((name, of));
        }
        write_until_killed(server, round);
    }
    let server = Server::start(&data);
    ordered.iter().for_each(|(arn, _)| wait_for_backup(&server, arn));
    assert!(!restored.is_empty(), "the test says nothing");
    for (name, of) in &restored {
        wait_for_table(&server, name);
        let found = scan(&server, json!({"TableName": name, "ConsistentRead": true}));
        assert!(found == ordered[*of].1, "{name} is not what was backed up");
    }
    server.kill();
}

fn item(n: u64, version: u64) -> Value {
    json!({"pk": {"S": format!("thing-{n}")}, "v": {"N": version.to_string()}, "text": {"S": "x".repeat(200)}})
}

fn write_until_killed(server: Server, round: u64) {
    let next = AtomicU64::new(round * 11);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| while write(&server, next.fetch_add(1, Ordering::SeqCst), round).is_ok() {});
        }
        pause(Duration::from_millis(3 + 29 * (round % 7)));
        kill_process(server.process.id());
    });
    server.kill();
}

fn write(server: &Server, n: u64, round: u64) -> Result<Value, String> {
    let n = n * 7_919 % (ITEMS + 100);
    match n % 5 {
        0 => server
            .call("DeleteItem", &json!({"TableName": "things", "Key": {"pk": {"S": format!("thing-{n}")}}})),
        _ => server.call("PutItem", &json!({"TableName": "things", "Item": item(n, 1 + round)})),
    }
}

fn wait_for_backup(server: &Server, arn: &str) {
    let is_available = || {
        let backup = server.call("DescribeBackup", &json!({"BackupArn": arn})).unwrap();
        backup["BackupDescription"]["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    };
    wait_for(is_available, arn);
}

fn wait_for_table(server: &Server, name: &str) {
    let is_active = || {
        let table = server.call("DescribeTable", &json!({"TableName": name})).unwrap();
        table["Table"]["TableStatus"] == "ACTIVE"
    };
    wait_for(is_active, name);
}

fn wait_for(is_done: impl Fn() -> bool, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while !is_done() {
        assert!(Instant::now() < deadline, "{what} is never ready");
        pause(Duration::from_millis(10));
    }
}
