//! The service: what its operations run on.

use crate::auto_scaling::Scaling;
use crate::bulk_put::BulkPuts;
use crate::capacity::{self, Limiter};
use crate::errors::{codes, store_error};
use crate::export::Exports;
use crate::faults::Faults;
use crate::import::Imports;
use crate::legacy_global_table::LegacyGlobalTables;
use crate::reservations::Reservations;
use crate::resource_policies::ResourcePolicies;
use engine::table::CapacityMode;
use engine::{Engine, OnEvent, Scope};
use figures::{Fault, Figures};
use kinesis::Streams;
use kms::Keys;
use model::{ApiError, Code, code};
use peers::Peers;
use pipeline::{Access, Caller, Cx, Interference, Kind, Service};
use prices::Prices;
use s3::Objects;
use std::sync::Arc;
use std::time::Duration;

/// DynamoDB on one engine.
#[derive(Debug)]
pub struct DynamoDb {
    /// The tables.
    pub engine: Engine,
    /// The Kinesis data streams that changes may go to.
    pub kinesis: Streams,
    /// The keys of KMS that tables are encrypted under.
    pub keys: Option<Keys>,
    /// The objects of S3.
    pub(crate) objects: Option<Objects>,
    /// How long a change of a table shows as under way.
    pub control_plane_delay: Duration,
    /// What tables may read and write.
    pub limiter: Limiter,
    /// The policies of tables and streams.
    pub policies: Arc<ResourcePolicies>,
    /// What is to go wrong, for tests.
    pub faults: Arc<Faults>,
    /// The servers that host other regions.
    pub peers: Arc<Peers>,
    /// Exports of tables, done and under way.
    pub(crate) exports: Exports,
    /// Imports of tables, done and under way.
    pub(crate) imports: Imports,
    /// Bulk operations on tables, done and under way.
    pub(crate) bulk_puts: BulkPuts,
    /// Capacity that was paid in advance.
    pub reservations: Reservations,
    /// What capacity costs.
    pub prices: Arc<Prices>,
    /// What lets new tables scale.
    pub scaling: Scaling,
    /// What is done about global tables of version 2017.11.29.
    pub legacy_global_tables: LegacyGlobalTables,
}

impl DynamoDb {
    /// The service on this engine.
    pub fn new(engine: Engine) -> Self {
        let kinesis = Streams::of(engine.shared_store());
        let policies = Arc::new(ResourcePolicies::default());
        policies.follow(&engine);
        let exports = Exports::of(engine.shared_store());
        let imports = Imports::of(engine.shared_store());
        let bulk_puts = BulkPuts::of(engine.shared_store());
        let reservations = Reservations::of(engine.shared_store());
        DynamoDb {
            engine,
            kinesis,
            keys: None,
            objects: None,
            control_plane_delay: Duration::ZERO,
            limiter: Limiter::default(),
            policies,
            faults: Arc::default(),
            peers: Arc::default(),
            exports,
            imports,
            bulk_puts,
            reservations,
            prices: Arc::default(),
            scaling: Scaling::default(),
            legacy_global_tables: LegacyGlobalTables::default(),
        }
    }

    /// The same with keys of KMS for tables.
    pub fn with_keys(self, keys: Keys) -> Self {
        DynamoDb { keys: Some(keys), ..self }
    }

    /// The same with objects of S3 for exports and imports.
    pub fn with_objects(self, objects: Objects) -> Self {
        DynamoDb { objects: Some(objects), ..self }
    }

    /// The same with changes of tables that show for so long.
    pub fn with_control_plane_delay(self, control_plane_delay: Duration) -> Self {
        DynamoDb { control_plane_delay, ..self }
    }

    /// The same with requests above the limits of tables, and records above those of shards, treated so.
    pub fn with_capacity_mode(self, mode: CapacityMode) -> Self {
        DynamoDb { limiter: Limiter::new(mode), kinesis: self.kinesis.with_capacity_mode(mode), ..self }
    }

