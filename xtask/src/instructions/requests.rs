//! The requests that are counted: six operations over one table of 400 items of some 400 bytes, 20 to a partition.

use crate::api::Connection;
use serde_json::{Value, json};

const ITEMS: u64 = 400;
const PARTITION: u64 = 20;
const TABLE: &str = "bench";

/// A kind of request: the same operation, a different item each time.
pub(super) struct Kind {
    pub(super) operation: &'static str,
    body: fn(u64) -> Value,
}

pub(super) const REQUESTS: &[Kind] = &[
    Kind { operation: "GetItem", body: get },
    Kind { operation: "PutItem", body: put },
    Kind { operation: "UpdateItem", body: update },
    Kind { operation: "BatchGetItem", body: batch_get },
    Kind { operation: "Query", body: query },
    Kind { operation: "TransactWriteItems", body: transact },
];

impl Kind {
    pub(super) fn send(&self, connection: &mut Connection, count: u64) -> Result<(), String> {
        (0..count)
            .try_for_each(|number| connection.call(self.operation, &(self.body)(number % ITEMS).to_string()))
    }
}

/// Creates the table, fills it, and sends a few requests of each kind, so that one-time work is done before counting.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), String> {
    connection.call("CreateTable", &table().to_string())?;
    for number in 0..ITEMS {
        connection.call("PutItem", &put(number).to_string())?;
    }
    REQUESTS.iter().try_for_each(|kind| kind.send(connection, 10))
}

fn table() -> Value {
    json!({
        "TableName": TABLE,
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn key(number: u64) -> Value {
    let number = number % ITEMS;
    json!({
        "pk": {"S": format!("p{:07}", number / PARTITION)},
        "sk": {"S": format!("s{:03}", number % PARTITION)},
    })
}

fn item(number: u64) -> Value {
    let mut item = key(number);
    item["hits"] = json!({"N": number.to_string()});
    item["active"] = json!({"BOOL": true});
    item["tags"] = json!({"SS": ["blue", "green"]});
    item["payload"] = json!({"S": "x".repeat(240)});
    for place in 0..4 {
        item[format!("attribute{place}")] = json!({"S": format!("value {place} of {number:04}")});
    }
    item
}

fn get(number: u64) -> Value {
    json!({"TableName": TABLE, "Key": key(number)})
}

fn put(number: u64) -> Value {
    json!({"TableName": TABLE, "Item": item(number)})
}

fn update(number: u64) -> Value {
    json!({
        "TableName": TABLE,
        "Key": key(number),
        "UpdateExpression": "ADD hits :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    })
}

fn batch_get(number: u64) -> Value {
    let keys: Vec<Value> = (0..25).map(|place| key(number * 25 + place)).collect();
    json!({"RequestItems": {TABLE: {"Keys": keys}}})
}

fn query(number: u64) -> Value {
    json!({
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": key(number)["pk"]},
    })
}

fn transact(number: u64) -> Value {
    json!({"TransactItems": [{"Put": put(number)}, {"Put": put(number + 1)}, {"Update": update(number + 2)}]})
}
