//! Users and their keys.

use super::world::{ACCOUNT, Keys, TABLE, World, get, root};
use pipeline::{Peer, Request};
use serde_json::json;
use std::net::IpAddr;

#[test]
fn a_user_may_what_its_policies_say() {
    let world = World::new();
    world.table();
    let ann = world.user(
        "Ann",
        r#"{"Effect":"Allow","Action":"dynamodb:*Item","Resource":"*","Condition":{"ForAllValues:StringEquals":
            {"dynamodb:LeadingKeys":["${aws:username}"]}}}"#,
    );
    assert_eq!(world.dynamodb(&ann, "GetItem", &get("Ann")).0, 200);
    let (status, body) = world.dynamodb(&ann, "GetItem", &get("Bob"));
    let denied = |action: &str| {
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/Ann is not authorized to perform: {action} on resource: {TABLE} \
             because no identity-based policy allows the {action} action"
        )
    };
    assert_eq!(status, 400);
    assert!(body.contains(&denied("dynamodb:GetItem")), "{body}");
    assert!(body.contains("com.amazon.coral.service#AccessDeniedException"), "{body}");
    let (_, body) = world.dynamodb(&ann, "Scan", &json!({"TableName": "items"}));
    assert!(body.contains(&denied("dynamodb:Scan")), "{body}");
    let batch = json!({"RequestItems": {"items": {"Keys": [{"pk": {"S": "Ann"}}, {"pk": {"S": "Bob"}}]}}});
    let (_, body) = world.dynamodb(&ann, "BatchGetItem", &batch);
    assert!(body.contains(&denied("dynamodb:BatchGetItem")), "one foreign key denies all: {body}");
    let put = |key: &str| json!({"Put": {"TableName": "items", "Item": {"pk": {"S": key}}}});
    let transaction = |key: &str| json!({"TransactItems": [put(key)]});
    assert_eq!(world.dynamodb(&ann, "TransactWriteItems", &transaction("Ann")).0, 200);
    let (_, body) = world.dynamodb(&ann, "TransactWriteItems", &transaction("Bob"));
    assert!(body.contains(&denied("dynamodb:PutItem")), "{body}");
    // A denied caller is not told whether the table exists.
    let nowhere = json!({"TableName": "nowhere", "Key": {"pk": {"S": "x"}}});
    let (_, body) = world.dynamodb(&ann, "GetItem", &nowhere);
    assert!(body.contains("AccessDeniedException"), "{body}");
    let (_, body) = world.form(&ann, "iam", &[("Action", "ListUsers")]);
    assert!(body.contains("<Code>AccessDenied</Code>") && body.contains("iam:ListUsers"), "{body}");
}

#[test]
fn changes_hold_at_once_on_every_server() {
    let world = World::new();
    world.table();
    let allow = r#"{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}"#;
    let ann = world.user("Ann", allow);
    let status = |keys: &Keys| world.dynamodb(keys, "GetItem", &get("x")).0;
    let both = |keys: &Keys| [status(keys), status(keys)];
    assert_eq!(both(&ann), [200, 200]);
    let deny = r#"{"Effect":"Deny","Action":"dynamodb:GetItem","Resource":"*"}"#;
    world.policy("Ann", &format!("{allow},{deny}"));
    assert_eq!(both(&ann), [400, 400]);
    let (_, body) = world.dynamodb(&ann, "GetItem", &get("x"));
    assert!(body.contains("with an explicit deny in an identity-based policy"), "{body}");
    world.policy("Ann", allow);
    assert_eq!(both(&ann), [200, 200]);
    let key = |status: &str| {
        let members =
            [("Action", "UpdateAccessKey"), ("UserName", "Ann"), ("AccessKeyId", &ann.0), ("Status", status)];
        world.iam(&members);
    };
    key("Inactive");
    let (_, body) = world.dynamodb(&ann, "GetItem", &get("x"));
    assert!(body.contains("UnrecognizedClientException"), "{body}");
    assert_eq!(both(&ann), [400, 400]);
    key("Active");
    assert_eq!(both(&ann), [200, 200]);
    let wrong = Keys(ann.0.clone(), "wrong".to_owned(), None);
    assert!(world.dynamodb(&wrong, "GetItem", &get("x")).1.contains("InvalidSignatureException"));
}

#[test]
fn who_guesses_is_slowed_down_and_locks_nobody_out() {
    let world = World::new();
    world.table();
    let send = |keys: &Keys, address: [u8; 4]| {
        let mut request = Request::call("DynamoDB_20120810.GetItem", get("x").to_string());
        request.peer = Some(Peer { address: IpAddr::from(address), is_secure: true });
        world.send(keys, "dynamodb", request)
    };
    let (here, elsewhere) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    for _ in 0..2 {
        assert_eq!(send(&root(), here).0, 200); // known on both servers
    }
    let guess = |key: &str| Keys(key.to_owned(), "guessed".to_owned(), None);
    let unknown = guess("AKIAUNKNOWN");
    for _ in 0..2 * super::world::FAILURES {
        assert!(send(&unknown, here).1.contains("UnrecognizedClientException"));
    }
    for keys in [unknown.clone(), guess(ACCOUNT)] {
        for _ in 0..2 {
            let (status, body) = send(&keys, here);
            assert!(status == 400 && body.contains("ThrottlingException"), "{body}");
            assert!(body.contains("Rate exceeded"), "{body}");
        }
    }
    assert_eq!(send(&root(), here).0, 200);
    assert!(send(&unknown, elsewhere).1.contains("UnrecognizedClientException"));
    world.clock.advance_micros(60_000_000);
    assert!(send(&unknown, here).1.contains("UnrecognizedClientException"));
}
