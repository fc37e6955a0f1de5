//! A whole server in this process: pipeline, operations and engine on a store, without sockets. Its clock moves only
//! when a case advances it.

mod signing;

use crate::target::{DATE, Reply, Request, Target};
use application_autoscaling::ApplicationAutoScaling;
use cloudwatch::CloudWatch;
use cognito_identity::CognitoIdentity;
use dax_control::{DaxControl, Reached};
use dynamodb::faults::Faults;
use dynamodb::ops::{OPERATIONS, STREAMS_OPERATIONS};
use dynamodb::service::{DynamoDbStreams, count_events};
use dynamodb::{DataKeys, DynamoDb, HandOver, TransferWork};
use engine::table::CapacityMode;
use engine::{Engine, EngineOptions};
use event_source::{Mappings, ReadPermission, Sources};
use figures::Figures;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use iam::{Directory, Iam};
use identity::{Authenticator, Strictness};
use kinesis::Kinesis;
use kms::{Keys, Kms, RootKey};
use lambda::Destinations;
use lambda::{EventSources, Execution, ExecutionSettings, Functions, Lambda};
use logs::{CloudWatchLogs, Logs};
use parking_lot::RwLock;
use pipeline::{Pipeline, Response};
use s3::{Folder, Objects, S3};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stdx::{Clock, ManualClock, Random};
use store::Store;
use store_embedded::{EmbeddedStore, Options};
use store_postgres::PostgresStore;
use sts::Sts;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

/// 2026-01-01, the day the cases' credentials are of.
const START_MICROS: u64 = 1_767_225_600_000_000;

/// The store under the server.
#[derive(Debug, Clone)]
pub enum Engines {
    /// Keeps nothing.
    Memory,
    /// Keeps nothing, answers late, decides twice, and loses answers of commits.
    Slow,
    /// Keeps nothing, under two servers that answer in turns.
    Two,
    /// The embedded store in this folder.
    Embedded(PathBuf),
    /// A schema of a PostgreSQL, under so many servers with a store each, which answer in turns.
    Postgres {
        /// The database.
        url: String,
        /// The schema.
        schema: String,
        /// How many.
        servers: usize,
        /// For the bytes of S3's objects.
        folder: PathBuf,
    },
}

impl Engines {
    /// Whether the data is there when the server is started again.
    fn is_durable(&self) -> bool {
        matches!(self, Engines::Embedded(_) | Engines::Postgres { .. })
    }

    /// The stores of its servers: one that they share, or one for each.
    fn stores(&self, clock: &Arc<dyn Clock>) -> Vec<Arc<dyn Store>> {
        let clock = || Arc::clone(clock);
        match self {
            Engines::Memory => vec![Arc::new(store::MemoryStore::new(clock()))],
            Engines::Two => {
                let shared = Arc::new(store::MemoryStore::new(clock()));
                vec![Arc::clone(&shared) as _, shared]
            }
            Engines::Slow => {
                let memory = Arc::new(store::MemoryStore::new(clock()));
                vec![Arc::new(store::SlowStore::new(memory, 7).losing_one_of(4))]
            }
            Engines::Embedded(folder) => {
                let options = Options { clock: clock(), ..Options::default() };
                vec![Arc::new(EmbeddedStore::open(folder, options).expect("the store opens"))]
            }
            Engines::Postgres { url, schema, servers, .. } => {
                let of_url = store_postgres::Options::of(url);
                let options = store_postgres::Options { schema: schema.clone(), clock: clock(), ..of_url };
                let open = || PostgresStore::open(options.clone()).expect("the store opens");
                (0..*servers).map(|_| Arc::new(open()) as Arc<dyn Store>).collect()
            }
        }
    }
}

/// A server in this process.
pub struct InProcess {
    engines: Engines,
    settings: Settings,
    clock: Arc<ManualClock>,
    runtime: tokio::runtime::Runtime,
    running: RwLock<Running>,
}

/// Settings that the cases of some files need.
#[derive(Debug, Clone, Default)]
struct Settings {
    delay: Duration,
    capacity: CapacityMode,
    faults: Arc<Faults>,
}

