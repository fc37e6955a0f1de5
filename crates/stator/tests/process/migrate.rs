//! `stator migrate`: a data directory becomes a database, with its tables, indexes and streams.

use crate::database::database;
use crate::running::{Running, command_refused, stator, text};
use serde_json::{Value, json};
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

#[test]
fn tables_indexes_and_streams_go_on_in_the_database() {
    let Some(server) = TestServer::shared() else { return };
    let (url, folder) = (database(server), tempfile::tempdir().unwrap());
    let data = folder.path().join("data");
    let migrate = || stator(&["migrate", "--data-dir", text(&data), "--to", &url]);
    command_refused(&mut migrate(), 4, "is no data directory");

    let mut alone = Running::start(&["--port", "0", "--data-dir", text(&data)]);
    let attribute = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let hash = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let table = json!({
        "TableName": "people", "BillingMode": "PAY_PER_REQUEST", "KeySchema": hash("pk"),
        "AttributeDefinitions": [attribute("pk"), attribute("city")],
        "GlobalSecondaryIndexes": [
            {"IndexName": "by_city", "KeySchema": hash("city"), "Projection": {"ProjectionType": "ALL"}}
        ],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}
    });
    body(&alone.call("CreateTable", &table.to_string()));
    put(&alone, "a", "Oslo");
    put(&alone, "b", "Oslo");
    command_refused(&mut migrate(), 4, "in use");
    let before = iterator(&alone);
    alone.signal("-TERM");
    assert_eq!(alone.end().0, Some(0));

    let ended = migrate().output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success() && said.contains("read back and compared"), "{said}");
    command_refused(&mut migrate(), 4, "has data already");

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
