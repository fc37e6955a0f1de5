//! What each operation needs from a policy: actions, resources, and the condition keys that a policy may read.

use ::dynamodb::DynamoDb;
use engine::Engine;
use figures::Figures;
use model::Shape;
use model::dynamodb::*;
use pipeline::{Caller, Cx, Host, Need, Operation, RequestId, perform};
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::MemoryStore;
use wire::Decode;

const KEYS: [&str; 10] = [
    "LeadingKeys",
    "FirstPartitionKeyValues",
    "SecondPartitionKeyValues",
    "ThirdPartitionKeyValues",
    "Attributes",
    "Select",
    "ReturnValues",
    "ReturnConsumedCapacity",
    "EnclosingOperation",
    "FullTableScan",
];

/// The database with a table `orders`: a key of two attributes, and an index whose partition key is another number.
struct Inside {
    service: DynamoDb,
    figures: Figures,
    random: Random,
}

impl Inside {
    fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
        let (store, random) = (Arc::new(MemoryStore::new(Arc::clone(&clock))), Random::from_seed(7));
        let engine = Engine::open(store, Arc::clone(&clock), random.clone()).expect("the engine opens");
        let inside = Inside { service: DynamoDb::new(engine), figures: Figures::new(clock), random };
        inside.create_table();
        inside
    }

    fn with_cx<T>(&self, call: impl FnOnce(&Cx<'_, DynamoDb>) -> T) -> T {
        let (caller, request_id) = (&Caller::of_key("", "us-east-1"), &RequestId::draw(&self.random));
        let (service, host, random) = (&self.service, Host::Named(""), &self.random);
        let tally = &self.figures.begin(0);
        call(&Cx { service, caller, now_micros: 0, request_id, host, random, tally })
    }

    fn create_table(&self) {
        let input = decode::<CreateTable>(
            r#"{"TableName":"orders","BillingMode":"PAY_PER_REQUEST",
                "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},{"AttributeName":"sk","AttributeType":"B"},
                    {"AttributeName":"holder","AttributeType":"N"}],
                "KeySchema":[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}],
                "GlobalSecondaryIndexes":[{"IndexName":"byHolder","KeySchema":[{"AttributeName":"holder","KeyType":"HASH"}],
                    "Projection":{"ProjectionType":"ALL"}}]}"#,
        );
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        let runtime = runtime.expect("a runtime can be built");
        let created = self.with_cx(|cx| runtime.block_on(perform::<DynamoDb, CreateTable>(cx, input)));
        created.expect("the table is created");
    }

    /// A line for each need: the action, the resource behind account and region, and the keys that it has.
    fn needs<O>(&self, json: &str) -> Vec<String>
    where
        O: Operation<DynamoDb> + Shape<Input: Decode>,
    {
        let plan = O::check(decode::<O>(json)).unwrap_or_else(|error| panic!("{json}: {error:?}"));
        self.with_cx(|cx| O::access(cx, &plan).needs.iter().map(line).collect())
    }

    fn check<O>(&self, json: &str, expected: &[&str])
    where
        O: Operation<DynamoDb> + Shape<Input: Decode>,
    {
        assert_eq!(self.needs::<O>(json), expected, "{json}");
    }
}

fn decode<O: Shape<Input: Decode>>(json: &str) -> O::Input {
    wire::json::decode(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error:?}"))
}

fn line(need: &Need<'_>) -> String {
    let arn = need.resource.to_string();
    let resource = arn.rsplit(':').next().unwrap_or_default();
    let key = |key: &&str| {
        let values = need.condition_values(&format!("dynamodb:{key}"))?;
        Some(format!(" {key}={}", values.join(",")))
    };
    let keys: String = KEYS.iter().filter(|key| **key != "FirstPartitionKeyValues").filter_map(key).collect();
    assert_eq!(
        need.condition_values("DynamoDB:FIRSTPARTITIONKEYVALUES"),
        need.condition_values("dynamodb:LeadingKeys")
    );
    format!("{} {resource}{keys}", need.action.trim_start_matches("dynamodb:"))
}