struct Running {
    stores: Vec<Arc<dyn Store>>,
    engines: Vec<Engine>,
    /// The servers on the store, one for each engine.
    pipelines: Vec<Pipeline>,
    minutes: Vec<Minutes>,
    answered: AtomicUsize,
    /// What the servers do behind requests.
    background: JoinSet<()>,
}

/// What a server does once a minute.
struct Minutes {
    cloudwatch: Arc<CloudWatch>,
    autoscaling: Arc<ApplicationAutoScaling>,
}

impl Minutes {
    async fn pass(&self, now_micros: u64) {
        self.cloudwatch.tick(now_micros).await;
        self.autoscaling.tick(now_micros).await;
    }
}

impl Running {
    /// Whose turn it is.
    fn pipeline(&self) -> &Pipeline {
        &self.pipelines[self.answered.fetch_add(1, Ordering::Relaxed) % self.pipelines.len()]
    }
}

impl InProcess {
    /// Starts a server.
    pub fn start(engines: Engines) -> Self {
        InProcess::start_with(engines, Settings::default())
    }

    /// Starts one that shows changes of tables for so long.
    pub fn start_delayed(engines: Engines, delay: Duration) -> Self {
        InProcess::start_with(engines, Settings { delay, ..Settings::default() })
    }

    /// Starts one that refuses what is above the limits of tables.
    pub fn start_enforcing(engines: Engines) -> Self {
        InProcess::start_with(engines, Settings { capacity: CapacityMode::Enforce, ..Settings::default() })
    }

    fn start_with(engines: Engines, settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::at(START_MICROS));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.expect("a runtime can be built");
        let running = RwLock::new(open(&engines, &clock, &settings, runtime.handle()));
        InProcess { engines, settings, clock, runtime, running }
    }

    /// Ends what the servers do behind requests, and waits until nothing of it holds the store.
    fn end_background(&self, running: &mut Running) {
        self.runtime.block_on(async {
            running.background.shutdown().await;
            while self.runtime.metrics().num_alive_tasks() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    }

    /// What is to go wrong with its requests.
    pub fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.settings.faults)
    }

    /// What its requests cost and how they ended; of the first, where there are two servers.
    pub fn figures(&self) -> Arc<Figures> {
        self.running.read().pipelines[0].figures()
    }
}

fn open(engines: &Engines, clock: &Arc<ManualClock>, settings: &Settings, runtime: &Handle) -> Running {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let stores = engines.stores(&clock);
    let folder = match engines {
        Engines::Embedded(folder) => Folder::at(folder.join("s3"), true),
        Engines::Postgres { folder, .. } => Folder::at(folder, true),
        _ => Folder::temporary(&Random::from_os()),
    };
    let mut running = Running {
        stores: stores.clone(),
        engines: Vec::new(),
        pipelines: Vec::new(),
        minutes: Vec::new(),
        answered: AtomicUsize::new(0),
        background: JoinSet::new(),
    };
    for (server, store) in (0..).zip(&stores) {
        let Served { engine, pipeline, minutes, hand_over, transfers } =
            server_on(store, &clock, &folder, settings, server);
        running.background.spawn_on(hand_over.run(), runtime);
        running.background.spawn_on(transfers.run(), runtime);
        running.engines.push(engine);
        running.pipelines.push(pipeline);
        running.minutes.push(minutes);
    }
    for (server, (engine, pipeline)) in (0..).zip(running.engines.iter().zip(&running.pipelines)) {
        let parts = dynamodb::ReplicationParts {
            engine: engine.clone(),
            clock: Arc::clone(&clock),
            figures: pipeline.figures(),
            faults: Arc::clone(&settings.faults),
            random: Random::from_seed(11 + server),
        };
        running.background.spawn_on(dynamodb::Replication::new(parts, server).run(), runtime);
    }
    running
}

/// One server.
struct Served {
    engine: Engine,
    pipeline: Pipeline,
    minutes: Minutes,
    hand_over: HandOver,
    transfers: TransferWork,
}

