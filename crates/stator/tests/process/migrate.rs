//! `stator migrate`: a data directory becomes a database, with its tables, indexes and streams; while a server has it
//! open, and interrupted anywhere.

#![expect(clippy::disallowed_methods, reason = "a test of real processes takes real time")]

use crate::database::database;
use crate::running::{Running, command_refused, refused, stator, text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use stdx::Random;
use store_postgres::test_server::TestServer;

const STREAMS: &str = "DynamoDBStreams_20120810";

fn body(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200 OK"), "{answer}");
    serde_json::from_str(body).unwrap()
}

fn put(server: &Running, pk: &str, city: &str) {
    let item = json!({"pk": {"S": pk}, "city": {"S": city}});
    body(&server.call("PutItem", &json!({"TableName": "people", "Item": item}).to_string()));
}

fn in_city(server: &Running, city: &str) -> u64 {
    let query = json!({
        "TableName": "people", "IndexName": "by_city", "KeyConditionExpression": "city = :c",
        "ExpressionAttributeValues": {":c": {"S": city}}
    });
    body(&server.call("Query", &query.to_string()))["Count"].as_u64().unwrap()
}

fn of_streams(server: &Running, operation: &str, input: &Value) -> Value {
    body(&server.call_service(STREAMS, "dynamodb", operation, &input.to_string()))
}

/// An iterator from the beginning of the table's stream.
fn iterator(server: &Running) -> Value {
    let streams = of_streams(server, "ListStreams", &json!({"TableName": "people"}));
    let arn = &streams["Streams"][0]["StreamArn"];
    let described = of_streams(server, "DescribeStream", &json!({"StreamArn": arn}));
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let beginning = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    of_streams(server, "GetShardIterator", &beginning)["ShardIterator"].clone()
}

/// The partition keys of the records behind an iterator.
fn keys(server: &Running, iterator: &Value) -> Vec<String> {
    let records = of_streams(server, "GetRecords", &json!({"ShardIterator": iterator}));
    let key = |record: &Value| record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
    records["Records"].as_array().unwrap().iter().map(key).collect()
}

fn people() -> Value {
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let hash = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    json!({
        "TableName": "people", "BillingMode": "PAY_PER_REQUEST", "KeySchema": hash("pk"),
        "AttributeDefinitions": [attribute("pk"), attribute("city")],
        "GlobalSecondaryIndexes": [
            {"IndexName": "by_city", "KeySchema": hash("city"), "Projection": {"ProjectionType": "ALL"}}
        ],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}
    })
}

