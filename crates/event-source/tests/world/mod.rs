//! A table with a stream on a memory store, and servers that have nothing but the tasks of mappings.

use dynamodb::DynamoDb;
use engine::stream::ShardLimits;
use engine::{Engine, EngineOptions};
use event_source::call::{Call, Called, GivenUp};
use event_source::mappings::Refused;
use event_source::{Mapping, Mappings, Place, Poller, ReadPermission, Settings, Sources};
use figures::Figures;
use model::dynamodb::{
    AttributeDefinition, CreateTable, CreateTableInput, DeleteItem, DeleteItemInput, DeleteTable,
    DeleteTableInput, DescribeTable, DescribeTableInput, KeySchemaElement, PutItem, PutItemInput,
    StreamSpecification, UpdateTable, UpdateTableInput,
};
use pipeline::{Caller, Cx, Host, Operation, RequestId, perform};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stdx::{Clock, ManualClock, Random, SystemClock};
use store::lease::Leases;
use store::{MemoryStore, Store, Visit};
use tokio::runtime::Runtime;
use types::{Item, ItemBuilder};
use wire::attribute::Attributes;

pub struct World {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    service: DynamoDb,
    figures: Figures,
    random: Random,
    pub mappings: Mappings,
    runtime: Runtime,
    calls: Arc<Mutex<Vec<Value>>>,
    told: Arc<Mutex<Vec<(String, Value)>>>,
    /// What the next servers may read.
    pub permission: ReadPermission,
}

