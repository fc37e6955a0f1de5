//! Violations in DynamoDB's words and order.

use crate::dynamodb::*;
use crate::{Constraints, Shape};

/// The violations that an operation's constraints find in a body, one line each.
fn violations<O: Shape<Input: wire::Decode + Constraints>>(body: &str) -> Vec<String> {
    let input: O::Input = wire::json::decode(body.as_bytes()).unwrap();
    let mut out = Vec::new();
    input.violations(&mut out);
    out.into_iter()
        .map(|v| format!("Value {} at '{}': {}", v.value.unwrap_or_default(), v.path, v.constraint))
        .collect()
}

#[test]
fn required_members_are_missed_in_the_models_order() {
    assert_eq!(
        violations::<GetItem>("{}"),
        [
            "Value null at 'tableName': Member must not be null",
            "Value null at 'key': Member must not be null"
        ]
    );
    assert_eq!(violations::<GetItem>(r#"{"TableName":"abc","Key":{}}"#), [""; 0]);
    assert_eq!(
        violations::<TransactGetItems>(r#"{"TransactItems":[{"Get":{"Key":{},"TableName":"t"}},{},null]}"#),
        [
            "Value null at 'transactItems.2.member.get': Member must not be null",
            "Value null at 'transactItems.3.member.get': Member must not be null",
        ]
    );
}

#[test]
fn values_are_held_against_pattern_length_range_and_enum() {
    assert_eq!(
        violations::<ListTables>(r#"{"ExclusiveStartTableName":"$","Limit":0}"#),
        [
            "Value '$' at 'exclusiveStartTableName': Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
            "Value '$' at 'exclusiveStartTableName': Member must have length greater than or equal to 3",
            "Value '0' at 'limit': Member must have value greater than or equal to 1",
        ]
    );
    assert_eq!(
        violations::<ListTables>(r#"{"Limit":101}"#),
        ["Value '101' at 'limit': Member must have value less than or equal to 100"]
    );
    assert_eq!(
        violations::<PutItem>(
            r#"{"TableName":"abc","Item":{},"ReturnValues":"x","ReturnConsumedCapacity":"y"}"#
        ),
        [
            "Value 'x' at 'returnValues': Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
            "Value 'y' at 'returnConsumedCapacity': Member must satisfy enum value set: [INDEXES, TOTAL, NONE]",
        ]
    );
    let arn = format!("arn:aws:dynamodb:eu-west-1:123456789012:table/{}", "a".repeat(255));
    assert_eq!(violations::<DescribeTable>(&format!(r#"{{"TableName":"{arn}"}}"#)), [""; 0]);
}

#[test]
fn nested_members_are_named_by_their_path() {
    let body = r#"{"TableName":"abc","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"X"}],
        "KeySchema":[{"AttributeName":"a","KeyType":"HASH"},{"AttributeName":"","KeyType":"x"}],
        "GlobalSecondaryIndexes":[{"IndexName":"ab","KeySchema":[],"ProvisionedThroughput":{"ReadCapacityUnits":0}}]}"#;
    assert_eq!(
        violations::<CreateTable>(body),
        [
            "Value 'X' at 'attributeDefinitions.1.member.attributeType': Member must satisfy enum value set: [B, N, S]",
            "Value '' at 'keySchema.2.member.attributeName': Member must have length greater than or equal to 1",
            "Value 'x' at 'keySchema.2.member.keyType': Member must satisfy enum value set: [HASH, RANGE]",
            "Value '[]' at 'globalSecondaryIndexes.1.member.keySchema': Member must have length greater than or equal to 1",
            "Value null at 'globalSecondaryIndexes.1.member.projection': Member must not be null",
            "Value 'ab' at 'globalSecondaryIndexes.1.member.indexName': Member must have length greater than or equal to 3",
            "Value null at 'globalSecondaryIndexes.1.member.provisionedThroughput.writeCapacityUnits': Member must not be null",
            "Value '0' at 'globalSecondaryIndexes.1.member.provisionedThroughput.readCapacityUnits': Member must have value greater than or equal to 1",
        ]
    );
    assert_eq!(
        violations::<TransactWriteItems>(
            r#"{"TransactItems":[{"Put":{"Item":{},"TableName":"abc","ReturnValuesOnConditionCheckFailure":"x"}}],"ClientRequestToken":""}"#
        ),
        [
            "Value 'x' at 'transactItems.1.member.put.returnValuesOnConditionCheckFailure': Member must satisfy enum value set: [ALL_OLD, NONE]",
            "Value '' at 'clientRequestToken': Member must have length greater than or equal to 1",
        ]
    );
    assert_eq!(
        violations::<Query>(r#"{"TableName":"abc","KeyConditions":{"k":{"ComparisonOperator":"X"}}}"#),
        [
            "Value 'X' at 'keyConditions.k.member.comparisonOperator': Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]"
        ]
    );
}

#[test]
fn collections_are_echoed_as_java_prints_them() {
    assert_eq!(
        violations::<TransactWriteItems>(r#"{"TransactItems":[]}"#),
        ["Value '[]' at 'transactItems': Member must have length greater than or equal to 1"]
    );
    assert_eq!(
        violations::<BatchGetItem>(r#"{"RequestItems":{}}"#),
        ["Value '{}' at 'requestItems': Member must have length greater than or equal to 1"]
    );
    assert_eq!(
        violations::<BatchWriteItem>(r#"{"RequestItems":{"abc":[]}}"#),
        [
            "Value '{abc=[]}' at 'requestItems': Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
        ]
    );
    assert_eq!(
        violations::<GetItem>(r#"{"TableName":"abc","Key":{},"AttributesToGet":[]}"#),
        ["Value '[]' at 'attributesToGet': Member must have length greater than or equal to 1"]
    );
}
