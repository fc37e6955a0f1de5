//! Policies of tables and streams, and what is of other accounts.

use super::world::{ACCOUNT, Keys, OTHER, TABLE, World, get, root};
use serde_json::json;

#[test]
fn a_table_lets_other_accounts_in_and_keeps_its_own_out() {
    let world = World::new();
    world.table();
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#);
    let stranger = Keys(OTHER.to_owned(), "root".to_owned(), None);
    let of_arn = json!({"TableName": TABLE, "Key": {"pk": {"S": "x"}}});
    let put = json!({"TableName": TABLE, "Item": {"pk": {"S": "x"}}});
    let (_, body) = world.dynamodb(&stranger, "GetItem", &of_arn);
    assert!(body.contains("ResourceNotFoundException"), "{body}");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Principal":{{"AWS":"{OTHER}"}},"Action":"dynamodb:GetItem","Resource":"{TABLE}"}},
            {{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/Ann"}},"Action":"dynamodb:DeleteItem","Resource":"*"}}]}}"#
    );
    let (status, body) =
        world.dynamodb(&root(), "PutResourcePolicy", &json!({"ResourceArn": TABLE, "Policy": policy}));
    assert_eq!(status, 200, "{body}");
    for _ in 0..2 {
        let (status, body) = world.dynamodb(&stranger, "GetItem", &of_arn);
        assert_eq!(status, 200, "{body}");
        let (_, body) = world.dynamodb(&stranger, "PutItem", &put);
        let denied = format!(
            "User: arn:aws:iam::{OTHER}:root is not authorized to perform: dynamodb:PutItem on resource: {TABLE} because \
             no resource-based policy allows the dynamodb:PutItem action"
        );
        assert!(body.contains(&denied), "{body}");
        let (_, body) = world.dynamodb(&stranger, "DeleteTable", &json!({"TableName": TABLE}));
        assert!(body.contains("AccessDeniedException"), "{body}");
        let (_, body) = world.dynamodb(&ann, "DeleteItem", &get("x"));
        assert!(body.contains("with an explicit deny in a resource-based policy"), "{body}");
        assert_eq!(world.dynamodb(&ann, "GetItem", &get("x")).0, 200);
        assert_eq!(world.dynamodb(&root(), "PutItem", &put).0, 200);
    }
    let (status, _) = world.dynamodb(&root(), "DeleteResourcePolicy", &json!({"ResourceArn": TABLE}));
    assert_eq!(status, 200);
    let (_, body) = world.dynamodb(&stranger, "GetItem", &of_arn);
    assert!(body.contains("ResourceNotFoundException") || body.contains("AccessDenied"), "{body}");
}

#[test]
fn a_stream_has_a_policy_of_its_own() {
    let world = World::new();
    let table = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}});
    let (_, body) = world.dynamodb(&root(), "CreateTable", &table);
    let body: serde_json::Value = serde_json::from_str(&body).expect("an answer");
    let arn = body["TableDescription"]["LatestStreamArn"].as_str().expect("a stream").to_owned();
    let stranger = Keys(OTHER.to_owned(), "root".to_owned(), None);
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#);
    let described = json!({"StreamArn": arn});
    let code = |(_, body): (u16, serde_json::Value)| body["__type"].as_str().unwrap_or("none").to_owned();
    let ask = |keys: &Keys| world.streams(keys, "DescribeStream", &described);
    assert!(code(ask(&stranger)).ends_with("ResourceNotFoundException"));
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Resource": arn,
         "Action": ["dynamodb:DescribeStream", "dynamodb:GetShardIterator"]},
        {"Effect": "Deny", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/Ann")}, "Resource": arn,
         "Action": "dynamodb:GetShardIterator"}]});
    let put = json!({"ResourceArn": arn, "Policy": policy.to_string()});
    let (status, body) = world.dynamodb(&root(), "PutResourcePolicy", &put);
    assert_eq!(status, 200, "{body}");
    for _ in 0..2 {
        let (status, body) = ask(&stranger);
        assert_eq!(status, 200, "{body}");
        let shard = &body["StreamDescription"]["Shards"][0]["ShardId"];
        let asked = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let (status, body) = world.streams(&stranger, "GetShardIterator", &asked);
        assert_eq!(status, 200, "{body}");
        let iterator = json!({"ShardIterator": body["ShardIterator"]});
        let (_, body) = world.streams(&stranger, "GetRecords", &iterator);
        assert!(
            body.to_string().contains("no resource-based policy allows the dynamodb:GetRecords"),
            "{body}"
        );
        assert_eq!(world.streams(&root(), "GetRecords", &iterator).0, 200);
        let (_, body) = world.streams(&ann, "GetShardIterator", &asked);
        assert!(body.to_string().contains("with an explicit deny in a resource-based policy"), "{body}");
        assert_eq!(ask(&ann).0, 200);
    }
    // The table's items are another resource.
    let (_, body) =
        world.dynamodb(&stranger, "GetItem", &json!({"TableName": TABLE, "Key": {"pk": {"S": "x"}}}));
    assert!(body.contains("AccessDeniedException"), "{body}");
}