#[test]
fn tables_indexes_and_streams_go_on_in_the_database() {
    let Some(server) = TestServer::shared() else { return };
    let (url, folder) = (database(server), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let migrate = || stator(&["migrate", "--data-dir", text(&data), "--to", &url]);
    command_refused(&mut migrate(), 4, "is no data directory");

    let mut alone = Running::start(&["--port", "0", "--data-dir", text(&data)]);
    let table = people();
    body(&alone.call("CreateTable", &table.to_string()));
    put(&alone, "a", "Oslo");
    put(&alone, "b", "Oslo");
    let before = iterator(&alone);
    alone.signal("-TERM");
    assert_eq!(alone.end().0, Some(0));

    let ended = migrate().output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && said.contains("read back and compared"), "{said}");
    let again = migrate().output().unwrap();
    assert!(again.status.success() && String::from_utf8(again.stderr).unwrap().contains("already"));
    let elsewhere = database(server);
    let to_another = || stator(&["migrate", "--data-dir", text(&data), "--to", &elsewhere]);
    command_refused(&mut to_another(), 4, "was moved to");
    command_refused(&mut stator(&["migrate", "--data-dir", text(&data), "--cancel"]), 4, "was moved to");
    refused(&["--port", "0", "--data-dir", text(&data)], 4, "was moved to");

    let start = || Running::start(&["--port", "0", "--store", &url]);
    let (one, other) = (start(), start());
    assert_eq!(in_city(&one, "Oslo"), 2);
    put(&one, "c", "Oslo");
    put(&other, "a", "Rome");
    assert_eq!((in_city(&other, "Oslo"), in_city(&other, "Rome")), (2, 1));
    assert_eq!(keys(&one, &before), ["a", "b", "c", "a"]);
    assert_eq!(keys(&other, &iterator(&one)), ["a", "b", "c", "a"]);
    let mut second = table;
    second["TableName"] = "others".into();
    body(&other.call("CreateTable", &second.to_string()));
    body(&one.call("DeleteTable", r#"{"TableName":"people"}"#));
}

/// What writers know to be there, by key: what the item's `n` is, or that it was deleted.
#[derive(Default)]
struct Known {
    items: Mutex<BTreeMap<String, Option<u64>>>,
    puts: AtomicUsize,
}

/// Puts items and deletes some, each key its own, until there is enough. What is not acknowledged is written again.
fn write(
    server: &dyn Fn(&str, &str) -> String,
    writer: usize,
    known: &Known,
    enough: &AtomicBool,
    done: &AtomicUsize,
) {
    for n in 0_u64.. {
        if enough.load(Ordering::SeqCst) {
            return;
        }
        let pk = format!("{writer}-{}", n % 97);
        let is_gone = n % 5 == 4;
        let key = json!({"TableName": "people", "Key": {"pk": {"S": pk}}});
        let item =
            json!({"pk": {"S": pk}, "city": {"S": format!("city{}", n % 7)}, "n": {"N": n.to_string()}});
        let put = json!({"TableName": "people", "Item": item});
        let (operation, input) = if is_gone { ("DeleteItem", key) } else { ("PutItem", put) };
        while !server(operation, &input.to_string()).contains("200 OK") {
            std::thread::sleep(Duration::from_millis(20));
        }
        known.items.lock().unwrap().insert(pk, (!is_gone).then_some(n));
        known.puts.fetch_add(usize::from(!is_gone), Ordering::SeqCst);
        done.fetch_add(1, Ordering::SeqCst);
    }
}

/// A call to a server that may be gone.
fn try_call(address: &Mutex<Option<String>>, operation: &str, body: &str) -> String {
    let Some(address) = address.lock().unwrap().clone() else { return String::new() };
    crate::running::try_call(&address, operation, body).unwrap_or_default()
}

/// All items of the table, by key.
fn items(server: &Running, index: Option<&str>) -> BTreeMap<String, u64> {
    let (mut items, mut start) = (BTreeMap::new(), Value::Null);
    loop {
        let mut scan = json!({"TableName": "people"});
        if let Some(index) = index {
            scan["IndexName"] = index.into();
        }
        if !start.is_null() {
            scan["ExclusiveStartKey"] = start;
        }
        let page = body(&server.call("Scan", &scan.to_string()));
        for item in page["Items"].as_array().unwrap() {
            let number = item["n"]["N"].as_str().unwrap().parse().unwrap();
            items.insert(item["pk"]["S"].as_str().unwrap().to_owned(), number);
        }
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return items;
        }
    }
}

/// The last event of each key behind an iterator, and how many there are that leave an item.
fn events(server: &Running, mut at: Value) -> (BTreeMap<String, String>, usize) {
    let (mut last, mut puts) = (BTreeMap::new(), 0);
    loop {
        let page = of_streams(server, "GetRecords", &json!({"ShardIterator": at}));
        let records = page["Records"].as_array().unwrap();
        if records.is_empty() {
            return (last, puts);
        }
        for record in records {
            let event = record["eventName"].as_str().unwrap().to_owned();
            puts += usize::from(event != "REMOVE");
            last.insert(record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned(), event);
        }
        at = page["NextShardIterator"].clone();
    }
}

/// Runs to its end. One that was killed holds the schema until the database notices.
fn ended(command: &dyn Fn() -> Command) -> String {
    loop {
        let output = command().output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if !said.contains("another process fills") {
            assert!(output.status.success(), "{said}");
            return said;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Kills it after a while, if it has not ended by then. Whether it was killed.
fn interrupted(mut command: Command, after: Duration) -> bool {
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let was_running = process.try_wait().unwrap().is_none();
    _ = process.kill();
    process.wait().unwrap();
    was_running
}

/// Writers, and the move of what they write: begun and killed beside them, the server killed and started again, then
/// the end of the move killed. Nothing that was acknowledged is missing afterwards, in the table, its index and its
/// stream.
#[test]
fn a_directory_moves_while_writers_write() {
    let Some(database_server) = TestServer::shared() else { return };
    let (url, folder, random) = (database(database_server), tempfile::tempdir().unwrap(), Random::from_os());
    let data = folder.path().join("data");
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let with_key = |arguments: &[&str]| {
        let mut command = stator(arguments);
        command.env("STATOR_KMS_ROOT_KEY", key);
        command
    };
    let migrate = || with_key(&["migrate", "--data-dir", text(&data), "--to", &url]);
    let serve = || Running::of(&mut with_key(&["--port", "0", "--data-dir", text(&data), "--encrypt"]));
    let moment = || Duration::from_millis(random.next_u64() % 1000);

    let mut server = serve();
    body(&server.call("CreateTable", &people().to_string()));
    for name in ["early", "gone"] {
        let mut table = people();
        table["TableName"] = name.into();
        body(&server.call("CreateTable", &table.to_string()));
        for n in 0..50 {
            let item = json!({"pk": {"S": n.to_string()}, "city": {"S": "x"}, "n": {"N": "1"}});
            body(&server.call("PutItem", &json!({"TableName": name, "Item": item}).to_string()));
        }
    }
    let before = iterator(&server);
    let (known, enough, done) = (Known::default(), AtomicBool::new(false), AtomicUsize::new(0));
    let address = Mutex::new(Some(server.address().to_owned()));
    let more = |count: usize| {
        let wanted = done.load(Ordering::SeqCst) + count;
        while done.load(Ordering::SeqCst) < wanted {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    std::thread::scope(|scope| {
        let (known, enough, done, address) = (&known, &enough, &done, &address);
        for writer in 0..4 {
            let call = move |operation: &str, body: &str| try_call(address, operation, body);
            scope.spawn(move || write(&call, writer, known, enough, done));
        }
        more(200);
        for _ in 0..4 {
            interrupted(migrate(), moment());
        }
        assert!(ended(&migrate).contains("stop the server, and run this again"));

        // Tables come and go, items begin to expire, a backup is made.
        body(&server.call("DeleteTable", r#"{"TableName":"gone"}"#));
        let mut late = people();
        late["TableName"] = "late".into();
        body(&server.call("CreateTable", &late.to_string()));
        body(&server.call("CreateBackup", r#"{"TableName":"early","BackupName":"kept"}"#));
        let ttl =
            json!({"TableName": "early", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "t"}});
        body(&server.call("UpdateTimeToLive", &ttl.to_string()));
        let item = json!({"pk": {"S": "0"}, "city": {"S": "y"}, "n": {"N": "2"}, "t": {"N": "4000000000"}});
        body(&server.call("PutItem", &json!({"TableName": "early", "Item": item}).to_string()));
        more(200);

        address.lock().unwrap().take();
        server.signal("-KILL");
        server.end();
        server = serve();
        *address.lock().unwrap() = Some(server.address().to_owned());
        more(200);
        let said = ended(&migrate);
        assert!(said.contains("changes meanwhile") && !said.contains("everything is compared"), "{said}");
        more(200);
        enough.store(true, Ordering::SeqCst);
    });
    server.signal("-TERM");
    assert_eq!(server.end().0, Some(0));

    for _ in 0..3 {
        interrupted(migrate(), moment());
    }
    let said = ended(&migrate);
    assert!(
        said.contains("start servers with --store") && !said.contains("everything is compared"),
        "{said}"
    );
    command_refused(&mut with_key(&["--port", "0", "--data-dir", text(&data)]), 4, "was moved to postgres:");

    let start = || Running::of(&mut with_key(&["--port", "0", "--store", &url]));
    let (one, other) = (start(), start());
    let expected: BTreeMap<String, u64> =
        known.items.lock().unwrap().iter().filter_map(|(key, n)| Some((key.clone(), (*n)?))).collect();
    assert_eq!(items(&one, None), expected);
    assert_eq!(items(&other, Some("by_city")), expected);
    let (last, puts) = events(&one, before);
    assert!(puts >= known.puts.load(Ordering::SeqCst), "{puts} puts in the stream");
    for (key, n) in &*known.items.lock().unwrap() {
        assert_eq!(
            last.get(key).is_some_and(|event| event != "REMOVE"),
            n.is_some(),
            "the last record of {key}"
        );
    }
    let tables = body(&other.call("ListTables", "{}"));
    assert_eq!(tables["TableNames"], json!(["early", "late", "people"]));
    let backups = body(&one.call("ListBackups", "{}"));
    let backup = &backups["BackupSummaries"][0]["BackupArn"];
    let restore = json!({"TargetTableName": "restored", "BackupArn": backup});
    body(&one.call("RestoreTableFromBackup", &restore.to_string()));
    let count = || body(&other.call("Scan", r#"{"TableName":"restored"}"#))["Count"].as_u64();
    let is_active = || other.call("DescribeTable", r#"{"TableName":"restored"}"#).contains(r#""ACTIVE""#);
    while !is_active() {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(count(), Some(50));
    let get = other.call("GetItem", r#"{"TableName":"early","Key":{"pk":{"S":"0"}}}"#);
    assert!(get.contains("4000000000"), "{get}");
    assert!(ended(&migrate).contains("already"));
}
