//! What requests leave in the figures of their tables: every operation that charges a table, and every refusal.

use figures::SeriesId;
use testkit::{Engines, InProcess, Request, Target};

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/dynamodb/aws4_request, \
                             SignedHeaders=host, Signature=00";

const KINESIS: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/kinesis/aws4_request, \
                       SignedHeaders=host, Signature=00";

fn call(server: &InProcess, operation: &str, body: &str, status: u16) {
    send(server, Request::json(&format!("DynamoDB_20120810.{operation}"), AUTHORIZATION, body), status);
}

fn kinesis(server: &InProcess, operation: &str, body: &str) {
    send(server, Request::json(&format!("Kinesis_20131202.{operation}"), KINESIS, body), 200);
}

fn send(server: &InProcess, request: Request, status: u16) {
    let reply = server.send(&request).expect("a server in this process answers");
    let text = String::from_utf8_lossy;
    assert_eq!(reply.status, status, "{}: {}", text(&request.body), text(&reply.body));
}

fn server() -> InProcess {
    orders_on(InProcess::start(Engines::Memory))
}

fn orders_on(server: InProcess) -> InProcess {
    let table = r#"{"TableName": "orders", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "S"}, {"AttributeName": "o", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        "LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "o", "KeyType": "RANGE"}]}],
        "GlobalSecondaryIndexes": [{"IndexName": "byOwner", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "o", "KeyType": "HASH"}]}]}"#;
    call(&server, "CreateTable", table, 200);
    server
}

/// A line for each series of the account: metric, dimensions, samples and sum.
fn listing(server: &InProcess) -> Vec<String> {
    let figures = server.figures();
    let line = |id: &SeriesId| {
        let dimensions: Vec<_> = id.dimensions().map(|(_, value)| value).collect();
        let points = figures.points(id, 0..=u64::MAX);
        let [(_, point)] = &points[..] else { panic!("all is within a minute: {points:?}") };
        let (samples, sum) = (point.statistic.samples, point.statistic.sum);
        format!("{} {}: {samples}, {sum}", id.metric.name(), dimensions.join("/"))
    };
    figures.series("123456789012", "eu-west-1", 0..=u64::MAX).iter().map(line).collect()
}

const ITEM: &str = r#"{"p": {"S": "a"}, "s": {"S": "1"}, "o": {"S": "x"}}"#;
const KEY: &str = r#"{"p": {"S": "a"}, "s": {"S": "1"}}"#;