fn server_on(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    folder: &Folder,
    settings: &Settings,
    server: u64,
) -> Served {
    let random = Random::from_seed(7 + server);
    let directory = store::wait::wait(Directory::open(Arc::clone(store), signing::Accounts));
    let directory = Arc::new(directory.expect("the directory opens"));
    let authenticator = Authenticator::new(Strictness::Form).with_credentials(Arc::clone(&directory));
    let pipeline = Pipeline::new(authenticator, Arc::clone(clock), random.clone());
    let figures = pipeline.figures();
    let keys = store::wait::wait(Keys::open(Arc::clone(store), RootKey::new(&[7; 32])));
    let keys = keys.expect("the root key is always the same");
    let options = EngineOptions {
        on_event: count_events(Arc::clone(&figures)),
        keys: Arc::new(DataKeys::new(keys.clone(), Arc::clone(clock), random.clone())),
        ..EngineOptions::default()
    };
    let engine = Engine::open_with(Arc::clone(store), Arc::clone(clock), random.clone(), options);
    let engine = engine.expect("the engine opens");
    let dynamodb =
        DynamoDb::new(engine.clone()).with_keys(keys.clone()).with_control_plane_delay(settings.delay);
    let (folder, of_kms) = (folder.clone(), Some(keys.clone()));
    let objects = Objects::of(Arc::clone(store), Arc::clone(clock), random.clone(), folder, of_kms);
    let dynamodb = dynamodb.with_objects(objects.clone());
    let dynamodb = dynamodb.with_capacity_mode(settings.capacity).with_faults(Arc::clone(&settings.faults));
    let dynamodb = Arc::new(dynamodb);
    let streams = dynamodb.kinesis.clone();
    let hand_over =
        HandOver::new(engine.clone(), streams.clone(), Arc::clone(clock), Arc::clone(&figures), server);
    let kinesis = Kinesis::new(streams.clone(), Arc::clone(clock)).with_control_plane_delay(settings.delay);
    let logs = Logs::of(Arc::clone(store), Arc::clone(clock), random.clone());
    let transfers =
        TransferWork::new(engine.clone(), objects.clone(), logs.clone(), Arc::clone(clock), 1_000 + server);
    let destinations = Destinations::of(objects.clone(), random.clone());
    let functions = Functions::of(
        Arc::clone(store),
        Arc::clone(clock),
        random.clone(),
        Execution::On(ExecutionSettings::default()),
        destinations.clone(),
    );
    let cloudwatch = Arc::new(CloudWatch::new(cloudwatch::Parts {
        store: Arc::clone(store),
        figures: Arc::clone(&figures),
        clock: Arc::clone(clock),
        random: random.clone(),
        levels: Box::new(levels_of(engine.clone())),
        insight_rules: Box::new(dynamodb::contributor_insights::rules_of(engine.clone())),
        functions: functions.clone(),
    }));
    let autoscaling = ApplicationAutoScaling::connected(application_autoscaling::Parts {
        store: Arc::clone(store),
        dynamodb: Arc::clone(&dynamodb),
        cloudwatch: Arc::clone(&cloudwatch),
        figures,
        clock: Arc::clone(clock),
        random,
        audit: None,
    });
    let sources = Sources { engine: engine.clone(), kinesis: streams.clone() };
    let (mappings, permission) = (Mappings::of(Arc::clone(store)), ReadPermission::default());
    let event_sources = EventSources { mappings, sources, permission, destinations };
    let kms = Kms::new(keys);
    let cognito_identity =
        CognitoIdentity::new(Arc::clone(store), Arc::clone(&directory), sts::Issuers::default());
    let reached = Reached { ip: None, port: 8111, is_tls: false };
    let dax = DaxControl::new(Arc::clone(store), Some(reached)).with_control_plane_delay(settings.delay);
    let dynamodb_streams = DynamoDbStreams::of(&dynamodb);
    let pipeline = pipeline
        .with_service(dynamodb, &OPERATIONS)
        .with_service(Arc::new(dynamodb_streams), &STREAMS_OPERATIONS)
        .with_service(Arc::new(Iam { directory: Arc::clone(&directory) }), &iam::ops::OPERATIONS)
        .with_service(Arc::new(cognito_identity), &cognito_identity::ops::OPERATIONS)
        .with_service(Arc::new(Sts { directory, issuers: sts::Issuers::default() }), &sts::ops::OPERATIONS)
        .with_service(Arc::clone(&cloudwatch), &cloudwatch::ops::OPERATIONS)
        .with_service(Arc::clone(&autoscaling), &application_autoscaling::ops::OPERATIONS)
        .with_service(Arc::new(dax), &dax_control::ops::OPERATIONS)
        .with_service(Arc::new(kinesis), &kinesis::ops::OPERATIONS)
        .with_service(Arc::new(kms), &kms::ops::OPERATIONS)
        .with_service(Arc::new(CloudWatchLogs::new(logs)), &logs::ops::OPERATIONS)
        .with_service(Arc::new(S3::new(objects.clone())), &s3::ops::OPERATIONS)
        .with_service(Arc::new(Lambda::new(functions, event_sources, objects)), &lambda::ops::OPERATIONS);
    Served { engine, pipeline, minutes: Minutes { cloudwatch, autoscaling }, hand_over, transfers }
}

