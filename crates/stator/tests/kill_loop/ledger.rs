//! Concurrent puts and transactions, killed again and again; what is found at the next start is compared with what
//! was acknowledged: nothing lost, no transaction torn, indexes equal to their table.

use crate::server::{Server, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WRITERS: usize = 6;
const PAIRS: usize = 3;

/// The clients' ledger: per key, the highest value acknowledged and the highest value attempted.
type Known = Mutex<BTreeMap<String, (u64, u64)>>;

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_torn() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let known = Known::default();
    let rounds = rounds();
    create_table(&data);
    for round in 0..rounds {
        let server = Server::start(&data);
        verify(&server, &known);
        write_until_killed(server, &known, Duration::from_millis(200 + 130 * (round % 5)));
    }
    let server = Server::start(&data);
    verify(&server, &known);
    let acknowledged: u64 = known.lock().unwrap().values().map(|(acknowledged, _)| acknowledged).sum();
    println!("{rounds} kills, {acknowledged} acknowledged writes, none lost");
    assert!(
        acknowledged > rounds * 10,
        "only {acknowledged} writes were acknowledged: the test says nothing"
    );
    server.kill();
}

fn create_table(data: &Path) {
    let server = Server::start(data);
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let table = json!({
        "TableName": "ledger", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("pk", "HASH")],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "owner", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}],
        "GlobalSecondaryIndexes": [{"IndexName": "byOwner", "KeySchema": [key("owner", "HASH"), key("n", "RANGE")], "Projection": {"ProjectionType": "ALL"}}]
    });
    server.call("CreateTable", &table).unwrap();
    server.kill();
}

fn item(key: &str, n: u64) -> Value {
    json!({"pk": {"S": key}, "owner": {"S": format!("owner{}", n % 3)}, "n": {"N": n.to_string()}, "pad": {"S": "x".repeat((n % 700) as usize)}})
}

fn write_until_killed(server: Server, known: &Known, after: Duration) {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (server, stop) = (&server, &stop);
            scope.spawn(move || writes(server, known, stop, writer));
        }
        for pair in 0..PAIRS {
            let (server, stop) = (&server, &stop);
            scope.spawn(move || transactions(server, known, stop, pair));
        }
        pause(after);
        kill_process(server.process.id());
        stop.store(true, Ordering::SeqCst);
    });
    server.kill();
}

fn writes(server: &Server, known: &Known, stop: &AtomicBool, writer: usize) {
    for step in 0u64.. {
        let key = format!("single-{writer}-{}", step % 8);
        let n = attempt(known, &key);
        if stop.load(Ordering::SeqCst)
            || server.call("PutItem", &json!({"TableName": "ledger", "Item": item(&key, n)})).is_err()
        {
            return;
        }
        acknowledge(known, &key, n);
    }
}

/// Both items of a pair always carry the same number.
fn transactions(server: &Server, known: &Known, stop: &AtomicBool, pair: usize) {
    let (left, right) = (format!("pair-{pair}-left"), format!("pair-{pair}-right"));
    loop {
        let n = attempt(known, &left).max(attempt(known, &right));
        let put = |key: &str| json!({"Put": {"TableName": "ledger", "Item": item(key, n)}});
        let body = json!({"TransactItems": [put(&left), put(&right)]});
        if stop.load(Ordering::SeqCst) || server.call("TransactWriteItems", &body).is_err() {
            return;
        }
        acknowledge(known, &left, n);
        acknowledge(known, &right, n);
    }
}

fn attempt(known: &Known, key: &str) -> u64 {
    let mut known = known.lock().unwrap();
    let (_, attempted) = known.entry(key.to_owned()).or_default();
    *attempted += 1;
    *attempted
}

fn acknowledge(known: &Known, key: &str, n: u64) {
    known.lock().unwrap().get_mut(key).unwrap().0 = n;
}

fn verify(server: &Server, known: &Known) {
    let items = scan(server, json!({"TableName": "ledger", "ConsistentRead": true}));
    for (key, (acknowledged, attempted)) in known.lock().unwrap().iter() {
        let found = items.get(key).map_or(0, number);
        assert!(found >= *acknowledged, "{key}: {found} found, {acknowledged} was acknowledged");
        assert!(found <= *attempted, "{key}: {found} found, only {attempted} was ever sent");
    }
    for pair in 0..PAIRS {
        let side = |side: &str| items.get(&format!("pair-{pair}-{side}")).map(number);
        assert_eq!(side("left"), side("right"), "transaction of pair {pair} is torn");
    }
    let entries = scan(server, json!({"TableName": "ledger", "IndexName": "byOwner"}));
    assert_eq!(entries, items, "the index differs from its table");
}

fn number(item: &Value) -> u64 {
    item["n"]["N"].as_str().unwrap().parse().unwrap()
}
