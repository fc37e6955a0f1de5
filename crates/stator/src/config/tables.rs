//! Settings of table changes, sweeps, capacity and stream shards.

use super::file::Mode;
use super::{beside, duration};
use crate::cli::{Capacity, Invocation, LegacyTables};
use crate::failure::Failure;
use dynamodb::legacy_global_table::LegacyGlobalTables;
use engine::EngineOptions;
use engine::stream::ShardLimits;
use engine::table::CapacityMode;
use prices::Prices;
use serde::Deserialize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// `[tables]`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TablesSection {
    /// As `--control-plane-delay`.
    control_plane_delay: Option<String>,
    /// As `--stream-retention`.
    stream_retention: Option<String>,
    /// As `--stream-shard-life`.
    stream_shard_life: Option<String>,
    /// As `--stream-shard-writes`.
    stream_shard_writes: Option<u32>,
    /// As `--ttl-sweep`.
    ttl_sweep: Option<String>,
    /// As `--capacity`.
    capacity: Option<Capacity>,
    /// As `--prices`.
    prices: Option<PathBuf>,
    /// As `--legacy-global-tables`.
    legacy_global_tables: Option<LegacyTables>,
}

/// How changes of tables go in this run.
#[derive(Debug, PartialEq)]
pub(crate) struct TablesConfig {
    /// How long a change shows as under way.
    pub(crate) control_plane_delay: Duration,
    /// When shards of streams are replaced, and how long records can be read.
    pub(crate) shard_limits: ShardLimits,
    /// How often expired items are swept; `None`: only on request.
    pub(crate) ttl_sweep: Option<Duration>,
    /// What happens above the limits of a table.
    pub(crate) capacity: CapacityMode,
    /// What capacity costs.
    pub(crate) prices: Arc<Prices>,
    /// What is done about global tables of version 2017.11.29.
    pub(crate) legacy_global_tables: LegacyGlobalTables,
}

/// Waiters give up long before an hour.
const DELAYS: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3_600);
/// A day is how long records are kept.
const SHARD_LIVES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 3_600);
/// More than a day no consumer of DynamoDB counts on.
const RETENTIONS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 3_600);
/// More often it finds nothing new; more seldom it is no sweep.
const SWEEPS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(24 * 3_600);
/// What `-delayTransientStatuses` of DynamoDB Local means.
const LOCAL_DELAY: Duration = Duration::from_secs(2);

impl TablesConfig {
    pub(super) fn resolve(told: &Invocation, file: TablesSection, mode: Mode) -> Result<Self, Failure> {
        let written = told.control_plane_delay.as_ref().or(file.control_plane_delay.as_ref());
        let named = |text: &String| duration_of("--control-plane-delay", text, DELAYS);
        let delay = written.map(named).transpose()?;
        let of_local = if told.delay_transient_statuses { LOCAL_DELAY } else { Duration::ZERO };
        let sweep = told.ttl_sweep.as_ref().or(file.ttl_sweep.as_ref());
        Ok(TablesConfig {
            control_plane_delay: delay.unwrap_or(of_local),
            shard_limits: shard_limits(told, &file)?,
            ttl_sweep: sweep.map_or(Ok(Some(EngineOptions::TTL_SWEEP)), |text| ttl_sweep(text))?,
            capacity: capacity(told.capacity.or(file.capacity), mode),
            legacy_global_tables: legacy_tables(told.legacy_global_tables.or(file.legacy_global_tables)),
            prices: Arc::new(prices(told, file.prices)?),
        })
    }
}

/// A developer's machine observes limits; production enforces them.
fn capacity(told: Option<Capacity>, mode: Mode) -> CapacityMode {
    match (told, mode) {
        (Some(Capacity::Observe), _) | (None, Mode::Local) => CapacityMode::Observe,
        (Some(Capacity::Enforce), _) | (None, Mode::Production) => CapacityMode::Enforce,
    }
}

fn legacy_tables(told: Option<LegacyTables>) -> LegacyGlobalTables {
    match told.unwrap_or(LegacyTables::Offer) {
        LegacyTables::Offer => LegacyGlobalTables::Offered,
        LegacyTables::Refuse => LegacyGlobalTables::Refused,
        LegacyTables::Tutorial => LegacyGlobalTables::Tutorial,
    }
}

/// Those of a file, or those that the program carries.
fn prices(told: &Invocation, file: Option<PathBuf>) -> Result<Prices, Failure> {
    let in_file = file.map(|path| beside(told.config.as_deref(), &path));
    let Some(path) = told.prices.clone().or(in_file) else { return Ok(Prices::bundled()) };
    let text = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    let read = text.and_then(|text| Prices::parse(&text));
    read.map_err(|why| Failure::Usage(format!("--prices {}: {why}", path.display())))
}

fn ttl_sweep(text: &str) -> Result<Option<Duration>, Failure> {
    if text == "off" {
        return Ok(None);
    }
    let named = |fault: String| Failure::Usage(format!("--ttl-sweep: {fault}"));
    match duration::parse(text).map_err(named)? {
        every if SWEEPS.contains(&every) => Ok(Some(every)),
        _ => Err(named("100ms to 24h, or off".to_owned())),
    }
}

fn shard_limits(told: &Invocation, file: &TablesSection) -> Result<ShardLimits, Failure> {
    let mut limits = ShardLimits::default();
    if let Some(life) = told.stream_shard_life.as_ref().or(file.stream_shard_life.as_ref()) {
        limits.life_micros = duration_of("--stream-shard-life", life, SHARD_LIVES)?.as_micros() as u64;
    }
    if let Some(retention) = told.stream_retention.as_ref().or(file.stream_retention.as_ref()) {
        let retention = duration_of("--stream-retention", retention, RETENTIONS)?;
        limits.retention_micros = retention.as_micros() as u64;
    }
    if let Some(writes) = told.stream_shard_writes.or(file.stream_shard_writes) {
        limits.writes_per_second = writes.into();
    }
    Ok(limits)
}

fn duration_of(flag: &str, text: &str, allowed: RangeInclusive<Duration>) -> Result<Duration, Failure> {
    let fault = |fault: String| Failure::Usage(format!("{flag}: {fault}"));
    let duration = duration::parse(text).map_err(fault)?;
    if allowed.contains(&duration) {
        return Ok(duration);
    }
    let (least, most) = allowed.into_inner();
    Err(fault(format!("`{text}` is not between {} and {} s", least.as_secs(), most.as_secs())))
}
