//! The composition: store, engine, services, pipeline.

mod audit_log;
mod background;
mod capacity_modes;
pub(crate) mod data;
mod dax;
mod denials;
mod expired_items;
pub(crate) mod keys;
mod minutes;
mod packages;
mod pages;
mod peer_calls;
mod plans;
mod query;
mod stream_readers;
mod testing;
mod triggers;

use crate::config::{Config, PeersConfig};
use crate::failure::Failure;
use crate::metrics::{MetricsPage, Sources};
use ::peers::Peers;
use application_autoscaling::ApplicationAutoScaling;
use audit::FileLog;
use background::Background;
use capacity_modes::CapacityModes;
use cloudwatch::CloudWatch;
use cognito_identity::CognitoIdentity;
pub(crate) use dax::{DaxListener, DaxMetrics};
use dax_control::{Clusters, DaxControl, Reached};
use denials::Denials;
use dynamodb::capacity::Sharing;
use dynamodb::ops::{OPERATIONS, STREAMS_OPERATIONS};
use dynamodb::service::{DynamoDbStreams, count_events};
use dynamodb::{DataKeys, DynamoDb, HandOver, PeerHost, TransferWork};
use engine::{Engine, EngineOptions, WriteStamps};
use event_source::{Mappings, ReadPermission};
use expired_items::ExpiredItems;
use http_server::{HealthPages, Pages};
use iam::{Directory, Iam};
use kinesis::Kinesis;
use kms::Kms;
use lambda::Destinations;
use lambda::{EventSources, Functions, Lambda};
use logs::{CloudWatchLogs, Logs};
pub(crate) use minutes::Minutes;
use packages::Packages;
use pages::ServerPages;
use peer_calls::PeerCalls;
use pipeline::Pipeline;
use pipeline::audit::InsideLog;
use plans::Plans;
use s3::{Objects, S3};
use std::sync::Arc;
use stdx::{Clock, Random, SystemClock};
use store::Store;
use store::lease::Leases;
use stream_readers::StreamReaders;
use sts::Sts;
use testing::Testing;
use tokio::runtime::Handle;

/// A server without its socket.
pub(crate) struct Composed {
    store: Arc<dyn Store>,
    engine: Engine,
    pipeline: Arc<Pipeline>,
    functions: Functions,
    sharing: Arc<Sharing>,
    background: Background,
    cloudwatch: Arc<CloudWatch>,
    autoscaling: Arc<ApplicationAutoScaling>,
    dax: Option<Arc<::dax::Dax>>,
    clock: Arc<dyn Clock>,
    testing: Testing,
    audit: Option<Arc<FileLog>>,
    peers: Arc<Peers>,
    peer_host: PeerHost,
}

