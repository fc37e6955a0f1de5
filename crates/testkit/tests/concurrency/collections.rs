//! Items of one collection, in a table with a local index, share what is kept of the collection. Writes of different
//! items wait for one another there; that is not a conflict of items, and no caller gets one.

use crate::client::{Client, number};
use serde_json::{Value, json};
use testkit::Target;

const THREADS: usize = 6;
const WRITES: i64 = 25;

/// Every write is done, whether alone or in a transaction, and the index has the last of each.
pub fn check(target: &dyn Target) {
    let client = &Client::with_local_index(target);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || (1..=WRITES).for_each(|turn| write(client, thread, turn)));
        }
    });
    let body = json!({
        "TableName": "items",
        "IndexName": "byL",
        "ConsistentRead": true,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "shared"}},
    });
    let page = client.done("Query", body);
    let items = page["Items"].as_array().expect("a page has items");
    assert_eq!(items.len(), THREADS, "one entry for each item: {page}");
    assert!(items.iter().all(|item| number(item, "l") == WRITES), "{page}");
}

fn write(client: &Client<'_>, thread: usize, turn: i64) {
    let update: Value = json!({
        "TableName": "items",
        "Key": {"p": {"S": "shared"}, "q": {"N": thread.to_string()}},
        "UpdateExpression": "SET l = :turn",
        "ExpressionAttributeValues": {":turn": {"N": turn.to_string()}},
    });
    if thread.is_multiple_of(2) {
        client.done("UpdateItem", update);
    } else {
        client.done("TransactWriteItems", json!({"TransactItems": [{"Update": update}]}));
    }
}