    /// The same with faults on demand, by rules that others may change.
    pub fn with_faults(self, faults: Arc<Faults>) -> Self {
        DynamoDb { faults, ..self }
    }

    /// The same with servers that host other regions.
    pub fn with_peers(self, peers: Arc<Peers>) -> Self {
        DynamoDb { peers, ..self }
    }

    /// The same with these prices.
    pub fn with_prices(self, prices: Arc<Prices>) -> Self {
        DynamoDb { prices, ..self }
    }

    /// The same with global tables of version 2017.11.29 treated so.
    pub fn with_legacy_global_tables(self, legacy_global_tables: LegacyGlobalTables) -> Self {
        DynamoDb { legacy_global_tables, ..self }
    }

    /// Until when a change that is made now shows as under way; 0: only in its own answer.
    pub(crate) fn shows_until_micros(&self, now_micros: u64) -> u64 {
        match self.control_plane_delay.as_micros() as u64 {
            0 => 0,
            delay => now_micros.saturating_add(delay),
        }
    }
}

/// What a request is refused with because there was too much of it.
const THROTTLED: [Code; 4] = [
    code::THROTTLING,
    codes::THROTTLING,
    codes::PROVISIONED_THROUGHPUT_EXCEEDED,
    codes::REQUEST_LIMIT_EXCEEDED,
];

impl Service for DynamoDb {
    const TARGET_PREFIX: &'static str = model::dynamodb::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "dynamodb";
    const INTERNAL_ERROR: Code = codes::INTERNAL_SERVER;

    async fn refresh(&self) -> Result<(), ApiError> {
        refresh(&self.engine).await?;
        self.policies.follow(&self.engine);
        Ok(())
    }

    fn has_resource_policies(&self) -> bool {
        self.policies.are_there()
    }

    fn interfere<'a>(
        cx: &'a Cx<'_, Self>,
        operation: &'static str,
        kind: Kind,
        access: impl FnOnce() -> Access<'a>,
    ) -> Option<Interference> {
        Faults::interfere(cx, operation, kind, access)
    }

    fn fault(error: &ApiError) -> Fault {
        match error.code {
            failed if failed == codes::CONDITIONAL_CHECK_FAILED => Fault::ConditionFailed,
            throttled if THROTTLED.contains(&throttled) => Fault::Throttled,
            failure if failure.status() >= 500 => Fault::System,
            _ => Fault::User,
        }
    }
}

/// The observer of an engine's jobs that records them in the figures.
pub fn count_events(figures: Arc<Figures>) -> Arc<OnEvent> {
    Arc::new(move |table, event| capacity::note_event(&figures, table, event))
}

/// Whose tables a caller means.
pub fn scope_of(caller: &Caller) -> Scope {
    Scope { account: Arc::clone(&caller.account), region: Arc::clone(&caller.region) }
}

/// DynamoDB Streams, on the same engine.
#[derive(Debug)]
pub struct DynamoDbStreams {
    /// The tables.
    pub engine: Engine,
    /// The policies of tables and streams.
    pub policies: Arc<ResourcePolicies>,
}

impl DynamoDbStreams {
    /// The streams of the tables of a DynamoDB.
    pub fn of(dynamodb: &DynamoDb) -> Self {
        DynamoDbStreams { engine: dynamodb.engine.clone(), policies: Arc::clone(&dynamodb.policies) }
    }
}

impl Service for DynamoDbStreams {
    const TARGET_PREFIX: &'static str = model::dynamodb_streams::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "dynamodb";
    const INTERNAL_ERROR: Code = codes::INTERNAL_SERVER;

    async fn refresh(&self) -> Result<(), ApiError> {
        refresh(&self.engine).await?;
        self.policies.follow(&self.engine);
        Ok(())
    }

    fn has_resource_policies(&self) -> bool {
        self.policies.are_there()
    }
}

async fn refresh(engine: &Engine) -> Result<(), ApiError> {
    if engine.is_current() {
        return Ok(());
    }
    engine.refresh().await.map_err(|error| store_error(&error))
}
