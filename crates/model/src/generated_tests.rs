//! The generated readers and writers, through the operations they belong to.

use crate::dynamodb::*;
use types::{ItemBuilder, Value};
use wire::{DecodeError, Encode};

fn written(output: &impl Encode) -> String {
    let mut out = Vec::new();
    output.encode(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn all_operations_of_the_models_are_known() {
    // The last three are those of the extension for reserved capacity.
    assert_eq!((OPERATIONS.len(), crate::dynamodb_streams::OPERATIONS.len()), (62 + 3, 4));
}

#[test]
fn requests_are_read() {
    let body = r##"{"TableName":"t","Limit":4294967296,"ScanIndexForward":"no","ExpressionAttributeValues":{":k":{"N":"1"},":x":{"N":"?"}},
        "ExpressionAttributeNames":{"#a":"b"},"ExclusiveStartKey":{"k":{"S":"v"}},"QueryFilter":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}}}"##;
    let input: QueryInput = wire::json::decode(body.as_bytes()).unwrap();
    assert_eq!(input.table_name.as_deref(), Some("t"));
    assert_eq!(input.limit, Some(2_147_483_647));
    assert_eq!(input.scan_index_forward, Some(false));
    let values = input.expression_attribute_values.unwrap();
    assert!(values[":k"].fault.is_none() && values[":x"].fault.is_some());
    assert!(input.exclusive_start_key.unwrap().item.get("k").is_some());
    assert_eq!(input.query_filter.unwrap()["a"].attribute_value_list.as_ref().unwrap().len(), 1);
}

#[test]
fn type_errors_name_the_shapes() {
    let class = |name: &str| format!("com.amazonaws.dynamodb.v20120810.{name}");
    let map = |name: &str| format!("Unrecognized collection type java.util.Map<java.lang.String, {name}>");
    for (body, message) in [
        (r#"{"RequestItems":[]}"#, map(&format!("java.util.List<{}>", class("WriteRequest")))),
        (
            r#"{"RequestItems":{"t":[[]]}}"#,
            format!("Unrecognized collection type class {}", class("WriteRequest")),
        ),
        (
            r#"{"RequestItems":{"t":[{"PutRequest":[]}]}}"#,
            format!("Unrecognized collection type class {}", class("PutRequest")),
        ),
        ("[]", format!("Unrecognized collection type class {}", class("BatchWriteItemInput"))),
    ] {
        let read = wire::json::decode::<BatchWriteItemInput>(body.as_bytes());
        assert_eq!(read, Err(DecodeError::Type(message)), "{body}");
    }
}

#[test]
fn responses_are_written_without_absent_members() {
    assert_eq!(written(&GetItemOutput::default()), "{}");
    let item = ItemBuilder::new().put("k", &Value::S("v".into())).build();
    let capacity =
        ConsumedCapacity { table_name: Some("t".into()), capacity_units: Some(0.5), ..Default::default() };
    let output = QueryOutput {
        items: Some(vec![item.clone(), item.clone()]),
        count: Some(2),
        scanned_count: Some(3),
        last_evaluated_key: Some(item),
        consumed_capacity: Some(capacity),
    };
    assert_eq!(
        written(&output),
        r#"{"Items":[{"k":{"S":"v"}},{"k":{"S":"v"}}],"Count":2,"ScannedCount":3,"LastEvaluatedKey":{"k":{"S":"v"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5}}"#
    );
}

#[test]
fn what_was_not_processed_is_written_as_it_was_read() {
    let body = r##"{"UnprocessedKeys":{"t":{"Keys":[{"k":{"S":"v"}}],"ConsistentRead":true,"ExpressionAttributeNames":{"#a":"b"}}}}"##;
    let table: KeysAndAttributes = wire::json::decode(
        br##"{"Keys":[{"k":{"S":"v"}}],"ConsistentRead":true,"ExpressionAttributeNames":{"#a":"b"}}"##,
    )
    .unwrap();
    let output =
        BatchGetItemOutput { unprocessed_keys: Some([("t".into(), table)].into()), ..Default::default() };
    assert_eq!(written(&output), body);
}