impl Composed {
    /// Opens the data and builds everything above it, for so many threads that serve requests.
    pub(crate) fn open(config: &Config, workers: usize, reached: Option<Reached>) -> Result<Self, Failure> {
        let testing = Testing::of(&config.testing);
        let clock = testing.clock();
        let random = Random::from_os();
        let owner = random.next_u64();
        let root = keys::root(&config.keys)?;
        let store = data::open(&config.data, Arc::clone(&clock), workers)?;
        let store = keys::unsealed(store, root.as_ref(), &config.data, random.clone())?;
        let directory = Directory::open(Arc::clone(&store), config.auth.credentials());
        let directory =
            store::wait::wait(directory).map_err(|error| data::unreadable(&config.data, &error.into()))?;
        let directory = Arc::new(directory);
        let authenticator = config.auth.authenticator(Arc::clone(&directory));
        let pipeline = Pipeline::new(authenticator, Arc::clone(&clock), random.clone());
        let audit = audit_log::open(config.audit.as_ref(), clock.now_micros(), random.clone())?;
        let pipeline = match &audit {
            Some(log) => pipeline.with_audit_log(Arc::clone(log) as _),
            None => pipeline,
        };
        let figures = pipeline.figures();
        let inside = audit.clone().map(|log| InsideLog::new(log, Arc::clone(&clock), random.clone()));
        let kms_keys = keys::open(&store, root)?.with_audit_log(inside.clone());
        let write_stamps = config.dax.is_some().then(Arc::<WriteStamps>::default);
        let options = EngineOptions {
            on_event: count_events(Arc::clone(&figures)),
            keys: Arc::new(DataKeys::new(kms_keys.clone(), Arc::clone(&clock), random.clone())),
            shard_limits: config.tables.shard_limits,
            ttl_sweep: config.tables.ttl_sweep,
            write_stamps: write_stamps.clone(),
        };
        let engine = Engine::open_with(Arc::clone(&store), Arc::clone(&clock), random.clone(), options);
        let engine = engine.map_err(|error| data::unreadable(&config.data, &error))?;
        let delay = config.tables.control_plane_delay;
        let dynamodb =
            DynamoDb::new(engine.clone()).with_keys(kms_keys.clone()).with_control_plane_delay(delay);
        let folder = config.s3.folder(&config.data, &random);
        let keys = Some(kms_keys.clone());
        let objects = Objects::of(Arc::clone(&store), Arc::clone(&clock), random.clone(), folder, keys);
        let dynamodb = dynamodb.with_objects(objects.clone());
        let dynamodb = dynamodb.with_capacity_mode(config.tables.capacity).with_faults(testing.faults());
        let dynamodb = dynamodb.with_prices(Arc::clone(&config.tables.prices));
        let dynamodb = dynamodb.with_legacy_global_tables(config.tables.legacy_global_tables);
        let PeersConfig { regions, peers, .. } = &config.peers;
        let peers = Arc::new(Peers::new(regions.clone(), peers.clone(), Arc::clone(&clock)));
        let dynamodb = Arc::new(dynamodb.with_peers(Arc::clone(&peers)));
        let sharing = store::wait::wait(Sharing::open(Arc::clone(&dynamodb), owner, clock.now_micros()));
        let sharing = Arc::new(sharing.map_err(|error| data::unreadable(&config.data, &error.into()))?);
        let streams = dynamodb.kinesis.clone();
        let sources = event_source::Sources { engine: engine.clone(), kinesis: streams.clone() };
        let kinesis = Kinesis::new(streams.clone(), Arc::clone(&clock)).with_control_plane_delay(delay);
        let kms = Kms::new(kms_keys.clone());
        let logs = Logs::of(Arc::clone(&store), Arc::clone(&clock), random.clone());
        let (output, writing) = logs::Writer::of(logs.clone());
        let leases = Leases::of(Arc::clone(&store), Arc::clone(&clock), random.next_u64());
        let verifies = config.auth.verifies();
        let sessions = (Arc::clone(&clock), random.clone());
        let access = triggers::access(Arc::clone(&directory), verifies, sessions, inside.clone());
        let execution = config.lambda.execution(&config.data, output, access);
        let destinations = Destinations::of(objects.clone(), random.clone());
        let (shared, to) = (Arc::clone(&store), destinations.clone());
        let functions = Functions::of(shared, Arc::clone(&clock), random.clone(), execution, to);
        inside.into_iter().for_each(|log| functions.audited_by(log));
        let streams_clock = Arc::clone(&clock);
        let hand_over =
            HandOver::new(engine.clone(), streams.clone(), Arc::clone(&clock), Arc::clone(&figures), owner);
        let transfers = TransferWork::new(
            engine.clone(),
            objects.clone(),
            logs.clone(),
            Arc::clone(&clock),
            random.next_u64(),
        );
        let (rounds, rounds_clock) = (Arc::clone(&sharing), Arc::clone(&clock));
        let background = Background::new()
            .with(async move { rounds.run(rounds_clock.as_ref()).await })
            .with(async move { streams.run(streams_clock.as_ref()).await })
            .with(hand_over.run())
            .with(transfers.run())
            .with(functions.clone().run())
            .with(writing)
            .with(objects.clone().run())
            .with(logs.clone().run(leases));
        let replication = dynamodb::Replication::new(
            dynamodb::ReplicationParts {
                engine: engine.clone(),
                clock: Arc::clone(&clock),
                figures: Arc::clone(&figures),
                faults: testing.faults(),
                random: random.clone(),
            },
            owner,
        );
        let replication = replication.with_peers(Arc::clone(&peers));
        let background = background.with(replication.run()).with(Arc::clone(&peers).run());
        let peer_host = PeerHost {
            service: Arc::clone(&dynamodb),
            clock: Arc::clone(&clock),
            figures: Arc::clone(&figures),
            random: random.clone(),
        };
        let dynamodb_streams = DynamoDbStreams::of(&dynamodb);
        let readers = Arc::new(StreamReaders {
            directory: Arc::clone(&directory),
            functions: functions.clone(),
            streams: DynamoDbStreams::of(&dynamodb),
            figures: Arc::clone(&figures),
            clock: Arc::clone(&clock),
            random: random.clone(),
        });
        // Where signatures are not verified, no policy counts.
        let permission = match verifies {
            true => {
                destinations.ask(readers.roles());
                readers.permission()
            }
            false => ReadPermission::default(),
        };
        let mappings = Mappings::of(Arc::clone(&store));
        let event_sources = EventSources { mappings, sources, permission, destinations };
        let poller = triggers::poller(
            event_sources.clone(),
            &store,
            functions.clone(),
            Arc::clone(&clock),
            random.clone(),
        );
        let background = background.with_orderly(|stopped| poller.run(stopped));
        let cloudwatch = Arc::new(CloudWatch::new(cloudwatch::Parts {
            store: Arc::clone(&store),
            figures: Arc::clone(&figures),
            clock: Arc::clone(&clock),
            random: random.clone(),
            levels: Box::new(levels_of(engine.clone())),
            insight_rules: Box::new(dynamodb::contributor_insights::rules_of(engine.clone())),
            functions: functions.clone(),
        }));
        functions.measured_by(triggers::measures(Arc::downgrade(&cloudwatch), Arc::clone(&clock)));
        let autoscaling = ApplicationAutoScaling::connected(application_autoscaling::Parts {
            store: Arc::clone(&store),
            dynamodb: Arc::clone(&dynamodb),
            cloudwatch: Arc::clone(&cloudwatch),
            figures,
            clock: Arc::clone(&clock),
            random: random.clone(),
            audit: audit.clone().map(|log| log as _),
        });
        let cognito_identity =
            CognitoIdentity::new(Arc::clone(&store), Arc::clone(&directory), config.auth.issuers());
        let for_dax = Arc::clone(&dynamodb);
        let dax_control = DaxControl::new(Arc::clone(&store), reached).with_control_plane_delay(delay);
        let pipeline = pipeline
            .with_service(dynamodb, &OPERATIONS)
            .with_service(Arc::new(dynamodb_streams), &STREAMS_OPERATIONS)
            .with_service(Arc::new(Iam { directory: Arc::clone(&directory) }), &iam::ops::OPERATIONS)
            .with_service(Arc::new(cognito_identity), &cognito_identity::ops::OPERATIONS)
            .with_service(Arc::new(Sts { directory, issuers: config.auth.issuers() }), &sts::ops::OPERATIONS)
            .with_service(Arc::clone(&cloudwatch), &cloudwatch::ops::OPERATIONS)
            .with_service(Arc::clone(&autoscaling), &application_autoscaling::ops::OPERATIONS)
            .with_service(Arc::new(dax_control), &dax_control::ops::OPERATIONS)
            .with_service(Arc::new(kinesis), &kinesis::ops::OPERATIONS)
            .with_service(Arc::new(kms), &kms::ops::OPERATIONS)
            .with_service(Arc::new(CloudWatchLogs::new(logs)), &logs::ops::OPERATIONS)
            .with_service(Arc::new(S3::new(objects.clone())), &s3::ops::OPERATIONS)
            .with_service(
                Arc::new(Lambda::new(functions.clone(), event_sources, objects)),
                &lambda::ops::OPERATIONS,
            );
        let pipeline = Arc::new(pipeline);
        let dax = config.dax.as_ref().map(|dax| {
            Arc::new(::dax::Dax::new(::dax::Parts {
                dynamodb: for_dax,
                pipeline: Arc::clone(&pipeline),
                clusters: Clusters::of(Arc::clone(&store)),
                clock: Arc::clone(&clock),
                random,
                advertised: dax.advertised,
                cache: dax.cache,
                write_stamps,
            }))
        });
        Ok(Composed {
            store,
            engine,
            pipeline,
            functions,
            sharing,
            background,
            cloudwatch,
            autoscaling,
            dax,
            clock,
            testing,
            audit,
            peers,
            peer_host,
        })
    }

