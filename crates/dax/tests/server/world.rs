//! A server with the recorded tables, and a client's end of a connection.

use dax::codec::Reader;
use dax::{CacheSettings, Dax, Limits, Listener, Parts};
use dax_control::{DaxControl, Reached};
use dynamodb::DynamoDb;
use engine::{Engine, EngineOptions, WriteStamps};
use identity::{Authenticator, Credentials, Secret, Strictness};
use model::dynamodb::{
    AttributeDefinition, CreateTable, CreateTableInput, GlobalSecondaryIndex, KeySchemaElement, Projection,
    PutItem, PutItemInput,
};
use pipeline::{AuditLog, Caller, Cx, Host, Operation, Pipeline, RequestId, Service, perform};
use serde_json::Value as Json;
use std::net::SocketAddr;
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use types::{ItemBuilder, Number, Value};
use wire::attribute::Attributes;

pub fn vectors() -> Json {
    serde_json::from_str(include_str!("../../fixtures/vectors.json")).expect("the fixture is JSON")
}

pub fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// When the recorded clients signed.
pub const NOW_MICROS: u64 = 1_795_342_324_000_000;

pub struct World {
    pub address: SocketAddr,
    pub dax: Arc<Dax>,
    pub clock: Arc<ManualClock>,
    control: DaxControl,
    dynamodb: Arc<DynamoDb>,
    pipeline: Arc<Pipeline>,
    random: Random,
    pub close: watch::Sender<bool>,
}

impl World {
    pub async fn start(strictness: Strictness, limits: Limits) -> World {
        World::audited(strictness, limits, None).await
    }

