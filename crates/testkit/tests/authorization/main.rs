//! Authorization with verified signatures: users with policies, their keys, sessions of roles; on two
//! servers over one store, so that what is changed on one holds on the other at once.

use dynamodb::DynamoDb;
use engine::Engine;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use iam::{Directory, Iam};
use identity::{Authenticator, Credentials, Secret, Signer, Strictness};
use pipeline::{Pipeline, Request};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stdx::{Clock, ManualClock, Random};
use store::{MemoryStore, Store};
use sts::Sts;

const NOW: u64 = 1_767_225_600_000_000;
const ACCOUNT: &str = "123456789012";
const OTHER: &str = "222222222222";

struct World {
    servers: Vec<Pipeline>,
    turn: AtomicUsize,
    clock: Arc<ManualClock>,
    runtime: tokio::runtime::Runtime,
}

/// Access key, secret, token.
#[derive(Debug, Clone)]
struct Keys(String, String, Option<String>);

impl World {
    fn new() -> World {
        let clock = Arc::new(ManualClock::at(NOW));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::clone(&shared)));
        let servers = (0..2).map(|seed| server(&store, &shared, seed)).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
        World { servers, turn: AtomicUsize::new(0), clock, runtime: runtime.expect("a runtime") }
    }

    /// Status and body.
    fn send(&self, keys: &Keys, service: &str, mut request: Request) -> (u16, String) {
        let signer = Signer {
            access_key_id: keys.0.clone(),
            secret: Secret::new(keys.1.clone()),
            session_token: keys.2.clone(),
            region: "us-east-1".to_owned(),
        };
        request.headers.insert(header::HOST, HeaderValue::from_static("localhost"));
        let (method, uri) = (request.method.clone(), request.uri.clone());
        let signed = signer.sign(
            service,
            (&method, &uri),
            &mut request.headers,
            &request.body,
            self.clock.now_micros(),
        );
        assert!(signed.is_ok());
        let server = &self.servers[self.turn.fetch_add(1, Ordering::Relaxed) % self.servers.len()];
        let response = self.runtime.block_on(server.answer(&request));
        (response.status, String::from_utf8_lossy(&response.body).into_owned())
    }

    fn dynamodb(&self, keys: &Keys, operation: &str, body: &Value) -> (u16, String) {
        let request = Request::call(&format!("DynamoDB_20120810.{operation}"), body.to_string());
        self.send(keys, "dynamodb", request)
    }

    /// A form of IAM or STS.
    fn form(&self, keys: &Keys, service: &str, members: &[(&str, &str)]) -> (u16, String) {
        let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(members).append_pair("Version", version);
        let mut request = Request::call("", form.finish());
        request.headers.remove(HeaderName::from_static("x-amz-target"));
        let media = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, media);
        (request.method, request.uri) = (Method::POST, Uri::from_static("/"));
        self.send(keys, service, request)
    }

    fn iam(&self, members: &[(&str, &str)]) -> String {
        let (status, body) = self.form(&root(), "iam", members);
        assert_eq!(status, 200, "{members:?}: {body}");
        body
    }

    /// A user with a key and an inline policy of one statement.
    fn user(&self, name: &str, statement: &str) -> Keys {
        self.iam(&[("Action", "CreateUser"), ("UserName", name)]);
        self.policy(name, statement);
        let key = self.iam(&[("Action", "CreateAccessKey"), ("UserName", name)]);
        Keys(element(&key, "AccessKeyId"), element(&key, "SecretAccessKey"), None)
    }

    fn policy(&self, name: &str, statement: &str) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        self.iam(&[
            ("Action", "PutUserPolicy"),
            ("UserName", name),
            ("PolicyName", "p"),
            ("PolicyDocument", &document),
        ]);
    }

    fn table(&self) {
        let table = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]});
        assert_eq!(self.dynamodb(&root(), "CreateTable", &table).0, 200);
    }
}

fn server(store: &Arc<dyn Store>, clock: &Arc<dyn Clock>, seed: u64) -> Pipeline {
    let random = Random::from_seed(seed);
    let roots = Credentials::default().with(ACCOUNT, Secret::new("root"));
    let roots = roots.with(OTHER, Secret::new("root"));
    let directory = store::wait::wait(Directory::open(Arc::clone(store), roots)).expect("a directory");
    let directory = Arc::new(directory);
    let authenticator = Authenticator::new(Strictness::Verify).with_credentials(Arc::clone(&directory));
    let engine = Engine::open(Arc::clone(store), Arc::clone(clock), random.clone()).expect("an engine");
    Pipeline::new(authenticator, Arc::clone(clock), random)
        .with_service(Arc::new(DynamoDb::new(engine)), &dynamodb::ops::OPERATIONS)
        .with_service(Arc::new(Iam { directory: Arc::clone(&directory) }), &iam::ops::OPERATIONS)
        .with_service(Arc::new(Sts { directory, issuers: sts::Issuers::default() }), &sts::ops::OPERATIONS)
}

fn root() -> Keys {
    Keys(ACCOUNT.to_owned(), "root".to_owned(), None)
}

fn element(xml: &str, name: &str) -> String {
    let inside = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    inside.expect(xml).0.to_owned()
}

fn get(key: &str) -> Value {
    json!({"TableName": "items", "Key": {"pk": {"S": key}}})
}

const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/items";

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