/// The tasks of one server, on a runtime of their own. Dropped, it stops in order.
pub struct Server {
    runtime: Option<Runtime>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    run: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Ends at once, whatever is under way.
    pub fn cut_off(mut self) {
        self.run = None;
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let (Some(runtime), Some(run)) = (&self.runtime, self.run.take()) {
            runtime.block_on(run).unwrap();
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn key(pk: &str) -> ItemBuilder {
    let mut item = ItemBuilder::new();
    item.put("pk", &types::Value::S(pk.into()));
    item
}

fn attributes(item: Item) -> Option<Attributes> {
    Some(Attributes { item, ..Attributes::default() })
}

impl World {
    pub fn new() -> World {
        World::of(Arc::new(SystemClock), ShardLimits::default())
    }

    /// No time passes, so that no lease expires.
    pub fn without_time() -> World {
        World::of(Arc::new(ManualClock::at(1_800_000_000_000_000)), ShardLimits::default())
    }

    /// Shards are replaced ten times a second.
    pub fn with_short_shards() -> World {
        let limits = ShardLimits { life_micros: 100_000, ..ShardLimits::default() };
        World::of(Arc::new(SystemClock), limits)
    }

    fn of(clock: Arc<dyn Clock>, shard_limits: ShardLimits) -> World {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new(Arc::clone(&clock)));
        let random = Random::from_seed(7);
        let options = EngineOptions { shard_limits, ..EngineOptions::default() };
        let engine =
            Engine::open_with(Arc::clone(&store), Arc::clone(&clock), random.clone(), options).unwrap();
        let world = World {
            mappings: Mappings::of(Arc::clone(&store)),
            figures: Figures::new(Arc::clone(&clock)),
            service: DynamoDb::new(engine),
            store,
            clock,
            random,
            runtime: runtime(),
            calls: Arc::default(),
            told: Arc::default(),
            permission: ReadPermission::default(),
        };
        world.create_table();
        world
    }

    fn perform<O: Operation<DynamoDb>>(&self, input: O::Input) -> O::Output {
        let (caller, request_id) = (&Caller::of_key("", "us-east-1"), &RequestId::draw(&self.random));
        let (service, host, random) = (&self.service, Host::Named(""), &self.random);
        let now_micros = self.clock.now_micros();
        let tally = &self.figures.begin(now_micros);
        let cx = Cx { service, caller, now_micros, request_id, host, random, tally };
        match self.runtime.block_on(perform::<DynamoDb, O>(&cx, input)) {
            Ok(output) => output,
            Err(error) => panic!("{error:?}"),
        }
    }

    fn create_table(&self) {
        let input = CreateTableInput {
            table_name: text("items"),
            billing_mode: text("PAY_PER_REQUEST"),
            key_schema: Some(vec![KeySchemaElement { attribute_name: text("pk"), key_type: text("HASH") }]),
            attribute_definitions: Some(vec![AttributeDefinition {
                attribute_name: text("pk"),
                attribute_type: text("S"),
            }]),
            stream_specification: Some(StreamSpecification {
                stream_enabled: Some(true),
                stream_view_type: text("NEW_AND_OLD_IMAGES"),
            }),
            ..CreateTableInput::default()
        };
        self.perform::<CreateTable>(input);
    }

    pub fn put(&self, pk: &str, n: u64) {
        let mut item = key(pk);
        item.put("n", &types::Value::N(types::Number::parse(&n.to_string()).unwrap()));
        let input =
            PutItemInput { table_name: text("items"), item: attributes(item.build()), ..Default::default() };
        self.perform::<PutItem>(input);
    }

    pub fn delete(&self, pk: &str) {
        let key = attributes(key(pk).build());
        self.perform::<DeleteItem>(DeleteItemInput { table_name: text("items"), key, ..Default::default() });
    }

    /// The table's stream gets no further record.
    pub fn disable_stream(&self) {
        let stream_specification =
            Some(StreamSpecification { stream_enabled: Some(false), ..StreamSpecification::default() });
        let table_name = text("items");
        self.perform::<UpdateTable>(UpdateTableInput {
            table_name,
            stream_specification,
            ..Default::default()
        });
    }

    pub fn delete_table(&self) {
        let table_name = text("items");
        self.perform::<DeleteTable>(DeleteTableInput { table_name });
    }

    pub fn now_micros(&self) -> u64 {
        self.clock.now_micros()
    }

    pub fn newest(&self) -> Place {
        self.sources().newest()
    }

    pub fn sources(&self) -> Sources {
        Sources { engine: self.service.engine.clone(), kinesis: self.service.kinesis.clone() }
    }

    /// A mapping of the table's stream, with changes.
    pub fn map(&self, change: impl Fn(&mut Mapping)) -> Mapping {
        self.try_map(change).unwrap()
    }

    pub fn try_map(&self, change: impl Fn(&mut Mapping)) -> Result<Mapping, String> {
        let table = self.perform::<DescribeTable>(DescribeTableInput { table_name: text("items") });
        let mut mapping = Mapping {
            uuid: self.random.uuid(),
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
            event_source_arn: table.table.unwrap().latest_stream_arn.unwrap(),
            starting_position: "TRIM_HORIZON".to_owned(),
            start: Place::default(),
            start_micros: None,
            invoke_identity_arn: "arn:aws:iam::000000000000:role/r".to_owned(),
            settings: Settings::default(),
            filters: Vec::new(),
            on_failure: None,
            enabled: true,
            modified_micros: 0,
            tags: BTreeMap::new(),
        };
        change(&mut mapping);
        match self.runtime.block_on(self.mappings.create(&mapping)).unwrap() {
            Ok(()) => Ok(mapping),
            Err(Refused::PairExists(uuid)) => Err(uuid),
            Err(Refused::NotFound) => unreachable!(),
        }
    }

    pub fn try_replace(&self, old: &Mapping, new: &Mapping) -> Result<(), String> {
        match self.runtime.block_on(self.mappings.replace(old, new)).unwrap() {
            Ok(()) => Ok(()),
            Err(Refused::PairExists(uuid)) => Err(uuid),
            Err(Refused::NotFound) => panic!("the mapping is another one"),
        }
    }

    pub fn change(&self, mapping: &Mapping, change: impl Fn(&mut Mapping)) -> Mapping {
        let mut new = mapping.clone();
        change(&mut new);
        self.try_replace(mapping, &new).unwrap();
        new
    }

    /// The same with the mapping as it is kept.
    pub fn change_current(&self, mapping: &Mapping, change: impl Fn(&mut Mapping)) -> Mapping {
        let Mapping { account, region, uuid, .. } = mapping;
        let (current, _) = self.runtime.block_on(self.mappings.get(account, region, uuid)).unwrap().unwrap();
        self.change(&current, change)
    }

    pub fn delete_mapping(&self, mapping: &Mapping) {
        self.runtime.block_on(self.mappings.delete(mapping)).unwrap();
    }

    /// A server with this function.
    pub fn start(&self, owner: u64, function: fn(&Value) -> Called) -> Server {
        let (calls, told) = (Arc::clone(&self.calls), Arc::clone(&self.told));
        let poller = Poller {
            sources: self.sources(),
            mappings: self.mappings.clone(),
            leases: Leases::of(Arc::clone(&self.store), Arc::clone(&self.clock), owner),
            permission: self.permission.clone(),
            clock: Arc::clone(&self.clock),
            invoke: Arc::new(move |call: Call| {
                let calls = Arc::clone(&calls);
                Box::pin(async move {
                    let event: Value = serde_json::from_slice(&call.payload).unwrap();
                    calls.lock().unwrap().push(event.clone());
                    tokio::time::sleep(Duration::from_millis(1)).await;
                    function(&event)
                })
            }),
            tell: Arc::new(move |GivenUp { destination, document, .. }| {
                told.lock().unwrap().extend(destination.map(|destination| (destination, document)));
                Box::pin(async {})
            }),
        };
        let runtime = runtime();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let run = runtime.spawn(poller.run(Box::pin(async move { _ = stopped.await })));
        Server { runtime: Some(runtime), stop: Some(stop), run: Some(run) }
    }

    pub fn succeed(_: &Value) -> Called {
        World::ran(&Value::Null, None)
    }

    pub fn fail(kind: &str, message: &str) -> Called {
        World::ran(&json!({"errorType": kind, "errorMessage": message}), text("Unhandled"))
    }

    fn ran(payload: &Value, function_error: Option<String>) -> Called {
        let (executed_version, request_id) = ("$LATEST".to_owned(), "r".to_owned());
        Called::Ran {
            payload: payload.to_string().into_bytes(),
            function_error,
            executed_version,
            request_id,
        }
    }

    pub fn forget_calls(&self) {
        self.calls.lock().unwrap().clear();
    }

    pub fn records(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls.iter().flat_map(|event| event["Records"].as_array().unwrap().clone()).collect()
    }

    /// What was written by the puts that the function has seen.
    pub fn numbers(&self) -> Vec<u64> {
        let number =
            |record: &Value| record["dynamodb"]["NewImage"]["n"]["N"].as_str().unwrap().parse().unwrap();
        self.records().iter().map(number).collect()
    }

    pub fn await_records(&self, count: usize) -> Vec<Value> {
        self.until(|| Some(self.records()).filter(|records| records.len() >= count))
    }

    pub fn await_distinct(&self, count: usize) {
        self.until(|| (self.numbers().into_iter().collect::<BTreeSet<_>>().len() >= count).then_some(()));
    }

    pub fn await_told(&self, count: usize) -> Vec<(String, Value)> {
        self.until(|| Some(self.told.lock().unwrap().clone()).filter(|told| told.len() >= count))
    }

    pub fn last_result(&self, mapping: &Mapping) -> String {
        let result = self.runtime.block_on(self.mappings.last_result(mapping)).unwrap();
        result.map(|result| result.text).unwrap_or_default()
    }

    pub fn await_result(&self, mapping: &Mapping, text: &str) {
        self.until(|| (self.last_result(mapping) == text).then_some(()));
    }

    pub fn pause(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    fn until<T>(&self, condition: impl Fn() -> Option<T>) -> T {
        // A lease that nobody has released lasts for 15 seconds.
        for _ in 0..6_000 {
            if let Some(found) = condition() {
                return found;
            }
            self.pause(Duration::from_millis(10));
        }
        panic!("it does not happen: {:?}", self.numbers());
    }

    /// A change of an item is never called with for the first time behind a later one.
    pub fn check_order(&self) {
        let mut newest: BTreeMap<String, u64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for record in self.records() {
            let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str().unwrap().to_owned();
            let n: u64 = record["dynamodb"]["NewImage"]["n"]["N"].as_str().unwrap().parse().unwrap();
            if seen.insert(n) {
                let newest = newest.entry(pk).or_default();
                assert!(*newest < n, "{n} behind {newest}");
                *newest = n;
            }
        }
    }

    /// The keys of all documents of mappings.
    pub fn documents(&self) -> Vec<String> {
        let mut found = Vec::new();
        let prefix = [&[8][..], b"lambda"].concat();
        let range = store::KeyRange {
            start: std::ops::Bound::Included(&prefix[..]),
            end: std::ops::Bound::Excluded(&[8, b'm'][..]),
        };
        let read = store::RangeRead {
            range,
            direction: store::Direction::Forward,
            consistency: store::Consistency::Strong,
            rows_expected: 10,
        };
        let visit = &mut |key: &[u8], _: &[u8]| {
            found.push(String::from_utf8_lossy(key).into_owned());
            Visit::Continue
        };
        store::wait::wait(self.store.range(read, visit)).unwrap();
        found
    }
}