/// What the tables of an engine are provisioned with and limited to.
fn levels_of(engine: Engine) -> impl Fn() -> Vec<cloudwatch::Level> {
    let level = |known: dynamodb::levels::Level| cloudwatch::Level {
        account: known.scope.account,
        region: known.scope.region,
        metric: known.metric,
        unit: known.unit,
        table: known.table,
        index: known.index,
        value: known.value,
    };
    move || dynamodb::levels::levels(&engine).into_iter().map(level).collect()
}

impl Target for InProcess {
    fn name(&self) -> String {
        format!("in process on {:?}", self.engines)
    }

    fn send(&self, request: &Request) -> io::Result<Reply> {
        let mut call = call_of(request).map_err(io::Error::other)?;
        signing::sign_where_verified(&mut call, self.clock.now_micros());
        let running = self.running.read();
        let response = self.runtime.block_on(running.pipeline().answer(&call));
        Ok(reply_of(&response))
    }

    fn now_seconds(&self) -> u64 {
        self.clock.now_micros() / 1_000_000
    }

    fn advance(&self, seconds: u64) -> bool {
        let running = self.running.read();
        let settle = || running.engines.iter().for_each(Engine::wait_for_jobs);
        settle(); // no job sees the clock jump in the middle of a step
        self.clock.advance_micros(seconds * 1_000_000);
        settle();
        let now = self.clock.now_micros();
        running.minutes.iter().for_each(|minutes| self.runtime.block_on(minutes.pass(now)));
        true
    }

    fn delay_seconds(&self) -> u64 {
        self.settings.delay.as_secs()
    }

    fn enforces_capacity(&self) -> bool {
        self.settings.capacity == CapacityMode::Enforce
    }

    fn restart(&self) -> bool {
        if !self.engines.is_durable() {
            return false;
        }
        let mut running = self.running.write();
        let now = self.clock.now_micros();
        running.minutes.iter().for_each(|minutes| self.runtime.block_on(minutes.pass(now)));
        self.end_background(&mut running);
        running.stores.iter().for_each(|store| store.close().expect("the store closes"));
        // The old server holds the lock of the folder, so it is dropped before the folder is opened again.
        let handle = self.runtime.handle();
        *running = open(&Engines::Memory, &self.clock, &self.settings, handle);
        self.end_background(&mut running);
        *running = open(&self.engines, &self.clock, &self.settings, handle);
        true
    }
}

fn call_of(request: &Request) -> Result<pipeline::Request, http::Error> {
    let mut headers = HeaderMap::new();
    let around = [("Host", "127.0.0.1:8000"), ("X-Amz-Date", DATE)];
    let given = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in around.into_iter().chain(given) {
        headers.insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
    }
    Ok(pipeline::Request {
        method: Method::from_bytes(request.method.as_bytes())?,
        uri: request.path.parse::<Uri>()?,
        headers,
        body: request.body.clone().into(),
        sent: None,
        peer: None,
        streams: None,
    })
}

fn reply_of(response: &Response) -> Reply {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers = vec![
        ("x-amz-crc32".to_owned(), response.crc32.to_string()),
        ("x-amzn-requestid".to_owned(), response.request_id.to_string()),
    ];
    headers.extend(response.content_type.iter().map(|value| ("content-type".to_owned(), text(value))));
    headers.extend(response.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))));
    Reply { status: response.status, headers, body: response.body.to_vec() }
}