#[test]
fn a_table_may_begin_with_a_policy() {
    let world = World::new();
    let policy = json!({"Statement": [{"Effect": "Allow", "Principal": {"AWS": OTHER}, "Resource": TABLE,
        "Action": "dynamodb:GetItem"}]});
    let table = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "ResourcePolicy": policy.to_string()});
    let may = |actions: &str| format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}"#);
    let ann = world.user("Ann", &may(r#""dynamodb:CreateTable""#));
    let (_, body) = world.dynamodb(&ann, "CreateTable", &table);
    assert!(body.contains("not authorized to perform: dynamodb:PutResourcePolicy"), "{body}");
    world.policy("Ann", &may(r#""dynamodb:CreateTable","dynamodb:PutResourcePolicy""#));
    let (status, body) = world.dynamodb(&ann, "CreateTable", &table);
    assert_eq!(status, 200, "{body}");
    let stranger = Keys(OTHER.to_owned(), "root".to_owned(), None);
    let of_arn = json!({"TableName": TABLE, "Key": {"pk": {"S": "x"}}});
    for _ in 0..2 {
        let (status, body) = world.dynamodb(&stranger, "GetItem", &of_arn);
        assert_eq!(status, 200, "{body}");
    }
}

#[test]
fn no_policy_locks_the_account_itself_out() {
    let world = World::new();
    world.table();
    let deny =
        json!({"Statement": [{"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": "dynamodb:*"}]});
    let put = json!({"ResourceArn": TABLE, "Policy": deny.to_string()});
    assert_eq!(world.dynamodb(&root(), "PutResourcePolicy", &put).0, 200);
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#);
    let delete = json!({"ResourceArn": TABLE});
    for (keys, operation, body) in [
        (&ann, "DeleteResourcePolicy", &delete),
        (&ann, "ListTagsOfResource", &delete),
        (&root(), "DescribeTable", &json!({"TableName": "items"})),
        (&root(), "GetItem", &get("x")),
    ] {
        let (_, body) = world.dynamodb(keys, operation, body);
        assert!(body.contains("with an explicit deny in a resource-based policy"), "{operation}: {body}");
    }
    assert_eq!(world.dynamodb(&root(), "DeleteResourcePolicy", &delete).0, 200);
    assert_eq!(world.dynamodb(&root(), "GetItem", &get("x")).0, 200);
}

#[test]
fn tags_of_tables_decide() {
    let world = World::new();
    world.table();
    let team = r#""Condition":{"StringEquals":{"aws:ResourceTag/Team":"red"}}"#;
    let on_create = r#""Condition":{"StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team"]}}"#;
    let ann = world.user(
        "Ann",
        &format!(
            r#"{{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:DescribeTable","dynamodb:ListTagsOfResource"],"Resource":"*",{team}}},
               {{"Effect":"Allow","Action":["dynamodb:CreateTable","dynamodb:TagResource","dynamodb:UntagResource"],"Resource":"*",{on_create}}}"#
        ),
    );
    let denied = |operation: &str, body: &serde_json::Value| {
        let (_, body) = world.dynamodb(&ann, operation, body);
        body.contains("AccessDeniedException")
    };
    let (named, of_arn) = (json!({"TableName": "items"}), json!({"ResourceArn": TABLE}));
    assert!(
        denied("GetItem", &get("x"))
            && denied("DescribeTable", &named)
            && denied("ListTagsOfResource", &of_arn)
    );
    let tag = json!({"ResourceArn": TABLE, "Tags": [{"Key": "team", "Value": "red"}]});
    assert_eq!(world.dynamodb(&root(), "TagResource", &tag).0, 200);
    assert!(
        !denied("GetItem", &get("x"))
            && !denied("DescribeTable", &named)
            && !denied("ListTagsOfResource", &of_arn)
    );
    let create = |name: &str, tags: serde_json::Value| {
        json!({"TableName": name, "BillingMode": "PAY_PER_REQUEST", "Tags": tags,
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]})
    };
    assert!(denied("CreateTable", &create("blue", json!([{"Key": "team", "Value": "blue"}]))));
    assert!(denied(
        "CreateTable",
        &create("more", json!([{"Key": "team", "Value": "red"}, {"Key": "x", "Value": ""}]))
    ));
    assert!(!denied("CreateTable", &create("red", json!([{"Key": "team", "Value": "red"}]))));
    assert!(denied(
        "TagResource",
        &json!({"ResourceArn": TABLE, "Tags": [{"Key": "team", "Value": "blue"}]})
    ));
    assert!(!denied("TagResource", &tag));
    assert!(denied("UntagResource", &json!({"ResourceArn": TABLE, "TagKeys": ["team"]})), "no value is red");
}

#[test]
fn arns_of_elsewhere() {
    let world = World::new();
    world.table();
    let of = |arn: &str| json!({"TableName": arn, "Key": {"pk": {"S": "x"}}});
    let arn = |partition: &str, region: &str, account: &str| {
        format!("arn:{partition}:dynamodb:{region}:{account}:table/items")
    };
    for (arn, text) in [
        (
            arn("aws", "eu-west-1", ACCOUNT),
            "1 validation error detected: Invalid AWS region in 'arn:aws:dynamodb:eu",
        ),
        (
            arn("aws-cn", "us-east-1", ACCOUNT),
            "1 validation error detected: Invalid AWS partition in 'arn:aws-cn:",
        ),
    ] {
        for (operation, body) in [("GetItem", of(&arn)), ("DescribeTable", json!({"TableName": arn}))] {
            let (_, body) = world.dynamodb(&root(), operation, &body);
            assert!(body.contains(text), "{operation}: {body}");
        }
    }
    let foreign = arn("aws", "us-east-1", OTHER);
    let (_, body) = world.dynamodb(&root(), "DescribeTable", &json!({"TableName": foreign}));
    assert!(body.contains("only supported by accounts that match the resource owner"), "{body}");
    let (_, body) = world.dynamodb(&root(), "GetItem", &of(&foreign));
    assert!(body.contains("ResourceNotFoundException"), "{body}");
    // A table of the same name in another account or region is another table.
    let stranger = Keys(OTHER.to_owned(), "root".to_owned(), None);
    let (_, body) = world.dynamodb(&stranger, "DescribeTable", &json!({"TableName": "items"}));
    assert!(body.contains("ResourceNotFoundException"), "{body}");
}

#[test]
fn a_policy_that_locks_its_author_out_is_to_be_confirmed() {
    let world = World::new();
    world.table();
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":{{"AWS":"arn:aws:iam::{ACCOUNT}:user/Ann"}},"Action":"dynamodb:PutResourcePolicy","Resource":"*"}}]}}"#
    );
    let put = |confirmed: bool| {
        let body =
            json!({"ResourceArn": TABLE, "Policy": policy, "ConfirmRemoveSelfResourceAccess": confirmed});
        world.dynamodb(&ann, "PutResourcePolicy", &body)
    };
    let (_, body) = put(false);
    assert!(body.contains("Set ConfirmRemoveSelfResourceAccess to true"), "{body}");
    assert_eq!(put(true).0, 200);
    for _ in 0..2 {
        assert!(put(true).1.contains("with an explicit deny in a resource-based policy"));
    }
}
