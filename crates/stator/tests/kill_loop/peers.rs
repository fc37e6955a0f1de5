//! Three servers that host a region each, of which one or two are killed at a time, while a table gets replicas at the
//! other two and is written to in all three: in the end all have the same, with every acknowledged write, and nothing
//! that was deleted.

use crate::server::{Server, kill_process, pause, rounds};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];
const KEYS: usize = 20;
const BEFORE: usize = 500;
/// Every so manieth version of an item is its deletion.
const DELETION: u64 = 5;

/// The version of each item that was acknowledged last; each is written in one region.
type Acknowledged = Mutex<BTreeMap<String, u64>>;

#[test]
fn replicas_at_peers_come_to_the_same_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let configs = configure(folder.path());
    let acknowledged = Acknowledged::default();
    create(&configs[0]);
    let mut servers: [Option<Server>; 3] = Default::default();
    for round in 0..rounds() {
        for (server, config) in servers.iter_mut().zip(&configs) {
            server.get_or_insert_with(|| Server::start_configured(config));
        }
        let running = servers.each_ref().map(|server| server.as_ref().unwrap());
        let killed: Vec<usize> =
            (0..3).filter(|at| (round as usize + at) % 3 < 1 + round as usize % 2).collect();
        std::thread::scope(|scope| {
            let ends = Instant::now() + Duration::from_millis(1_000 + 170 * (round % 5));
            for (server, region) in running.iter().zip(REGIONS) {
                let acknowledged = &acknowledged;
                scope.spawn(move || write(server, region, acknowledged, ends));
            }
            scope.spawn(|| add(running[0], REGIONS[1 + round as usize % 2]));
            pause(Duration::from_millis(500 + 170 * (round % 5)));
            killed.iter().for_each(|at| kill_process(running[*at].process.id()));
        });
        killed.iter().for_each(|at| servers[*at].take().unwrap().kill());
    }
    let servers = servers.each_mut().map(Option::take);
    let mut at = 0..3;
    let servers = servers.map(|server| {
        let at = at.next().unwrap();
        server.unwrap_or_else(|| Server::start_configured(&configs[at]))
    });
    REGIONS[1..]
        .iter()
        .zip(&servers[1..])
        .for_each(|(region, there)| add_until_there(&servers[0], there, region));
    let found = same_everywhere(&servers);
    let acknowledged = acknowledged.lock().unwrap();
    assert!(!acknowledged.is_empty());
    for (key, version) in &*acknowledged {
        let found = found.get(key).copied();
        let may_be = [*version, version + 1].map(|version| (version % DELETION != 0).then_some(version));
        assert!(may_be.contains(&found), "{key} is {found:?}, acknowledged was {version}");
    }
    assert_eq!(found.keys().filter(|key| key.starts_with("before")).count(), BEFORE);
    servers.into_iter().for_each(Server::kill);
}

/// A port below those that the system gives to whoever connects: nobody takes one while no server has it.
fn port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (std::process::id() as u16 % 97).wrapping_mul(101).wrapping_add(step) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A configuration for each region.
fn configure(folder: &Path) -> [PathBuf; 3] {
    let ports = [port(), port(), port()];
    [0, 1, 2].map(|own| {
        let data = folder.join(REGIONS[own]);
        let mut text = format!(
            "mode = \"local\"\n[http]\nport = {}\n[data]\ndir = {:?}\n[global_tables]\nregions = [\"{}\"]\n",
            ports[own],
            data.to_str().unwrap(),
            REGIONS[own]
        );
        for at in (0..3).filter(|at| *at != own) {
            let key = format!("a key of the servers {} and {}", REGIONS[own.min(at)], REGIONS[own.max(at)]);
            text += &format!(
                "[[global_tables.peers]]\nname = \"{0}\"\nurl = \"http://127.0.0.1:{1}\"\nregions = [\"{0}\"]\nkey = \"{key}\"\n",
                REGIONS[at], ports[at]
            );
        }
        let config = folder.join(format!("{}.toml", REGIONS[own]));
        std::fs::write(&config, text).unwrap();
        config
    })
}

fn create(config: &Path) {
    let server = Server::start_configured(config);
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
    _ = server.call_in(REGIONS[0], "UpdateTable", &update); // it may be there, on its way, or out of reach
}

/// Each item gets the version that follows the last one acknowledged. A replica that is not there yet takes none.
fn write(server: &Server, region: &str, acknowledged: &Acknowledged, ends: Instant) {
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
        if Instant::now() > ends {
            return;
        }
    }
}

fn add_until_there(server: &Server, there: &Server, region: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_there = || {
        let read = json!({"TableName": "world", "Key": {"pk": {"S": "none"}}});
        there.call_in(region, "GetItem", &read).is_ok()
    };
    while !is_there() {
        add(server, region);
        if Instant::now() > deadline {
            let shown = server.call("DescribeTable", &json!({"TableName": "world"}));
            panic!("there is no replica in {region} after 60 s: {shown:?}");
        }
        pause(Duration::from_millis(100));
    }
}

/// What all replicas have, once they have the same.
fn same_everywhere(servers: &[Server; 3]) -> BTreeMap<String, u64> {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let mut at = REGIONS.iter();
        let all = servers.each_ref().map(|server| scan(server, at.next().unwrap()));
        if all[0] == all[1] && all[0] == all[2] {
            let [first, ..] = all;
            return first;
        }
        assert!(Instant::now() < deadline, "replicas differ after 60 s");
        pause(Duration::from_millis(100));
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
