//! Exports that are killed meanwhile: each ends complete, and its files, by its manifests, have what was in the table
//! when it was ordered, each item once.

use crate::server::{Server, create_things, ended, kill_process, pause, rounds, scan};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

const ITEMS: u64 = 3_000;

#[test]
fn exports_are_whole_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    create_things(&data, ITEMS, |n| item(n, 0));
    let mut ordered: Vec<(String, BTreeMap<String, Value>)> = Vec::new();
    let mut killed_under_way = 0;
    for round in 0..rounds() {
        let server = Server::start(&data);
        let arn = prepared(&server);
        for n in 0..40 {
            let request = json!({"TableName": "things", "Item": item(n * 71 % ITEMS, 1 + round)});
            server.call("PutItem", &request).unwrap();
        }
        let before = scan(&server, json!({"TableName": "things", "ConsistentRead": true}));
        let request = json!({"TableArn": arn, "S3Bucket": "exports"});
        let export = server.call("ExportTableToPointInTime", &request).unwrap();
        let export = export["ExportDescription"]["ExportArn"].as_str().unwrap().to_owned();
        for n in 0..20 {
            let key = json!({"pk": {"S": format!("thing-{}", n * 131 % ITEMS)}});
            server.call("DeleteItem", &json!({"TableName": "things", "Key": key})).unwrap();
        }
        pause(Duration::from_millis(47 * round % 900));
        killed_under_way += u64::from(described(&server, &export)["ExportStatus"] == "IN_PROGRESS");
        ordered.push((export, before));
        kill_process(server.process.id());
        server.kill();
    }
    let server = Server::start(&data);
    println!("{} kills, {killed_under_way} while an export was under way", rounds());
    for (export, before) in &ordered {
        let described = ended(|| described(&server, export), "ExportStatus");
        assert_eq!(described["ExportStatus"], "COMPLETED", "{described}");
        let found = exported(&server, &described);
        assert!(found == *before, "{export}: {} of {} items", found.len(), before.len());
    }
    server.kill();
}

fn item(n: u64, version: u64) -> Value {
    json!({"pk": {"S": format!("thing-{n}")}, "v": {"N": version.to_string()}, "text": {"S": "x".repeat(200)}})
}

/// A bucket, recovery for the table, and its ARN.
fn prepared(server: &Server) -> String {
    server.s3("PUT", "/exports", Vec::new()).or_else(|_| server.s3("GET", "/exports", Vec::new())).unwrap();
    let recovery = json!({"PointInTimeRecoveryEnabled": true});
    let request = json!({"TableName": "things", "PointInTimeRecoverySpecification": recovery});
    server.call("UpdateContinuousBackups", &request).unwrap();
    let table = server.call("DescribeTable", &json!({"TableName": "things"})).unwrap();
    table["Table"]["TableArn"].as_str().unwrap().to_owned()
}

fn described(server: &Server, arn: &str) -> Value {
    server.call("DescribeExport", &json!({"ExportArn": arn})).unwrap()["ExportDescription"].take()
}

/// The items in the files of an export, by their keys.
fn exported(server: &Server, described: &Value) -> BTreeMap<String, Value> {
    let object =
        |key: &Value| server.s3("GET", &format!("/exports/{}", key.as_str().unwrap()), Vec::new()).unwrap();
    let summary: Value = serde_json::from_slice(&object(&described["ExportManifest"])).unwrap();
    let files = String::from_utf8(object(&summary["manifestFilesS3Key"])).unwrap();
    let mut items = BTreeMap::new();
    for file in files.lines() {
        let file: Value = serde_json::from_str(file).unwrap();
        let mut text = String::new();
        GzDecoder::new(&object(&file["dataFileS3Key"])[..]).read_to_string(&mut text).unwrap();
        assert_eq!(file["itemCount"], text.lines().count());
        for line in text.lines() {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let item = line["Item"].take();
            let key = item["pk"]["S"].as_str().unwrap().to_owned();
            assert!(items.insert(key, item).is_none(), "an item is exported twice");
        }
    }
    items
}