#[test]
fn reads_of_items() {
    let inside = Inside::new();
    inside.check::<GetItem>(
        r#"{"TableName":"orders","Key":{"pk":{"S":"a"},"sk":{"B":"AQI="}}}"#,
        &["GetItem table/orders LeadingKeys=a Attributes=pk,sk Select=ALL_ATTRIBUTES ReturnConsumedCapacity=NONE"],
    );
    inside.check::<GetItem>(
        r##"{"TableName":"orders","Key":{"pk":{"S":"a"},"sk":{"B":"AQI="}},"ReturnConsumedCapacity":"TOTAL",
            "ProjectionExpression":"#d.street, notes[0]","ExpressionAttributeNames":{"#d":"address"}}"##,
        &["GetItem table/orders LeadingKeys=a Attributes=address,notes,pk,sk Select=SPECIFIC_ATTRIBUTES \
           ReturnConsumedCapacity=TOTAL"],
    );
    inside.check::<GetItem>(
        r#"{"TableName":"missing","Key":{"pk":{"S":"a"}},"AttributesToGet":["x"]}"#,
        &["GetItem table/missing LeadingKeys= Attributes=pk,x Select=SPECIFIC_ATTRIBUTES ReturnConsumedCapacity=NONE"],
    );
    inside.check::<BatchGetItem>(
        r#"{"RequestItems":{"orders":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"b"}}]},
            "arn:aws:dynamodb:us-east-1:000000000000:table/other":{"Keys":[{"id":{"N":"1"}}],"ProjectionExpression":"x.y"}}}"#,
        &[
            "BatchGetItem table/other LeadingKeys= Attributes=id,x Select=SPECIFIC_ATTRIBUTES ReturnConsumedCapacity=NONE",
            "BatchGetItem table/orders LeadingKeys=a,b Attributes=pk Select=ALL_ATTRIBUTES ReturnConsumedCapacity=NONE",
        ],
    );
    inside.check::<TransactGetItems>(
        r#"{"TransactItems":[{"Get":{"TableName":"orders","Key":{"pk":{"S":"a"}}}},
            {"Get":{"TableName":"orders","Key":{"pk":{"S":"b"}},"ProjectionExpression":"x"}}]}"#,
        &[
            "GetItem table/orders LeadingKeys=a Attributes=pk Select=ALL_ATTRIBUTES ReturnConsumedCapacity=NONE \
             EnclosingOperation=TransactGetItems",
            "GetItem table/orders LeadingKeys=b Attributes=pk,x Select=SPECIFIC_ATTRIBUTES ReturnConsumedCapacity=NONE \
             EnclosingOperation=TransactGetItems",
        ],
    );
}

#[test]
fn pages() {
    let inside = Inside::new();
    inside.check::<Query>(
        r#"{"TableName":"orders","KeyConditionExpression":"pk = :p AND sk > :s","FilterExpression":"size(tags) > :n",
            "ExpressionAttributeValues":{":p":{"S":"a"},":s":{"B":"AQI="},":n":{"N":"1"}}}"#,
        &["Query table/orders LeadingKeys=a Attributes=pk,sk,tags Select=ALL_ATTRIBUTES ReturnConsumedCapacity=NONE"],
    );
    inside.check::<Query>(
        r#"{"TableName":"orders","IndexName":"byHolder","KeyConditionExpression":"holder = :o",
            "ExpressionAttributeValues":{":o":{"N":"5.0"}}}"#,
        &["Query table/orders/index/byHolder LeadingKeys=5 Attributes=holder Select=ALL_PROJECTED_ATTRIBUTES \
           ReturnConsumedCapacity=NONE"],
    );
    inside.check::<Query>(
        r#"{"TableName":"orders","Select":"COUNT","ReturnConsumedCapacity":"INDEXES",
            "KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}},
            "QueryFilter":{"x":{"ComparisonOperator":"NOT_NULL"}}}"#,
        &["Query table/orders LeadingKeys=a Attributes=pk,x Select=COUNT ReturnConsumedCapacity=INDEXES"],
    );
    inside.check::<Scan>(
        r#"{"TableName":"orders","FilterExpression":"attribute_exists(x.y)"}"#,
        &["Scan table/orders Attributes=x Select=ALL_ATTRIBUTES ReturnConsumedCapacity=NONE"],
    );
    inside.check::<Scan>(
        r#"{"TableName":"orders","IndexName":"byHolder","AttributesToGet":["x","y"]}"#,
        &["Scan table/orders/index/byHolder Attributes=x,y Select=SPECIFIC_ATTRIBUTES ReturnConsumedCapacity=NONE"],
    );
}