#[test]
fn operations_charge_their_table_and_its_indexes() {
    let server = server();
    call(&server, "PutItem", &format!(r#"{{"TableName": "orders", "Item": {ITEM}}}"#), 200);
    call(&server, "GetItem", &format!(r#"{{"TableName": "orders", "Key": {KEY}}}"#), 200);
    let query = r#"{"TableName": "orders", "IndexName": "byOwner", "KeyConditionExpression": "o = :o",
        "ExpressionAttributeValues": {":o": {"S": "x"}}}"#;
    call(&server, "Query", query, 200);
    call(&server, "Scan", r#"{"TableName": "orders", "ConsistentRead": true}"#, 200);
    call(&server, "BatchGetItem", &format!(r#"{{"RequestItems": {{"orders": {{"Keys": [{KEY}]}}}}}}"#), 200);
    let delete = format!(r#"{{"RequestItems": {{"orders": [{{"DeleteRequest": {{"Key": {KEY}}}}}]}}}}"#);
    call(&server, "BatchWriteItem", &delete, 200);
    let put = format!(r#"{{"TransactItems": [{{"Put": {{"TableName": "orders", "Item": {ITEM}}}}}]}}"#);
    call(&server, "TransactWriteItems", &put, 200);
    let get = format!(r#"{{"TransactItems": [{{"Get": {{"TableName": "orders", "Key": {KEY}}}}}]}}"#);
    call(&server, "TransactGetItems", &get, 200);
    let listing = listing(&server);
    let [charges, counts] = ["Consumed", "Returned"].map(|prefix| {
        listing.iter().filter(|line| line.starts_with(prefix)).map(String::as_str).collect::<Vec<_>>()
    });
    assert_eq!(
        charges,
        [
            "ConsumedReadCapacityUnits orders: 4, 4", // 0.5 + 1 + 0.5 + 2
            "ConsumedReadCapacityUnits orders/byOwner: 1, 0.5",
            "ConsumedWriteCapacityUnits orders: 3, 7", // each 1 and 1 for the local index; twice 1 in the transaction
            "ConsumedWriteCapacityUnits orders/byOwner: 3, 3",
        ]
    );
    assert_eq!(counts, ["ReturnedItemCount orders/Query: 1, 1", "ReturnedItemCount orders/Scan: 1, 1"]);
    let latencies = listing.iter().filter(|line| line.starts_with("SuccessfulRequestLatency orders/"));
    assert_eq!(latencies.count(), 8, "{listing:?}");
}

/// Hands changes of the table over to a stream of one shard.
fn handed_over(server: InProcess) -> InProcess {
    kinesis(&server, "CreateStream", r#"{"StreamName": "changes", "ShardCount": 1}"#);
    let destination =
        r#"{"TableName": "orders", "StreamArn": "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"}"#;
    call(&server, "EnableKinesisStreamingDestination", destination, 200);
    server
}

fn put_of(server: &InProcess, key: &str, bytes: usize) {
    let item =
        format!(r#"{{"p": {{"S": "{key}"}}, "s": {{"S": "1"}}, "x": {{"S": "{}"}}}}"#, "x".repeat(bytes));
    call(server, "PutItem", &format!(r#"{{"TableName": "orders", "Item": {item}}}"#), 200);
}

/// Waits until the lines of a metric are as they must be.
#[expect(clippy::disallowed_methods, reason = "a job behind requests tells no client when it is done")]
fn eventually(server: &InProcess, metric: &str, are_right: impl Fn(&[String]) -> bool) {
    for _ in 0..60_000 {
        let lines: Vec<_> = listing(server).into_iter().filter(|line| line.starts_with(metric)).collect();
        if are_right(&lines) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("{:?}", listing(server));
}

#[test]
fn changes_that_are_handed_over_are_counted_by_the_kilobyte() {
    let server = handed_over(server());
    put_of(&server, "a", 3_000);
    let wanted = "ConsumedChangeDataCaptureUnits orders/ChangeDataCaptureForKinesisDataStreams: 1, 4";
    eventually(&server, "ConsumedChange", |lines| lines == [wanted]);
    let wanted = "AgeOfOldestUnreplicatedRecord orders/ChangeDataCaptureForKinesisDataStreams: 1, 0";
    eventually(&server, "AgeOfOldest", |lines| lines == [wanted]);
}

#[test]
fn changes_wait_for_a_stream_that_is_gone() {
    let server = handed_over(server());
    kinesis(&server, "DeleteStream", r#"{"StreamName": "changes"}"#);
    put_of(&server, "a", 10);
    let failed = "FailedToReplicateRecordCount orders/ChangeDataCaptureForKinesisDataStreams: ";
    eventually(&server, failed, |lines| lines.len() == 1);
    assert!(server.advance(5));
    kinesis(&server, "CreateStream", r#"{"StreamName": "changes", "ShardCount": 1}"#);
    let wanted = "AgeOfOldestUnreplicatedRecord orders/ChangeDataCaptureForKinesisDataStreams: 1, 5000";
    eventually(&server, "AgeOfOldest", |lines| lines == [wanted]);
}

#[test]
fn changes_wait_for_a_shard_that_has_had_its_mebibyte() {
    let server = handed_over(orders_on(InProcess::start_enforcing(Engines::Memory)));
    for key in ["a", "b", "c", "d"] {
        put_of(&server, key, 390_000);
    }
    let throttled = "ThrottledPutRecordCount orders/ChangeDataCaptureForKinesisDataStreams: ";
    eventually(&server, throttled, |lines| lines.len() == 1);
    // The clock stands still, so nothing more is taken.
    let units = |lines: &[String]| -> u32 {
        lines.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<u32>().ok()).sum()
    };
    eventually(&server, "ConsumedChange", |lines| (1_100..1_300).contains(&units(lines)));
    assert!(server.advance(2));
    eventually(&server, "ConsumedChange", |lines| units(lines) > 1_500);
}

#[test]
fn false_conditions_cost_what_is_there() {
    let server = server();
    let write = |text: &str| format!(r#"{{"TableName": "orders", {text}}}"#);
    let large = format!(r#"{{"p": {{"S": "a"}}, "s": {{"S": "1"}}, "x": {{"S": "{}"}}}}"#, "x".repeat(2_000));
    call(&server, "PutItem", &write(&format!(r#""Item": {large}"#)), 200); // 2 units
    let condition = r#""ConditionExpression": "attribute_exists(y)""#;
    for (operation, members) in [
        ("PutItem", format!(r#""Item": {ITEM}"#)),
        ("DeleteItem", format!(r#""Key": {KEY}"#)),
        ("UpdateItem", format!(r#""Key": {KEY}, "UpdateExpression": "REMOVE z""#)),
        ("DeleteItem", r#""Key": {"p": {"S": "b"}, "s": {"S": "1"}}"#.to_owned()), // not there: 1 unit
    ] {
        call(&server, operation, &write(&format!("{members}, {condition}")), 400);
    }
    let consumed =
        listing(&server).into_iter().find(|line| line.starts_with("ConsumedWriteCapacityUnits orders:"));
    assert_eq!(consumed.as_deref(), Some("ConsumedWriteCapacityUnits orders: 5, 9"));
}

#[test]
fn an_index_that_is_built_tells_how_far_it_is() {
    let server = server();
    call(&server, "PutItem", &format!(r#"{{"TableName": "orders", "Item": {ITEM}}}"#), 200);
    let create = r#"{"TableName": "orders", "AttributeDefinitions": [{"AttributeName": "s", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": {"IndexName": "byS", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "s", "KeyType": "HASH"}]}}]}"#;
    call(&server, "UpdateTable", create, 200);
    let told = || -> Vec<String> {
        let listing = listing(&server);
        listing.into_iter().filter(|line| line.starts_with("Online")).collect()
    };
    let complete = [
        "OnlineIndexConsumedWriteCapacity orders/byS: 1, 1",
        "OnlineIndexPercentageProgress orders/byS: 2, 199.9",
    ];
    while told() != complete {
        assert!(told().len() <= complete.len(), "{:?}", told());
        std::thread::yield_now();
    }
}

#[test]
fn items_that_time_to_live_deletes_are_counted_and_cost_nothing() {
    let server = server();
    for (p, expires) in [("a", 1_735_689_600_u64), ("b", 1_735_689_601), ("c", 4_102_444_800)] {
        let item = format!(r#"{{"p": {{"S": "{p}"}}, "s": {{"S": "1"}}, "expires": {{"N": "{expires}"}}}}"#);
        call(&server, "PutItem", &format!(r#"{{"TableName": "orders", "Item": {item}}}"#), 200);
    }
    let on = r#"{"TableName": "orders",
        "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}}"#;
    call(&server, "UpdateTimeToLive", on, 200);
    let told = |metric: &str| -> Vec<String> {
        listing(&server).into_iter().filter(|line| line.starts_with(metric)).collect()
    };
    // One lot of the sweep or two.
    let complete = ["TimeToLiveDeletedItemCount orders: 1, 2", "TimeToLiveDeletedItemCount orders: 2, 2"];
    while !told("TimeToLive").iter().any(|line| complete.contains(&line.as_str())) {
        // Any change of the table makes the server sweep expired items, whatever its clock.
        call(&server, "UpdateTable", r#"{"TableName": "orders", "DeletionProtectionEnabled": false}"#, 200);
        assert!(told("TimeToLive").len() <= 1);
    }
    assert_eq!(told("ConsumedWriteCapacityUnits"), ["ConsumedWriteCapacityUnits orders: 3, 3"]);
}

#[test]
fn refusals_are_told_apart_by_whose_fault_they_are() {
    let server = server();
    let put = |condition: &str| {
        format!(r#"{{"TableName": "orders", "Item": {ITEM}, "ConditionExpression": "{condition}"}}"#)
    };
    call(&server, "PutItem", &put("attribute_exists(p)"), 400);
    call(&server, "PutItem", &put("nonsense"), 400);
    call(&server, "GetItem", r#"{"TableName": "orders", "Key": {"q": {"S": "a"}}}"#, 400);
    let check = format!(
        r#"{{"TransactItems": [{{"ConditionCheck": {{"TableName": "orders", "Key": {KEY},
            "ConditionExpression": "attribute_exists(p)"}}}}]}}"#
    );
    call(&server, "TransactWriteItems", &check, 400);
    call(&server, "NoSuchOperation", "{}", 400);
    assert_eq!(
        listing(&server),
        [
            "ConditionalCheckFailedRequests orders: 2, 2",
            "ConsumedWriteCapacityUnits orders: 1, 1", // the condition of the put
            "UserErrors : 3, 3",
            "UserErrors orders: 2, 2", // the table of the nonsense was not looked up
        ]
    );
    assert_eq!(server.figures().refused(0..=u64::MAX), [("UnknownOperationException", 1)].into());
}
