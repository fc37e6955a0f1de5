//! A bulk operation that is killed again and again: it ends complete, with every item there, every record counted
//! once, and each record whose condition does not hold reported once.

use crate::server::{Server, ended, kill_process, pause, rounds, scan};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;

const OBJECTS: u64 = 3;
const LINES: u64 = 8_000;
/// The items that were there before.
const THERE: u64 = 100;

#[test]
fn bulk_puts_are_whole_and_counted_once_through_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    crate::server::create_things(&data, THERE, |n| item(n * LINES * OBJECTS / THERE, 0));
    let server = Server::start(&data);
    server.s3("PUT", "/bulk", Vec::new()).unwrap();
    for object in 0..OBJECTS {
        let lines: Vec<String> = (0..LINES).map(|n| line(object * LINES + n).to_string()).collect();
        server.s3("PUT", &format!("/bulk/in/{object}.json"), lines.join("\n").into_bytes()).unwrap();
    }
    let bulk = order(&server);
    let mut killed_under_way = 0;
    let mut server = Some(server);
    for round in 0..rounds() {
        let running = server.take().unwrap_or_else(|| Server::start(&data));
        pause(Duration::from_millis(40 + 97 * round % 700));
        killed_under_way += u64::from(described(&running, &bulk)["BulkOperationStatus"] == "IN_PROGRESS");
        kill_process(running.process.id());
        running.kill();
    }
    let server = Server::start(&data);
    println!("{} kills, {killed_under_way} while the operation was under way", rounds());
    let described = ended(|| described(&server, &bulk), "BulkOperationStatus");
    assert_eq!(described["BulkOperationStatus"], "COMPLETED", "{described}");
    assert_eq!(described["ProcessedItemCount"], OBJECTS * LINES, "{described}");
    let found = scan(&server, json!({"TableName": "things", "ConsistentRead": true}));
    assert_eq!(found.len() as u64, OBJECTS * LINES);
    for n in 0..OBJECTS * LINES {
        assert_eq!(found.get(&format!("thing-{n}")), Some(&item(n, u64::from(!is_there(n)))));
    }
    let reported = reported(&server, &bulk);
    let expected: BTreeSet<String> =
        (0..OBJECTS * LINES).filter(|n| is_there(*n)).map(|n| format!("thing-{n}")).collect();
    assert_eq!(reported.len(), expected.len(), "a record is reported twice");
    assert_eq!(reported.into_iter().collect::<BTreeSet<_>>(), expected);
    server.kill();
}

fn is_there(n: u64) -> bool {
    n.is_multiple_of(LINES * OBJECTS / THERE)
}

fn item(n: u64, version: u64) -> Value {
    json!({"pk": {"S": format!("thing-{n}")}, "v": {"N": version.to_string()}, "text": {"S": "x".repeat(60)}})
}

fn line(n: u64) -> Value {
    json!({"Item": item(n, 1), "ConditionExpression": "attribute_not_exists(pk)"})
}

fn order(server: &Server) -> String {
    let request = json!({
        "TableName": "things",
        "InputS3Configuration": {"S3Bucket": "bulk", "S3KeyPrefix": "in/", "InputFormat": "DYNAMODB_JSON"},
        "OutputS3Configuration": {"S3Bucket": "bulk", "OutputType": ["ERROR", "CONDITION_CHECK_FAILURE"]},
    });
    let bulk = server.call("StartBulkPutItems", &request).unwrap();
    bulk["BulkOperationDescription"]["BulkOperationArn"].as_str().unwrap().to_owned()
}

fn described(server: &Server, arn: &str) -> Value {
    let request = json!({"BulkOperationArn": arn});
    server.call("DescribeBulkOperation", &request).unwrap()["BulkOperationDescription"].take()
}

/// The keys of items in the reports, by their manifest.
fn reported(server: &Server, arn: &str) -> Vec<String> {
    let object = |key: &str| server.s3("GET", &format!("/bulk/{key}"), Vec::new()).unwrap();
    let id = arn.rsplit('/').next().unwrap();
    let files = String::from_utf8(object(&format!("AWSDynamoDB/{id}/manifest-files.json"))).unwrap();
    let mut keys = Vec::new();
    for file in files.lines() {
        let file: Value = serde_json::from_str(file).unwrap();
        assert_eq!(file["outputType"], "CONDITION_CHECK_FAILURE");
        let mut text = String::new();
        GzDecoder::new(&object(file["dataFileS3Key"].as_str().unwrap())[..])
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(file["itemCount"], text.lines().count());
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["ExistingItem"]["v"]["N"], "0");
            keys.push(line["Item"]["pk"]["S"].as_str().unwrap().to_owned());
        }
    }
    keys
}
