//! Optimistic locking: read, then put with the condition that the version is still the same.

use crate::client::{Client, number};
use serde_json::json;
use testkit::Target;

const THREADS: i64 = 6;
const INCREMENTS: i64 = 40;

/// Every increment that was acknowledged is in the sum, and in no other version.
pub fn check(target: &dyn Target) {
    let client = &Client::with_table(target);
    client.done("PutItem", json!({"TableName": "items", "Item": {"p": {"S": "a"}, "n": {"N": "0"}}}));
    let refused: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| increment_often(client))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread ends well")).sum()
    });
    assert_eq!(client.number("a", "n"), THREADS * INCREMENTS);
    eprintln!("{}: {refused} increments came too late", target.name());
}

/// How many tries were refused.
fn increment_often(client: &Client<'_>) -> usize {
    let (mut done, mut refused, mut last) = (0, 0, -1);
    while done < INCREMENTS {
        let version = client.number("a", "n");
        assert!(version > last, "after {last} was written {version} was read");
        let (old, new) = (version.to_string(), (version + 1).to_string());
        let put = json!({
            "TableName": "items",
            "Item": {"p": {"S": "a"}, "n": {"N": new}},
            "ConditionExpression": "n = :old",
            "ExpressionAttributeValues": {":old": {"N": old}},
            "ReturnValues": "ALL_OLD",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        });
        match client.call("PutItem", &put) {
            Ok(answer) => {
                assert_eq!(number(&answer["Attributes"], "n"), version);
                (done, last) = (done + 1, version);
            }
            Err(failed) => {
                assert_eq!(failed.code, "ConditionalCheckFailedException");
                assert!(number(&failed.body["Item"], "n") > version, "refused for no reason: {failed:?}");
                refused += 1;
            }
        }
    }
    refused
}