    /// A server that tells this log what was asked for.
    pub async fn audited(strictness: Strictness, limits: Limits, log: Option<Arc<dyn AuditLog>>) -> World {
        let hand = Arc::new(ManualClock::at(NOW_MICROS));
        let clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&hand);
        let (store, random) = (Arc::new(MemoryStore::new(Arc::clone(&clock))), Random::from_seed(7));
        let stamps: Arc<WriteStamps> = Arc::default();
        let options = EngineOptions { write_stamps: Some(Arc::clone(&stamps)), ..EngineOptions::default() };
        let engine =
            Engine::open_with(store, Arc::clone(&clock), random.clone(), options).expect("the engine opens");
        let dynamodb = Arc::new(DynamoDb::new(engine));
        let keys = Credentials::default().with("AKIDEXAMPLE", Secret::new("secretEXAMPLE"));
        let authenticator = Authenticator::new(strictness).with_credentials(keys);
        let pipeline = Pipeline::new(authenticator, Arc::clone(&clock), random.clone());
        let pipeline = Arc::new(match log {
            Some(log) => pipeline.with_audit_log(log),
            None => pipeline,
        });
        let reached = Reached { ip: None, port: 8111, is_tls: false };
        let control = DaxControl::new(dynamodb.engine.shared_store(), Some(reached));
        let dax = Arc::new(Dax::new(Parts {
            dynamodb: Arc::clone(&dynamodb),
            pipeline: Arc::clone(&pipeline),
            clusters: dax_control::Clusters::of(dynamodb.engine.shared_store()),
            clock,
            random: random.clone(),
            advertised: None,
            cache: CacheSettings::default(),
            write_stamps: Some(stamps),
        }));
        let listener = Listener::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = listener.local_address().expect("an address");
        let (close, closing) = watch::channel(false);
        tokio::spawn(listener.serve(Arc::clone(&dax), limits, None, closing));
        World { address, dax, clock: hand, control, dynamodb, pipeline, random, close }
    }

    pub async fn perform<O: Operation<DynamoDb>>(&self, input: O::Input) -> O::Output {
        self.perform_of::<DynamoDb, O>(&self.dynamodb, input).await
    }

    /// An operation of the control plane.
    pub async fn control<O: Operation<DaxControl>>(&self, input: O::Input) -> O::Output {
        self.perform_of::<DaxControl, O>(&self.control, input).await
    }

    async fn perform_of<S: Service, O: Operation<S>>(&self, service: &S, input: O::Input) -> O::Output {
        let caller = &Caller::of_key("AKIDEXAMPLE", "us-east-1");
        let figures = self.pipeline.figures();
        let (request_id, tally) = (&RequestId::draw(&self.random), &figures.begin(0));
        let (now_micros, host, random) = (self.clock.now_micros(), Host::Named(""), &self.random);
        let cx = Cx { service, caller, now_micros, request_id, host, random, tally };
        match perform::<S, O>(&cx, input).await {
            Ok(output) => output,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// What was counted under a name of CloudWatch's.
    pub fn counted(&self, name: &str) -> u64 {
        let counted = self.dax.usage().counted.into_iter().flat_map(|(_, counts)| counts);
        counted.filter(|(counted, _)| *counted == name).map(|(_, count)| count).sum()
    }

    /// Creates the recorded tables.
    pub async fn create_tables(&self, vectors: &Json) {
        for (name, table) in vectors["tables"].as_object().expect("tables") {
            self.perform::<CreateTable>(definition(name, table)).await;
        }
    }

    pub async fn put(&self, table: &str, item: &Json) {
        let mut builder = ItemBuilder::new();
        for (name, value) in item.as_object().expect("an item") {
            builder.put(name, &value_of(value));
        }
        let item = Some(Attributes { item: builder.build(), ..Attributes::default() });
        let input = PutItemInput { table_name: Some(table.to_owned()), item, ..PutItemInput::default() };
        self.perform::<PutItem>(input).await;
    }

    pub async fn connect(&self) -> Client {
        Client { stream: TcpStream::connect(self.address).await.expect("a connection"), input: Vec::new() }
    }

    /// A connection as Python's client has it: with a preamble, and authorized.
    pub async fn client(&self) -> Client {
        let (vectors, mut client) = (vectors(), self.connect().await);
        for frame in vectors["captures"]["py"]["connection"].as_array().expect("frames").iter().take(2) {
            client.send(&hex(frame["request_hex"].as_str().expect("digits"))).await;
        }
        client
    }
}

fn definition(name: &str, table: &Json) -> CreateTableInput {
    let attributes = table["key_schema"].as_array().expect("a schema");
    let text = |json: &Json| Some(json.as_str().expect("a text").to_owned());
    let mut definitions: Vec<_> = attributes
        .iter()
        .map(|attribute| AttributeDefinition {
            attribute_name: text(&attribute[0]),
            attribute_type: text(&attribute[1]),
        })
        .collect();
    let key = |names: Vec<Option<String>>| {
        let element = |(attribute_name, kind): (Option<String>, &str)| KeySchemaElement {
            attribute_name,
            key_type: Some(kind.to_owned()),
        };
        names.into_iter().zip(["HASH", "RANGE"]).map(element).collect::<Vec<_>>()
    };
    let mut indexes = Vec::new();
    for (index, names) in table["gsi"].as_object().expect("indexes") {
        let names = names.as_array().expect("names");
        if !attributes.iter().any(|attribute| attribute[0] == names[0]) {
            definitions.push(AttributeDefinition {
                attribute_name: text(&names[0]),
                attribute_type: Some("S".to_owned()),
            });
        }
        indexes.push(GlobalSecondaryIndex {
            index_name: Some(index.clone()),
            key_schema: Some(key(names.iter().map(text).collect())),
            projection: Some(Projection { projection_type: Some("ALL".to_owned()), ..Projection::default() }),
            ..GlobalSecondaryIndex::default()
        });
    }
    CreateTableInput {
        table_name: Some(name.to_owned()),
        billing_mode: Some("PAY_PER_REQUEST".to_owned()),
        key_schema: Some(key(attributes.iter().map(|attribute| text(&attribute[0])).collect())),
        attribute_definitions: Some(definitions),
        global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
        ..CreateTableInput::default()
    }
}

/// A value of DynamoDB's JSON.
fn value_of(json: &Json) -> Value {
    let (tag, content) = json.as_object().and_then(|value| value.iter().next()).expect("a value");
    let text = |json: &Json| json.as_str().expect("a text").to_owned();
    let number = |json: &Json| Number::parse(json.as_str().expect("a number")).expect("a number");
    let list = || content.as_array().expect("a list").iter();
    match tag.as_str() {
        "S" => Value::S(text(content)),
        "N" => Value::N(number(content)),
        "B" => Value::B(base64(&text(content))),
        "BOOL" => Value::Bool(content.as_bool().expect("a truth value")),
        "NULL" => Value::Null,
        "SS" => Value::SS(list().map(text).collect()),
        "NS" => Value::NS(list().map(number).collect()),
        "BS" => Value::BS(list().map(|member| base64(&text(member))).collect()),
        "L" => Value::L(list().map(value_of).collect()),
        "M" => {
            let map = content.as_object().expect("a map");
            Value::M(map.iter().map(|(name, value)| (name.clone(), value_of(value))).collect())
        }
        other => panic!("{other}"),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let (mut bytes, mut bits, mut pending) = (Vec::new(), 0, 0u32);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        (pending, bits) = (pending << 6 | u32::from(digit(byte)), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((pending >> bits) as u8);
        }
    }
    bytes
}

/// A client's end.
pub struct Client {
    stream: TcpStream,
    input: Vec<u8>,
}

impl Client {
    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("the server reads");
    }

    /// The next answer, which is so many values; three where it is an error. `None` where the server has closed.
    pub async fn answer(&mut self, values: usize) -> Option<Vec<u8>> {
        loop {
            if let Some(len) = complete(&self.input, values) {
                return Some(self.input.drain(..len).collect());
            }
            match self.stream.read_buf(&mut self.input).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    pub async fn ask(&mut self, request: &[u8], values: usize) -> Option<Vec<u8>> {
        self.send(request).await;
        self.answer(values).await
    }
}

/// The length of an answer that is there as a whole.
fn complete(bytes: &[u8], values: usize) -> Option<usize> {
    let mut reader = Reader::new(bytes);
    let codes = reader.skip().ok()?;
    let values = if codes == [0x80] { values } else { 2 };
    for _ in 0..values {
        reader.skip().ok()?;
    }
    Some(bytes.len() - reader.rest().len())
}

/// How many values follow the codes in the answer of a request.
pub fn values_of_answer(method: &str) -> usize {
    match method {
        "batchGetItem" => 2,
        "batchWriteItem" => 3,
        _ => 1,
    }
}