#[test]
fn writes_of_items() {
    let inside = Inside::new();
    inside.check::<PutItem>(
        r#"{"TableName":"orders","Item":{"pk":{"S":"a"},"sk":{"B":"AQI="},"x":{"M":{"y":{"S":""}}}},
            "ConditionExpression":"attribute_not_exists(z)","ReturnValues":"ALL_OLD"}"#,
        &["PutItem table/orders LeadingKeys=a Attributes=pk,sk,x,z ReturnValues=ALL_OLD ReturnConsumedCapacity=NONE"],
    );
    inside.check::<DeleteItem>(
        r#"{"TableName":"orders","Key":{"pk":{"S":"a"}},"Expected":{"v":{"Exists":false}}}"#,
        &["DeleteItem table/orders LeadingKeys=a Attributes=pk,v ReturnValues=NONE ReturnConsumedCapacity=NONE"],
    );
    inside.check::<UpdateItem>(
        r#"{"TableName":"orders","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET a.b = c.d REMOVE e ADD f :n",
            "ExpressionAttributeValues":{":n":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}"#,
        &["UpdateItem table/orders LeadingKeys=a Attributes=a,c,e,f,pk ReturnValues=UPDATED_NEW \
           ReturnConsumedCapacity=NONE"],
    );
    inside.check::<BatchWriteItem>(
        r#"{"RequestItems":{"orders":[{"PutRequest":{"Item":{"pk":{"S":"a"},"x":{"S":""}}}},
            {"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}}"#,
        &["BatchWriteItem table/orders LeadingKeys=a,b Attributes=pk,x ReturnConsumedCapacity=NONE"],
    );
    let within = "ReturnValues=NONE ReturnConsumedCapacity=NONE EnclosingOperation=TransactWriteItems";
    let line = |action: &str, rest: &str| format!("{action} table/orders {rest} {within}");
    let expected = [
        line("PutItem", "LeadingKeys=a Attributes=pk,x"),
        line("UpdateItem", "LeadingKeys=b Attributes=pk,y"),
        line("DeleteItem", "LeadingKeys=c Attributes=pk"),
        line("ConditionCheckItem", "LeadingKeys=d Attributes=pk,z"),
    ];
    inside.check::<TransactWriteItems>(
        r#"{"TransactItems":[{"Put":{"TableName":"orders","Item":{"pk":{"S":"a"},"x":{"S":""}}}},
            {"Update":{"TableName":"orders","Key":{"pk":{"S":"b"}},"UpdateExpression":"REMOVE y"}},
            {"Delete":{"TableName":"orders","Key":{"pk":{"S":"c"}}}},
            {"ConditionCheck":{"TableName":"orders","Key":{"pk":{"S":"d"}},"ConditionExpression":"attribute_exists(z)"}}]}"#,
        &expected.each_ref().map(String::as_str),
    );
}

#[test]
fn tables() {
    let inside = Inside::new();
    inside.check::<DescribeTable>(r#"{"TableName":"orders"}"#, &["DescribeTable table/orders"]);
    inside.check::<DeleteTable>(
        r#"{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/orders"}"#,
        &["DeleteTable table/orders"],
    );
    inside.check::<UpdateTable>(
        r#"{"TableName":"orders","DeletionProtectionEnabled":true}"#,
        &["UpdateTable table/orders"],
    );
    inside.check::<DescribeTimeToLive>(r#"{"TableName":"orders"}"#, &["DescribeTimeToLive table/orders"]);
    inside.check::<DescribeContinuousBackups>(
        r#"{"TableName":"orders"}"#,
        &["DescribeContinuousBackups table/orders"],
    );
    inside.check::<ListTables>("{}", &["ListTables *"]);
    inside.check::<DescribeLimits>("{}", &["DescribeLimits *"]);
    inside.check::<DescribeEndpoints>("{}", &["DescribeEndpoints *"]);
    let resource = r#""ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/orders""#;
    inside.check::<ListTagsOfResource>(&format!("{{{resource}}}"), &["ListTagsOfResource table/orders"]);
    inside.check::<TagResource>(
        &format!(r#"{{{resource},"Tags":[{{"Key":"a","Value":"b"}}]}}"#),
        &["TagResource table/orders"],
    );
    inside.check::<UntagResource>(
        &format!(r#"{{{resource},"TagKeys":["a"]}}"#),
        &["UntagResource table/orders"],
    );
    inside.check::<CreateTable>(
        r#"{"TableName":"more","BillingMode":"PAY_PER_REQUEST","KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],
            "AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"Tags":[{"Key":"a","Value":"b"}]}"#,
        &["CreateTable table/more", "TagResource table/more"],
    );
}

#[test]
fn backups_and_restores() {
    let inside = Inside::new();
    let backup = "table/orders/backup/01700000000000-0123abcd";
    let arn = format!(r#""BackupArn":"arn:aws:dynamodb:us-east-1:000000000000:{backup}""#);
    inside.check::<CreateBackup>(
        r#"{"TableName":"orders","BackupName":"first"}"#,
        &["CreateBackup table/orders"],
    );
    inside.check::<ListBackups>("{}", &["ListBackups *"]);
    inside.check::<DescribeBackup>(&format!("{{{arn}}}"), &[&format!("DescribeBackup {backup}")]);
    inside.check::<DeleteBackup>(&format!("{{{arn}}}"), &[&format!("DeleteBackup {backup}")]);
    inside.check::<UpdateContinuousBackups>(
        r#"{"TableName":"orders","PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true}}"#,
        &["UpdateContinuousBackups table/orders"],
    );
    let on_target = |first: &str, action: &str| {
        let items = ["BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"];
        let actions = std::iter::once(action).chain(items).map(|action| format!("{action} table/restored"));
        std::iter::once(format!("{action} {first}")).chain(actions).collect::<Vec<_>>()
    };
    let needs = inside.needs::<RestoreTableFromBackup>(&format!(r#"{{"TargetTableName":"restored",{arn}}}"#));
    assert_eq!(needs, on_target(backup, "RestoreTableFromBackup"));
    let needs = inside.needs::<RestoreTableToPointInTime>(
        r#"{"TargetTableName":"restored","SourceTableName":"orders","UseLatestRestorableTime":true}"#,
    );
    assert_eq!(needs, on_target("table/orders", "RestoreTableToPointInTime"));
}
