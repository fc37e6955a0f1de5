//! The limits of tables where several servers share a store, and behind a restart: two servers together serve what one
//! may, the one that is asked for more has more, and no burst is given twice. And those of the key ranges of indexes.

#![expect(clippy::unwrap_used, reason = "whatever fails here fails the test")]

use dynamodb::DynamoDb;
use dynamodb::capacity::Sharing;
use engine::Engine;
use engine::table::CapacityMode;
use figures::Figures;
use model::ApiError;
use model::dynamodb::{
    AttributeDefinition, CreateTable, CreateTableInput, KeySchemaElement, ProvisionedThroughput, PutItem,
    PutItemInput,
};
use pipeline::{Caller, Cx, Host, Operation, RequestId, perform};
use serde_json::json;
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::documents::Documents;
use store::records::RecordKey;
use store::wait::wait;
use store::{MemoryStore, Store};
use testkit::{Engines, InProcess, Request, Target};
use types::{ItemBuilder, Value};
use wire::attribute::Attributes;

const SECOND: u64 = 1_000_000;
const START: u64 = 1_700_000_000 * SECOND;
const UNITS: i64 = 5;
/// No more within a second: a range of keys has its own limit.
const AT_ONCE: usize = 900;

struct Server {
    dynamodb: Arc<DynamoDb>,
    sharing: Sharing,
    figures: Figures,
    random: Random,
    clock: Arc<ManualClock>,
    runtime: tokio::runtime::Runtime,
}

impl Server {
    fn on(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, number: u64) -> Server {
        let (shared, random) = (Arc::clone(clock) as Arc<dyn Clock>, Random::from_seed(number));
        let engine = Engine::open(Arc::clone(store), Arc::clone(&shared), random.clone()).unwrap();
        let dynamodb = Arc::new(DynamoDb::new(engine).with_capacity_mode(CapacityMode::Enforce));
        let sharing = wait(Sharing::open(Arc::clone(&dynamodb), number, clock.now_micros())).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Server { dynamodb, sharing, figures: Figures::new(shared), random, clock: Arc::clone(clock), runtime }
    }

    fn call<O: Operation<DynamoDb>>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let (caller, request_id) = (&Caller::of_key("", "us-east-1"), &RequestId::draw(&self.random));
        let now_micros = self.clock.now_micros();
        let (service, host, random) = (&*self.dynamodb, Host::Named(""), &self.random);
        let tally = &self.figures.begin(now_micros);
        let cx = Cx { service, caller, now_micros, request_id, host, random, tally };
        self.runtime.block_on(async {
            cx.service.engine.refresh().await.unwrap();
            perform::<DynamoDb, O>(&cx, input).await
        })
    }

    fn create_table(&self) {
        let text = |text: &str| Some(text.to_owned());
        let input = CreateTableInput {
            table_name: text("items"),
            key_schema: Some(vec![KeySchemaElement { attribute_name: text("pk"), key_type: text("HASH") }]),
            attribute_definitions: Some(vec![AttributeDefinition {
                attribute_name: text("pk"),
                attribute_type: text("S"),
            }]),
            provisioned_throughput: Some(ProvisionedThroughput {
                read_capacity_units: Some(1),
                write_capacity_units: Some(UNITS),
            }),
            ..CreateTableInput::default()
        };
        assert!(self.call::<CreateTable>(input).is_ok());
    }

    /// Writes of one unit; how many of them are served.
    fn write(&self, count: usize) -> usize {
        let put = |_: &usize| {
            let mut item = ItemBuilder::new();
            item.put("pk", &Value::S("a".into()));
            let input = PutItemInput {
                table_name: Some("items".to_owned()),
                item: Some(Attributes { item: item.build(), ..Attributes::default() }),
                ..PutItemInput::default()
            };
            self.call::<PutItem>(input).is_ok()
        };
        (0..count).filter(put).count()
    }
}

fn servers() -> (Arc<dyn Store>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at(START));
    (Arc::new(MemoryStore::new(Arc::clone(&clock) as _)), clock)
}

/// Seconds of writes at every server, with rounds; how many each has served in each second.
fn seconds(clock: &ManualClock, servers: &[&Server], asked: &[usize], seconds: usize) -> Vec<Vec<usize>> {
    let second = |_| {
        clock.advance_micros(SECOND);
        let served = servers.iter().zip(asked).map(|(server, asked)| server.write(*asked)).collect();
        servers.iter().for_each(|server| wait(server.sharing.exchange(clock.now_micros())).unwrap());
        served
    };
    (0..seconds).map(second).collect()
}

fn sums(seconds: &[Vec<usize>]) -> Vec<usize> {
    (0..seconds[0].len()).map(|server| seconds.iter().map(|served| served[server]).sum()).collect()
}

