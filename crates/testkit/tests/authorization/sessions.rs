//! Sessions of roles, users and strangers.

use super::world::{ACCOUNT, Keys, World, element, get};
use serde_json::json;

#[test]
fn a_role_is_assumed_by_whom_it_trusts() {
    let world = World::new();
    world.table();
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}"#);
    let trust = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},
               "Action":"sts:AssumeRole"{condition}}}]}}"#
        )
    };
    let external = trust(r#","Condition":{"StringEquals":{"sts:ExternalId":"x1"}}"#);
    world.iam(&[("Action", "CreateRole"), ("RoleName", "R"), ("AssumeRolePolicyDocument", &external)]);
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/R");
    let read = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem"],"Resource":"*"}]}"#;
    world.iam(&[
        ("Action", "PutRolePolicy"),
        ("RoleName", "R"),
        ("PolicyName", "p"),
        ("PolicyDocument", read),
    ]);
    let assume = |more: &[(&str, &str)]| {
        let mut members = vec![("Action", "AssumeRole"), ("RoleArn", &*arn), ("RoleSessionName", "S1")];
        members.extend(more);
        world.form(&ann, "sts", &members)
    };
    let (status, body) = assume(&[]);
    let refused = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/Ann is not authorized to perform: sts:AssumeRole on resource: {arn}<"
    );
    assert!(status == 403 && body.contains(&refused), "{body}");
    let keys = |body: &str| {
        Keys(
            element(body, "AccessKeyId"),
            element(body, "SecretAccessKey"),
            Some(element(body, "SessionToken")),
        )
    };
    let (status, body) = assume(&[("ExternalId", "x1")]);
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(&format!("<Arn>arn:aws:sts::{ACCOUNT}:assumed-role/R/S1</Arn>")), "{body}");
    let session = keys(&body);
    assert_eq!(world.dynamodb(&session, "GetItem", &get("x")).0, 200);
    let (_, body) = world.dynamodb(&session, "DeleteItem", &get("x"));
    assert!(body.contains(&format!("User: arn:aws:sts::{ACCOUNT}:assumed-role/R/S1 is not")), "{body}");
    let (_, body) = world.form(&session, "sts", &[("Action", "GetCallerIdentity")]);
    assert!(body.contains(":S1</UserId>"), "{body}");
    // A policy of the session limits it further.
    let only_get = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}]}"#;
    let (_, body) = assume(&[("ExternalId", "x1"), ("Policy", only_get)]);
    let limited = keys(&body);
    let put = json!({"TableName": "items", "Item": {"pk": {"S": "x"}}});
    assert_eq!(world.dynamodb(&session, "PutItem", &put).0, 200);
    let (_, body) = world.dynamodb(&limited, "PutItem", &put);
    assert!(body.contains("because no session policy allows the dynamodb:PutItem action"), "{body}");
    // Without its token, with another's, changed, and late.
    let bare = Keys(session.0.clone(), session.1.clone(), None);
    assert!(world.dynamodb(&bare, "GetItem", &get("x")).1.contains("UnrecognizedClientException"));
    let mixed = Keys(session.0.clone(), session.1.clone(), limited.2.clone());
    assert!(world.dynamodb(&mixed, "GetItem", &get("x")).1.contains("UnrecognizedClientException"));
    let mut changed = session.clone();
    let token = changed.2.take().map(|token| format!("AAAA{}", &token[4..]));
    changed.2 = token;
    assert!(world.dynamodb(&changed, "GetItem", &get("x")).1.contains("UnrecognizedClientException"));
    world.clock.advance_micros(3_601_000_000);
    let (_, body) = world.dynamodb(&session, "GetItem", &get("x"));
    assert!(body.contains("ExpiredTokenException"), "{body}");
}

#[test]
fn sessions_of_users_and_of_strangers() {
    let world = World::new();
    world.table();
    let ann = world.user("Ann", r#"{"Effect":"Allow","Action":["dynamodb:*","sts:*"],"Resource":"*"}"#);
    let keys = |body: &str| {
        Keys(
            element(body, "AccessKeyId"),
            element(body, "SecretAccessKey"),
            Some(element(body, "SessionToken")),
        )
    };
    let (_, body) = world.form(&ann, "sts", &[("Action", "GetSessionToken")]);
    let own = keys(&body);
    assert_eq!(world.dynamodb(&own, "GetItem", &get("x")).0, 200);
    let (status, body) = world.form(&own, "sts", &[("Action", "GetSessionToken")]);
    assert!(status == 403 && body.contains("Cannot call GetSessionToken with session credentials"), "{body}");
    let federate = |more: &[(&str, &str)]| {
        let mut members = vec![("Action", "GetFederationToken"), ("Name", "guest")];
        members.extend(more);
        keys(&world.form(&ann, "sts", &members).1)
    };
    let (_, body) = world.dynamodb(&federate(&[]), "GetItem", &get("x"));
    assert!(body.contains("because no session policy allows"), "{body}");
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    let guest = federate(&[("Policy", policy)]);
    assert_eq!(world.dynamodb(&guest, "GetItem", &get("x")).0, 200);
    let (_, body) = world.form(&guest, "iam", &[("Action", "ListUsers")]);
    assert!(body.contains(":federated-user/guest is not authorized"), "Ann may not: {body}");
}
