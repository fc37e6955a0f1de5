//! The limits of tables where several servers share a store, and behind a restart: two servers together serve what one
//! may, the one that is asked for more has more, and nobody has his burst twice.

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
use std::sync::Arc;
use stdx::{Clock, ManualClock, Random};
use store::wait::wait;
use store::{MemoryStore, Store};
use store_embedded::{EmbeddedStore, Options};
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

/// A restart; the server that ends may be killed.
fn burst_behind_a_restart(is_killed: bool) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START));
    let open = || {
        let options = Options { clock: Arc::clone(&clock) as _, ..Options::default() };
        Arc::new(EmbeddedStore::open(folder.path(), options).unwrap()) as Arc<dyn Store>
    };
    let store = open();
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
    store.close().unwrap();
    drop(store);
    clock.advance_micros(2 * SECOND);
    let store = open();
    let again = Server::on(&store, &clock, 2);
    let served = again.write(AT_ONCE);
    drop(again);
    store.close().unwrap();
    served
}

#[test]
fn a_restart_gives_no_burst_again() {
    for is_killed in [false, true] {
        let served = burst_behind_a_restart(is_killed);
        assert!((9..=12).contains(&served), "{served} behind a restart, killed: {is_killed}");
    }
}
