//! The AWS SDK for Rust against the server named by `STATOR_ENDPOINT`: typed values, error variants, waiters,
//! paginators, transactions.

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConditionCheck, KeySchemaElement, KeyType,
    KeysAndAttributes, Put, PutRequest, ReturnValue, ScalarAttributeType, TableStatus, TransactWriteItem,
    WriteRequest,
};
use aws_sdk_dynamodb::{Client, Config};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

fn client() -> Client {
    let endpoint = std::env::var("STATOR_ENDPOINT").unwrap_or_else(|_| "http://127.0.0.1:8000".into());
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn new_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("rust-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A table with pk (S) and sk (N).
async fn new_table(client: &Client) -> String {
    let table = new_name();
    let key =
        |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let attribute = |name: &str, kind| {
        AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
    };
    client
        .create_table()
        .table_name(&table)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("sk", ScalarAttributeType::N))
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    table
}

type Item = HashMap<String, AttributeValue>;

fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn key(sk: u32) -> Item {
    HashMap::from([("pk".into(), s("a")), ("sk".into(), n(sk))])
}

async fn fill(client: &Client, table: &str, count: u32) {
    for start in (0..count).step_by(25) {
        let puts = (start..count.min(start + 25)).map(|sk| {
            let put = PutRequest::builder().set_item(Some(key(sk))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        });
        let answer = client.batch_write_item().request_items(table, puts.collect()).send().await.unwrap();
        assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
    }
}

#[tokio::test]
async fn a_table_is_described_and_deleted() {
    let client = client();
    let table = new_table(&client).await;
    let described = client.describe_table().table_name(&table).send().await.unwrap();
    assert_eq!(described.table().unwrap().table_status(), Some(&TableStatus::Active));
    client.delete_table().table_name(&table).send().await.unwrap();
    let gone = client.describe_table().table_name(&table).send().await.unwrap_err().into_service_error();
    assert!(gone.is_resource_not_found_exception());
    assert_eq!(gone.message(), Some(&*format!("Requested resource not found: Table: {table} not found")));
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    let client = client();
    let table = new_table(&client).await;
    let mut item = key(1);
    item.extend([
        ("text".into(), s("Ünïcode ✨🚀 \"quoted\" \\ \n")),
        ("digits".into(), n("12345678901234567890123456789012345678")),
        ("bytes".into(), AttributeValue::B(Blob::new([0, 1, 254, 255]))),
        ("yes".into(), AttributeValue::Bool(true)),
        ("nothing".into(), AttributeValue::Null(true)),
        ("texts".into(), AttributeValue::Ss(vec!["a".into(), "b".into()])),
        ("numbers".into(), AttributeValue::Ns(vec!["-1".into(), "2.5".into()])),
        ("list".into(), AttributeValue::L(vec![s("a"), AttributeValue::L(vec![])])),
        (
            "map".into(),
            AttributeValue::M(HashMap::from([("inner".into(), AttributeValue::M(HashMap::new()))])),
        ),
    ]);
    client.put_item().table_name(&table).set_item(Some(item.clone())).send().await.unwrap();
    let found = client.get_item().table_name(&table).set_key(Some(key(1))).send().await.unwrap();
    assert_eq!(found.item(), Some(&item));
}

#[tokio::test]
async fn a_failed_condition_is_its_own_error() {
    let client = client();
    let table = new_table(&client).await;
    let put = client
        .put_item()
        .table_name(&table)
        .set_item(Some(key(1)))
        .condition_expression("attribute_not_exists(pk)");
    put.clone().send().await.unwrap();
    let refused = put.send().await.unwrap_err().into_service_error();
    assert!(matches!(refused, PutItemError::ConditionalCheckFailedException(_)));
    assert_eq!(refused.message(), Some("The conditional request failed"));
}

#[tokio::test]
async fn validation_errors_have_code_and_message() {
    let client = client();
    let table = new_table(&client).await;
    let refused = client.put_item().table_name(&table).item("pk", s("a")).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("ValidationException"));
    assert!(refused.message().unwrap().ends_with("Missing the key sk in the item"));
}

#[tokio::test]
async fn an_update_returns_what_it_made() {
    let client = client();
    let table = new_table(&client).await;
    let update = client
        .update_item()
        .table_name(&table)
        .set_key(Some(key(1)))
        .update_expression("ADD hits :one SET #n = :name")
        .expression_attribute_names("#n", "name")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":name", s("ada"))
        .return_values(ReturnValue::UpdatedNew);
    update.clone().send().await.unwrap();
    let answer = update.send().await.unwrap();
    let expected = HashMap::from([("hits".to_owned(), n(2)), ("name".to_owned(), s("ada"))]);
    assert_eq!(answer.attributes(), Some(&expected));
}

#[tokio::test]
async fn paginators_see_every_item_in_order() {
    let client = client();
    let table = new_table(&client).await;
    fill(&client, &table, 60).await;
    let mut items = client
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :p")
        .expression_attribute_values(":p", s("a"))
        .limit(7)
        .into_paginator()
        .items()
        .send();
    let mut seen = Vec::new();
    while let Some(item) = items.next().await {
        seen.push(item.unwrap()["sk"].clone());
    }
    assert_eq!(seen, (0..60).map(n).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_batch_reads_what_is_there() {
    let client = client();
    let table = new_table(&client).await;
    fill(&client, &table, 5).await;
    let keys = KeysAndAttributes::builder().set_keys(Some((0..8).map(key).collect())).build().unwrap();
    let answer = client.batch_get_item().request_items(&table, keys).send().await.unwrap();
    assert_eq!(answer.responses().unwrap()[&table].len(), 5);
}

#[tokio::test]
async fn a_cancelled_transaction_gives_its_reasons() {
    let client = client();
    let table = new_table(&client).await;
    let put = Put::builder().table_name(&table).set_item(Some(key(1))).build().unwrap();
    let check = ConditionCheck::builder()
        .table_name(&table)
        .set_key(Some(key(2)))
        .condition_expression("attribute_exists(pk)")
        .build()
        .unwrap();
    let transaction = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build());
    let refused = transaction.send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = refused else {
        panic!("cancelled, not {refused}")
    };
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    let found = client.get_item().table_name(&table).set_key(Some(key(1))).send().await.unwrap();
    assert_eq!(found.item(), None);
}
