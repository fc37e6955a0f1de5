//! The service: what its operations run on.

use crate::errors::{self, store_error};
use crate::ops::tags::Tagged;
use crate::stream::{Changing, Shard, Status, Stream};
use crate::streams::{NewRecord, Streams};
use crate::subscriptions::Subscriptions;
use engine::Scope;
use model::{ApiError, Code};
use pipeline::{Caller, Cx, Protocol, Seal, Service};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use stdx::Clock;

/// The name of the secret that iterators and tokens are sealed with.
const SECRET: &str = "kinesis";
/// How long they are good.
const LIFE_MICROS: u64 = 300 * 1_000_000;

/// Kinesis on one store.
pub struct Kinesis {
    /// The streams.
    pub streams: Streams,
    /// How long a change of a stream shows as under way.
    control_plane_delay: Duration,
    /// Who is subscribed to shards.
    pub(crate) subscriptions: Subscriptions,
    clock: Arc<dyn Clock>,
}

impl Kinesis {
    /// The service on these streams. Subscriptions last by this clock.
    pub fn new(streams: Streams, clock: Arc<dyn Clock>) -> Self {
        let subscriptions = Subscriptions::of(streams.shared_store());
        Kinesis { streams, control_plane_delay: Duration::ZERO, subscriptions, clock }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The same with changes of streams that show for so long.
    pub fn with_control_plane_delay(self, control_plane_delay: Duration) -> Self {
        Kinesis { control_plane_delay, ..self }
    }

    /// Refuses a record that its shard does not take now.
    pub(crate) fn admit(&self, stream: &Stream, record: &NewRecord, now_micros: u64) -> Result<(), ApiError> {
        match (self.streams.takes(stream, record, now_micros), stream.shard_of(record.hash)) {
            (false, Some(shard)) => Err(errors::rate_exceeded(stream, shard)),
            _ => Ok(()),
        }
    }

    /// Refuses to read a shard that gives nothing now.
    pub(crate) fn admit_reading(
        &self,
        stream: &Stream,
        shard: &Shard,
        now_micros: u64,
    ) -> Result<(), ApiError> {
        match self.streams.limits().is_none_or(|limits| limits.begin_reading(shard, now_micros)) {
            true => Ok(()),
            false => Err(errors::rate_exceeded(stream, shard)),
        }
    }

    /// So many bytes of a shard were read.
    pub(crate) fn was_read(&self, shard: &Shard, bytes: usize, now_micros: u64) {
        if let Some(limits) = self.streams.limits() {
            limits.read(shard, bytes, now_micros);
        }
    }

    /// Whether records may be refused because of their shard.
    pub(crate) fn enforces_limits(&self) -> bool {
        self.streams.limits().is_some()
    }

    /// What shows of a change that is made now.
    pub(crate) fn changing(&self, status: Status, now_micros: u64) -> Option<Changing> {
        let delay = self.control_plane_delay.as_micros() as u64;
        (delay > 0).then(|| Changing { status, until_micros: now_micros.saturating_add(delay) })
    }

    /// Runs with what seals something for a caller.
    pub(crate) async fn sealed<R>(
        &self,
        scope: &Scope,
        what: &str,
        act: impl FnOnce(&Seal<'_>) -> R,
    ) -> Result<R, ApiError> {
        let secret = store::secret::secret(self.streams.store(), SECRET).await;
        let secret = secret.map_err(|error| store_error(&error))?;
        let context = format!("{what}/{}/{}", scope.account, scope.region);
        Ok(act(&Seal { secret: &secret, context: &context, life_micros: LIFE_MICROS }))
    }
}

impl fmt::Debug for Kinesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kinesis").field("streams", &self.streams).finish_non_exhaustive()
    }
}

impl Service for Kinesis {
    const TARGET_PREFIX: &'static str = model::kinesis::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "kinesis";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11, Protocol::AwsCbor11];
    /// PutRecords takes ten megabytes of records, which are a third longer in Base64.
    const BODY_BYTES_MAX: Option<usize> = Some(16 * 1024 * 1024);
    const INTERNAL_ERROR: Code = errors::INTERNAL_FAILURE;
    const HAS_TAGS: bool = true;

    async fn tags_of(cx: &Cx<'_, Self>, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        Tagged::parse(Some(arn.to_owned()))?.read(cx).await
    }
}

/// Whose streams a caller means.
pub fn scope_of(caller: &Caller) -> Scope {
    Scope { account: Arc::clone(&caller.account), region: Arc::clone(&caller.region) }
}
