//! Faults on demand: what each rule does to which requests, and that it ends.

use dynamodb::faults::FaultRule;
use testkit::{Engines, InProcess, Request, Target};

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/dynamodb/aws4_request, \
                             SignedHeaders=host, Signature=00";

struct World(InProcess);

impl World {
    fn new() -> World {
        let world = World(InProcess::start(Engines::Memory));
        for table in ["orders", "others"] {
            let shape = r#"{"TableName": "T", "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}]}"#;
            world.call("CreateTable", &shape.replace("\"T\"", &format!("\"{table}\"")));
        }
        world
    }

    /// The code of the error and the body, or the body alone.
    fn call(&self, operation: &str, body: &str) -> (String, String) {
        let request = Request::json(&format!("DynamoDB_20120810.{operation}"), AUTHORIZATION, body);
        let reply = self.0.send(&request).expect("a server in this process answers");
        let text = String::from_utf8(reply.body).expect("JSON is UTF-8");
        let code = text.split_once('#').and_then(|(_, rest)| rest.split('"').next());
        (code.filter(|_| reply.status != 200).unwrap_or("ok").to_owned(), text)
    }

    fn put(&self, table: &str, key: &str) -> String {
        self.call("PutItem", &format!(r#"{{"TableName": "{table}", "Item": {{"p": {{"S": "{key}"}}}}}}"#)).0
    }

    fn get(&self, table: &str, key: &str) -> String {
        self.call("GetItem", &format!(r#"{{"TableName": "{table}", "Key": {{"p": {{"S": "{key}"}}}}}}"#)).0
    }

    fn rule(&self, query: &str) {
        let rule = FaultRule::of(query.split('&').filter_map(|pair| pair.split_once('=')));
        self.0.faults().add(rule.expect("it is a rule")).expect("there is room");
    }
}

#[test]
fn a_rule_is_about_its_table_operation_and_key_as_often_as_it_says() {
    let world = World::new();
    world.rule("fault=throttle&table=orders&operation=PutItem&key=hot&count=2");
    assert_eq!((world.put("others", "hot"), world.put("orders", "cold")), ("ok".into(), "ok".into()));
    assert_eq!(world.get("orders", "hot"), "ok");
    let refused = || world.put("orders", "hot");
    assert_eq!(
        [refused(), refused(), refused()],
        ["ProvisionedThroughputExceededException", "ProvisionedThroughputExceededException", "ok"]
    );
    world.rule("fault=error&probability=0");
    assert_eq!(world.get("orders", "hot"), "ok");
    world.rule("fault=error");
    assert_eq!((world.get("others", "x"), world.0.faults().clear()), ("InternalServerError".into(), 3));
    assert_eq!(world.get("others", "x"), "ok");
}

#[test]
fn throttling_has_its_reason_and_counts_as_throttling() {
    let world = World::new();
    world.rule("fault=throttle&reason=KeyRangeThroughputExceeded&count=1");
    let (code, body) = world.call("GetItem", r#"{"TableName": "orders", "Key": {"p": {"S": "a"}}}"#);
    assert_eq!(code, "ThrottlingException");
    let reason = r#""throttlingReasons":[{"reason":"TableReadKeyRangeThroughputExceeded","resource":"arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}]"#;
    assert!(body.contains(reason), "{body}");
    let series = world.0.figures().series("123456789012", "eu-west-1", 0..=u64::MAX);
    let names: Vec<_> = series.iter().map(|id| id.metric.name()).collect();
    for name in ["ReadThrottleEvents", "ReadKeyRangeThroughputThrottleEvents", "ThrottledRequests"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
}

#[test]
fn conflicts_and_members_of_batches() {
    let world = World::new();
    world.rule("fault=conflict&key=held");
    assert_eq!(
        (world.put("orders", "held"), world.get("orders", "held")),
        ("TransactionConflictException".into(), "ok".into())
    );
    let put =
        |key: &str| format!(r#"{{"Put": {{"TableName": "orders", "Item": {{"p": {{"S": "{key}"}}}}}}}}"#);
    let transact = format!(r#"{{"TransactItems": [{}, {}]}}"#, put("free"), put("held"));
    let (code, body) = world.call("TransactWriteItems", &transact);
    assert_eq!(code, "TransactionCanceledException");
    assert!(body.contains("[None, TransactionConflict]"), "{body}");
    let write = |key: &str| format!(r#"{{"PutRequest": {{"Item": {{"p": {{"S": "{key}"}}}}}}}}"#);
    let batch = format!(r#"{{"RequestItems": {{"orders": [{}, {}]}}}}"#, write("free"), write("held"));
    let left = r#""UnprocessedItems":{"orders":[{"PutRequest":{"Item":{"p":{"S":"held"}}}}]}"#;
    assert!(world.call("BatchWriteItem", &batch).1.contains(left));

    world.0.faults().clear();
    world.rule("fault=unprocessed&operation=BatchGetItem&count=1");
    let keys = r#"{"RequestItems": {"orders": {"Keys": [{"p": {"S": "free"}}, {"p": {"S": "x"}}]}}}"#;
    assert!(
        world
            .call("BatchGetItem", keys)
            .1
            .contains(r#""UnprocessedKeys":{"orders":{"Keys":[{"p":{"S":"free"}}]}}"#)
    );
    assert!(world.call("BatchGetItem", keys).1.contains(r#""UnprocessedKeys":{}"#));
}
