//! Two servers over one store that verify signatures, and what is sent to them.

use cognito_identity::CognitoIdentity;
use dynamodb::service::DynamoDbStreams;
use dynamodb::{DataKeys, DynamoDb};
use engine::{Engine, EngineOptions};
use http::{HeaderName, HeaderValue, header};
use iam::{Directory, Iam};
use identity::{Authenticator, Credentials, Secret, Signer, Strictness};
use pipeline::audit::{Event, InsideLog};
use pipeline::{AuditLog, Kind, Pipeline, Request};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use stdx::{Clock, ManualClock, Random};
use store::{MemoryStore, Store};
use sts::{Issuers, Sts};

pub const NOW: u64 = 1_767_225_600_000_000;
pub const ACCOUNT: &str = "123456789012";
/// How often credentials from one address may be wrong in a minute, on each server.
pub const FAILURES: u32 = 5;
pub const OTHER: &str = "222222222222";

pub struct World {
    servers: Vec<Pipeline>,
    turn: AtomicUsize,
    pub clock: Arc<ManualClock>,
    /// What services did with keys of KMS.
    pub key_uses: Arc<KeyUses>,
    runtime: tokio::runtime::Runtime,
}

/// An audit log in memory: service and operation, the caller, the service that called, the resource, the error.
#[derive(Default)]
pub struct KeyUses(Mutex<Vec<String>>);

impl KeyUses {
    /// What was told since the last call, each once.
    pub fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics while it holds the lock"))
            .into_iter()
            .collect()
    }
}

impl AuditLog for KeyUses {
    fn wants(&self, kind: Kind) -> bool {
        kind == Kind::Control
    }

    fn note(&self, event: Event) {
        let Event { service, operation, caller, invoked_by, resources, error, .. } = event;
        let caller = caller.map_or_else(String::new, |caller| caller.arn());
        let (by, about) = (invoked_by.unwrap_or_default(), resources.join(","));
        let words = [service, operation, &caller, &by, &about, error.map_or("", |(code, _)| code)];
        self.0.lock().expect("nothing panics while it holds the lock").push(words.join(" "));
    }
}

/// Access key, secret, token.
#[derive(Debug, Clone)]
pub struct Keys(pub String, pub String, pub Option<String>);

impl World {
    pub fn new() -> World {
        World::trusting(Issuers::default())
    }