    /// What requests go through.
    pub(crate) fn pipeline(&self) -> Arc<Pipeline> {
        Arc::clone(&self.pipeline)
    }

    /// Starts what is done once a minute.
    pub(crate) fn minutes(&self, runtime: Handle) -> Result<Minutes, Failure> {
        let services = (Arc::clone(&self.cloudwatch), Arc::clone(&self.autoscaling));
        let dax = self.dax.clone().map(DaxMetrics::of);
        Minutes::start(services, dax, Arc::clone(&self.clock), runtime)
    }

    /// What serves DAX's clients, where they are served.
    pub(crate) fn dax(&self) -> Option<Arc<::dax::Dax>> {
        self.dax.clone()
    }

    /// What is answered beside operations. The server is ready while the store takes writes.
    pub(crate) fn pages(&self, config: &Config) -> Arc<dyn Pages> {
        let store = Arc::clone(&self.store);
        let is_ready = move || store.health().map_err(|why| why.to_string());
        let health = HealthPages::new(config.persona.clone(), is_ready);
        let verifier = config.auth.verifies().then(|| self.pipeline());
        let expired_items = ExpiredItems::of(self.engine.clone(), verifier.clone());
        let plans = Plans {
            engine: self.engine.clone(),
            cloudwatch: Arc::clone(&self.cloudwatch),
            prices: Arc::clone(&config.tables.prices),
            clock: Arc::clone(&self.clock),
            verifier: verifier.clone(),
        };
        let capacity_modes = CapacityModes::of(self.engine.clone(), verifier);
        let sources = Sources {
            figures: self.pipeline.figures(),
            engine: self.engine.clone(),
            connections: config.http.settings().connections,
        };
        let metrics = MetricsPage::new(config.metrics.clone(), sources, Arc::new(SystemClock));
        let denials = Denials::of(self.pipeline(), config.auth.verifies());
        let testing = self.testing.clone();
        let (peers, clock) = (Arc::clone(&self.peers), Arc::clone(&self.clock));
        let host = self.peer_host.clone();
        let peer_calls = PeerCalls { peers, clock, host, told: Arc::default() };
        let packages = Packages::of(self.functions.clone(), Arc::clone(&self.clock));
        Arc::new(ServerPages {
            health: Box::new(health),
            expired_items,
            capacity_modes,
            plans,
            denials,
            packages,
            peer_calls,
            testing,
            metrics,
        })
    }

    /// Hands the address of this server to the functions.
    pub(crate) fn reached_at(&self, url: String) {
        self.functions.reached_at(url);
    }

    /// Starts what the services do behind requests.
    pub(crate) fn start_background(&mut self) {
        self.background.start();
    }

    /// Ends what ends in order: it gives back what other servers would wait for.
    pub(crate) async fn stop_background(&mut self) {
        self.background.stop().await;
    }

    /// Closes the data, so that the next start has nothing to replay.
    pub(crate) fn close(self) -> Result<(), Failure> {
        drop(self.background);
        if let Err(error) = store::wait::wait(self.sharing.leave(self.clock.now_micros())) {
            tracing::warn!(%error, "what tables had left to read and write was not kept");
        }
        self.audit.iter().for_each(|log| log.close());
        let closed = self.store.close();
        closed.map_err(|error| {
            Failure::Other(format!("the data was not closed cleanly: {error}; nothing acknowledged is lost"))
        })
    }
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
