//! One account's way to the server, from any thread.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::{Request, Target};

static ACCOUNT: AtomicU64 = AtomicU64::new(100_000_000_000);

/// An account with a table of its own, `items`.
pub struct Client<'a> {
    target: &'a dyn Target,
    account: u64,
}

/// The code and the body of a refusal.
#[derive(Debug)]
pub struct Refused {
    pub code: String,
    pub body: Value,
}

impl<'a> Client<'a> {
    /// A new account without tables.
    pub fn new(target: &'a dyn Target) -> Self {
        Client { target, account: ACCOUNT.fetch_add(1, Ordering::Relaxed) }
    }

    /// A new account whose table has the key `p`.
    pub fn with_table(target: &'a dyn Target) -> Self {
        Self::with(target, json!({"KeySchema": keys(&["p"]), "AttributeDefinitions": [attribute("p", "S")]}))
    }

    /// A new account whose table has the key `p`, and a global index `byG` on `g` and `r`.
    pub fn with_global_index(target: &'a dyn Target) -> Self {
        let index = json!({"IndexName": "byG", "KeySchema": keys(&["g", "r"]), "Projection": {"ProjectionType": "ALL"}});
        Self::with(
            target,
            json!({
                "KeySchema": keys(&["p"]),
                "AttributeDefinitions": [attribute("p", "S"), attribute("g", "S"), attribute("r", "N")],
                "GlobalSecondaryIndexes": [index],
            }),
        )
    }

    /// A new account whose table has the key `p` and `q`, and a local index `byL` on `l`.
    pub fn with_local_index(target: &'a dyn Target) -> Self {
        let index = json!({"IndexName": "byL", "KeySchema": keys(&["p", "l"]), "Projection": {"ProjectionType": "ALL"}});
        Self::with(
            target,
            json!({
                "KeySchema": keys(&["p", "q"]),
                "AttributeDefinitions": [attribute("p", "S"), attribute("q", "N"), attribute("l", "N")],
                "LocalSecondaryIndexes": [index],
            }),
        )
    }

    fn with(target: &'a dyn Target, mut table: Value) -> Self {
        let client = Client::new(target);
        table["TableName"] = json!("items");
        table["BillingMode"] = json!("PAY_PER_REQUEST");
        client.done("CreateTable", table);
        client
    }

    /// Sends an operation.
    pub fn call(&self, operation: &str, body: &Value) -> Result<Value, Refused> {
        self.ask("dynamodb", &format!("DynamoDB_20120810.{operation}"), body)
    }

    /// Sends an operation to DAX's control plane.
    pub fn call_dax(&self, operation: &str, body: &Value) -> Result<Value, Refused> {
        self.ask("dax", &format!("AmazonDAXV3.{operation}"), body)
    }

    /// Sends an operation to Kinesis.
    pub fn call_kinesis(&self, operation: &str, body: &Value) -> Result<Value, Refused> {
        self.ask("kinesis", &format!("Kinesis_20131202.{operation}"), body)
    }

    fn ask(&self, service: &str, operation: &str, body: &Value) -> Result<Value, Refused> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000",
            self.account
        );
        let request = Request::json(operation, &authorization, body.to_string());
        let reply = self.target.send(&request).expect("a server in this process answers");
        let body: Value = serde_json::from_slice(&reply.body).expect("an answer is JSON");
        if reply.status == 200 {
            return Ok(body);
        }
        let code = body["__type"].as_str().unwrap_or_default();
        Err(Refused { code: code.rsplit('#').next().unwrap_or_default().to_owned(), body })
    }

    /// Sends what must be done.
    pub fn done(&self, operation: &str, body: Value) -> Value {
        self.call(operation, &body).unwrap_or_else(|refused| panic!("{operation} {body}: {refused:?}"))
    }

    /// A number of an item, read consistently.
    pub fn number(&self, key: &str, name: &str) -> i64 {
        let body = json!({"TableName": "items", "Key": {"p": {"S": key}}, "ConsistentRead": true});
        number(&self.done("GetItem", body)["Item"], name)
    }
}

fn attribute(name: &str, tag: &str) -> Value {
    json!({"AttributeName": name, "AttributeType": tag})
}

fn keys(names: &[&str]) -> Value {
    let kinds = ["HASH", "RANGE"].into_iter();
    names.iter().zip(kinds).map(|(name, kind)| json!({"AttributeName": name, "KeyType": kind})).collect()
}

/// A number of an item; 0 where there is none.
pub fn number(item: &Value, name: &str) -> i64 {
    item[name]["N"].as_str().map_or(0, |text| text.parse().expect("the test keeps whole numbers"))
}

impl Refused {
    /// Whether an action of a transaction met another transaction.
    pub fn is_conflict(&self) -> bool {
        let reasons = self.body["CancellationReasons"].as_array();
        let conflict = json!("TransactionConflict");
        self.code == "TransactionCanceledException"
            && reasons.is_some_and(|reasons| reasons.iter().any(|reason| reason["Code"] == conflict))
    }
}