    /// One that can verify tokens of these.
    pub fn trusting(issuers: Issuers) -> World {
        let clock = Arc::new(ManualClock::at(NOW));
        let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::clone(&shared)));
        let key_uses = Arc::<KeyUses>::default();
        let servers = (0..2).map(|seed| server(&store, &shared, &issuers, &key_uses, seed)).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        World { servers, turn: AtomicUsize::new(0), clock, key_uses, runtime: runtime.expect("a runtime") }
    }

    /// Status and body.
    pub fn send(&self, keys: &Keys, service: &str, mut request: Request) -> (u16, String) {
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
        self.answer(&request)
    }

    /// The answer of the server whose turn it is.
    pub fn answer(&self, request: &Request) -> (u16, String) {
        let server = &self.servers[self.turn.fetch_add(1, Ordering::Relaxed) % self.servers.len()];
        let response = self.runtime.block_on(server.answer(request));
        (response.status, String::from_utf8_lossy(&response.body).into_owned())
    }

    pub fn dynamodb(&self, keys: &Keys, operation: &str, body: &Value) -> (u16, String) {
        let request = Request::call(&format!("DynamoDB_20120810.{operation}"), body.to_string());
        self.send(keys, "dynamodb", request)
    }

    pub fn streams(&self, keys: &Keys, operation: &str, body: &Value) -> (u16, Value) {
        let request = Request::call(&format!("DynamoDBStreams_20120810.{operation}"), body.to_string());
        let (status, body) = self.send(keys, "dynamodb", request);
        (status, serde_json::from_str(&body).expect("an answer is JSON"))
    }

    /// A call of Cognito Identity; by nobody where there are no keys.
    pub fn cognito(&self, keys: Option<&Keys>, operation: &str, body: &Value) -> (u16, Value) {
        let mut request = Request::call(&format!("AWSCognitoIdentityService.{operation}"), body.to_string());
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        let (status, body) = match keys {
            Some(keys) => self.send(keys, "cognito-identity", request),
            None => self.answer(&request),
        };
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// A call of KMS.
    pub fn kms(&self, keys: &Keys, operation: &str, body: &Value) -> (u16, Value) {
        self.json(keys, "kms", &format!("TrentService.{operation}"), body)
    }

    /// A call of a service with a target.
    pub fn json(&self, keys: &Keys, service: &str, target: &str, body: &Value) -> (u16, Value) {
        let mut request = Request::call(target, body.to_string());
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        let (status, body) = self.send(keys, service, request);
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// A form of IAM or STS.
    pub fn form(&self, keys: &Keys, service: &str, members: &[(&str, &str)]) -> (u16, String) {
        self.send(keys, service, form(service, members))
    }

    /// A form of STS by nobody.
    pub fn open_form(&self, members: &[(&str, &str)]) -> (u16, String) {
        self.answer(&form("sts", members))
    }

    pub fn iam(&self, members: &[(&str, &str)]) -> String {
        let (status, body) = self.form(&root(), "iam", members);
        assert_eq!(status, 200, "{members:?}: {body}");
        body
    }

    /// A user with a key and an inline policy of one statement.
    pub fn user(&self, name: &str, statement: &str) -> Keys {
        self.iam(&[("Action", "CreateUser"), ("UserName", name)]);
        self.policy(name, statement);
        let key = self.iam(&[("Action", "CreateAccessKey"), ("UserName", name)]);
        Keys(element(&key, "AccessKeyId"), element(&key, "SecretAccessKey"), None)
    }

    pub fn policy(&self, name: &str, statement: &str) {
        let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        self.iam(&[
            ("Action", "PutUserPolicy"),
            ("UserName", name),
            ("PolicyName", "p"),
            ("PolicyDocument", &document),
        ]);
    }

    pub fn table(&self) {
        let table = json!({"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]});
        assert_eq!(self.dynamodb(&root(), "CreateTable", &table).0, 200);
    }
}

fn form(service: &str, members: &[(&str, &str)]) -> Request {
    let version = if service == "iam" { "2010-05-08" } else { "2011-06-15" };
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(members).append_pair("Version", version);
    let mut request = Request::call("", form.finish());
    request.headers.remove(HeaderName::from_static("x-amz-target"));
    let media = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers.insert(header::CONTENT_TYPE, media);
    request
}

fn server(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    issuers: &Issuers,
    key_uses: &Arc<KeyUses>,
    seed: u64,
) -> Pipeline {
    let random = Random::from_seed(seed);
    let roots = Credentials::default().with(ACCOUNT, Secret::new("root"));
    let roots = roots.with(OTHER, Secret::new("root"));
    let directory = store::wait::wait(Directory::open(Arc::clone(store), roots)).expect("a directory");
    let directory = Arc::new(directory);
    let authenticator = Authenticator::new(Strictness::Verify).with_credentials(Arc::clone(&directory));
    let authenticator = authenticator.with_failures_per_minute(FAILURES);
    let keys = store::wait::wait(kms::Keys::open(Arc::clone(store), kms::RootKey::new(&[7; 32])));
    let uses = InsideLog::new(Arc::clone(key_uses) as _, Arc::clone(clock), random.clone());
    let keys = keys.expect("the root key is always the same").with_audit_log(Some(uses));
    let data_keys = Arc::new(DataKeys::new(keys.clone(), Arc::clone(clock), random.clone()));
    let options = EngineOptions { keys: data_keys, ..EngineOptions::default() };
    let engine = Engine::open_with(Arc::clone(store), Arc::clone(clock), random.clone(), options);
    let dynamodb = DynamoDb::new(engine.expect("an engine")).with_keys(keys.clone());
    let sts = Sts { directory: Arc::clone(&directory), issuers: issuers.clone() };
    let cognito = CognitoIdentity::new(Arc::clone(store), Arc::clone(&directory), issuers.clone());
    let kinesis = kinesis::Kinesis::new(dynamodb.kinesis.clone(), Arc::clone(clock));
    let logs = logs::Logs::of(Arc::clone(store), Arc::clone(clock), random.clone());
    Pipeline::new(authenticator, Arc::clone(clock), random)
        .with_service(Arc::new(DynamoDbStreams::of(&dynamodb)), &dynamodb::ops::STREAMS_OPERATIONS)
        .with_service(Arc::new(dynamodb), &dynamodb::ops::OPERATIONS)
        .with_service(Arc::new(Iam { directory: Arc::clone(&directory) }), &iam::ops::OPERATIONS)
        .with_service(Arc::new(sts), &sts::ops::OPERATIONS)
        .with_service(Arc::new(kinesis), &kinesis::ops::OPERATIONS)
        .with_service(Arc::new(logs::CloudWatchLogs::new(logs)), &logs::ops::OPERATIONS)
        .with_service(Arc::new(kms::Kms::new(keys)), &kms::ops::OPERATIONS)
        .with_service(Arc::new(cognito), &cognito_identity::ops::OPERATIONS)
}

pub fn root() -> Keys {
    Keys(ACCOUNT.to_owned(), "root".to_owned(), None)
}

pub fn element(xml: &str, name: &str) -> String {
    let inside = xml.split_once(&format!("<{name}>")).and_then(|(_, rest)| rest.split_once("</"));
    inside.expect(xml).0.to_owned()
}

pub fn get(key: &str) -> Value {
    json!({"TableName": "items", "Key": {"pk": {"S": key}}})
}

pub const TABLE: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/items";