#[test]
fn two_servers_serve_what_one_may_and_share_it_by_demand() {
    let (store, clock) = servers();
    let first = Server::on(&store, &clock, 1);
    first.create_table();
    let alone = sums(&seconds(&clock, &[&first], &[20], 20));
    assert!((98..=108).contains(&alone[0]), "{alone:?}");

    let second = Server::on(&store, &clock, 2);
    let both = [&first, &second];
    let joining: usize = sums(&seconds(&clock, &both, &[20, 20], 20)).iter().sum();
    assert!(joining <= 20 * UNITS as usize * 9 / 8 + UNITS as usize, "{joining}");
    let even = sums(&seconds(&clock, &both, &[20, 20], 20));
    assert!(even.iter().sum::<usize>() <= 104 && even.iter().all(|served| *served >= 42), "{even:?}");

    seconds(&clock, &both, &[60, 3], 15);
    let uneven = sums(&seconds(&clock, &both, &[60, 3], 20));
    assert!(uneven.iter().sum::<usize>() <= 104 && uneven[0] >= 76, "{uneven:?}");
}

#[test]
fn what_a_server_held_that_is_gone_is_anothers_once() {
    let (store, clock) = servers();
    let first = Server::on(&store, &clock, 1);
    first.create_table();
    let second = Server::on(&store, &clock, 2);
    seconds(&clock, &[&first, &second], &[1, 1], 200); // both keep what they do not use
    drop(second);
    seconds(&clock, &[&first], &[1], 60);
    let third = Server::on(&store, &clock, 3);
    clock.advance_micros(SECOND);
    let burst = [&first, &third].map(|server| server.write(AT_ONCE));
    assert!(burst[0] >= 700 && burst[1] <= UNITS as usize, "{burst:?}");
}

/// A restart on a store that one process alone can have open; the server that ends may be killed.
fn burst_behind_a_restart(is_killed: bool) -> usize {
    let clock = Arc::new(ManualClock::at(START));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::private(Arc::clone(&clock) as _));
    let server = Server::on(&store, &clock, 1);
    server.create_table();
    clock.advance_micros(400 * SECOND);
    let kept = server.write(AT_ONCE);
    clock.advance_micros(SECOND);
    assert!(kept + server.write(AT_ONCE) >= 300 * UNITS as usize, "all that was kept");
    if is_killed {
        wait(server.sharing.exchange(clock.now_micros())).unwrap();
    } else {
        wait(server.sharing.leave(clock.now_micros())).unwrap();
    }
    drop(server);
    clock.advance_micros(2 * SECOND);
    Server::on(&store, &clock, 2).write(AT_ONCE)
}

#[test]
fn a_restart_gives_no_burst_again() {
    for is_killed in [false, true] {
        let served = burst_behind_a_restart(is_killed);
        assert!((9..=12).contains(&served), "{served} behind a restart, killed: {is_killed}");
    }
}

#[test]
fn a_damaged_report_costs_a_burst_and_nothing_else() {
    let clock = Arc::new(ManualClock::at(START));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::private(Arc::clone(&clock) as _));
    let documents = Documents::of(Arc::clone(&store), 1);
    let key = RecordKey::new("dynamodb", "capacity", "", "", "only");
    let damage = |_: Option<String>| Ok::<_, ()>((Some("no report".to_owned()), ()));
    wait(documents.change(&key, damage)).unwrap().unwrap();
    let server = Server::on(&store, &clock, 1);
    server.create_table();
    assert_eq!(server.write(20), UNITS as usize);
    wait(server.sharing.leave(clock.now_micros())).unwrap();
    drop(server);
    assert_eq!(Server::on(&store, &clock, 2).write(20), 0, "the next one is read again");
}

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/eu-west-1/dynamodb/aws4_request, \
                             SignedHeaders=host, Signature=00";

/// Batches of writes of 20 units each, to an index by these keys in turns; how many of six are served whole.
fn batches(keys: &[&str]) -> usize {
    let server = InProcess::start_enforcing(Engines::Memory);
    let call = |operation: &str, body: serde_json::Value| {
        let target = format!("DynamoDB_20120810.{operation}");
        let reply = server.send(&Request::json(&target, AUTHORIZATION, body.to_string())).unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        (reply.status == 200).then_some(answer)
    };
    let table = json!({
        "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "i", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [{"IndexName": "by-i", "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}}]
    });
    assert!(call("CreateTable", table).is_some());
    let put = |number: usize| {
        let (p, i) = (format!("key {number}"), keys[number % keys.len()]);
        json!({"PutRequest": {"Item": {"p": {"S": p}, "i": {"S": i}, "x": {"S": "x".repeat(20_000)}}}})
    };
    let is_served = |batch: &usize| {
        let puts: Vec<_> = (batch * 25..(batch + 1) * 25).map(put).collect();
        let answer = call("BatchWriteItem", json!({"RequestItems": {"items": puts}}));
        answer.is_some_and(|answer| answer["UnprocessedItems"] == json!({}))
    };
    (0..6).filter(is_served).count()
}

#[test]
fn a_batch_is_charged_to_the_ranges_of_its_items() {
    assert_eq!(batches(&["a"]), 5, "a second's units of a range, and as many owed");
    assert_eq!(batches(&["a", "b", "c", "d", "e"]), 6, "they are in several ranges");
}
