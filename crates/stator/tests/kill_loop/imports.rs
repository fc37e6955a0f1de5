//! Imports that are killed meanwhile: each ends complete, with every item there and every record counted once.

use crate::server::{Server, ended, kill_process, pause, rounds, scan};
use serde_json::{Value, json};
use std::time::Duration;

const OBJECTS: u64 = 3;
const LINES: u64 = 12_000;

#[test]
fn imports_are_whole_and_counted_once_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&data);
    server.s3("PUT", "/imports", Vec::new()).unwrap();
    for object in 0..OBJECTS {
        let lines: Vec<String> =
            (0..LINES).map(|n| json!({"Item": item(object * LINES + n)}).to_string()).collect();
        server.s3("PUT", &format!("/imports/{object}.json"), lines.join("\n").into_bytes()).unwrap();
    }
    server.kill();
    let mut ordered = Vec::new();
    let mut killed_under_way = 0;
    for round in 0..rounds() {
        let server = Server::start(&data);
        ordered.push(order(&server, round));
        pause(Duration::from_millis(150 + 211 * round % 1_500));
        killed_under_way += u64::from(described(&server, &ordered[0])["ImportStatus"] == "IN_PROGRESS");
        kill_process(server.process.id());
        server.kill();
    }
    let server = Server::start(&data);
    println!("{} kills, {killed_under_way} while the first import was under way", rounds());
    for (round, import) in ordered.iter().enumerate() {
        let described = ended(|| described(&server, import), "ImportStatus");
        assert_eq!(described["ImportStatus"], "COMPLETED", "{described}");
        assert_eq!(described["ImportedItemCount"], OBJECTS * LINES, "{described}");
        let found = scan(&server, json!({"TableName": name(round as u64), "ConsistentRead": true}));
        assert_eq!(found.len() as u64, OBJECTS * LINES);
        let expected = |n: u64| found.get(&format!("thing-{n}")) == Some(&item(n));
        assert!((0..OBJECTS * LINES).all(expected));
    }
    server.kill();
}

fn item(n: u64) -> Value {
    json!({"pk": {"S": format!("thing-{n}")}, "v": {"N": n.to_string()}, "text": {"S": "x".repeat(60)}})
}

fn name(round: u64) -> String {
    format!("imported-{round}")
}

fn order(server: &Server, round: u64) -> String {
    let parameters = json!({
        "TableName": name(round), "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    });
    let request = json!({
        "ClientToken": format!("token-{round}"), "S3BucketSource": {"S3Bucket": "imports"},
        "InputFormat": "DYNAMODB_JSON", "TableCreationParameters": parameters,
    });
    let import = server.call("ImportTable", &request).unwrap();
    import["ImportTableDescription"]["ImportArn"].as_str().unwrap().to_owned()
}

fn described(server: &Server, arn: &str) -> Value {
    server.call("DescribeImport", &json!({"ImportArn": arn})).unwrap()["ImportTableDescription"].take()
}
