//! AutoScalingSettings of CreateTable, which public models do not have: the new table and its global indexes follow
//! their use from the beginning; and how replicas scale. Whoever scales is connected from outside, for it calls this
//! service itself.

use crate::errors::{internal_error, invalid_parameter};
use crate::service::DynamoDb;
use capacity::tracking::TARGETS;
use model::ApiError;
use model::dynamodb::{AutoScalingSettings, CreateTableInput, ProvisionedThroughput};
use pipeline::{Caller, Cx};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};
use stdx::future::Boxed;

/// What registering comes to.
pub type Registered<'a> = Boxed<'a, Result<(), ApiError>>;

/// Whoever scales tables. The binary connects it.
pub trait Scaler: Send + Sync + fmt::Debug {
    /// Lets a table and its indexes scale, as a caller asks at a time in microseconds since the Unix epoch.
    fn register<'a>(&'a self, caller: &'a Caller, now_micros: u64, wanted: &'a Wanted) -> Registered<'a>;

    /// How something scales in the caller's region, if it does.
    fn settings<'a>(&'a self, caller: &'a Caller, now_micros: u64, scaled: &'a Scaled) -> Told<'a>;

    /// Changes how something scales in the caller's region.
    fn change<'a>(
        &'a self,
        caller: &'a Caller,
        now_micros: u64,
        scaled: &'a Scaled,
        change: &'a ScalingChange,
    ) -> Registered<'a>;
}

/// What telling comes to.
pub type Told<'a> = Boxed<'a, Result<Option<ScalingSettings>, ApiError>>;

/// Reads or writes of a table or of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaled {
    /// The table.
    pub table: String,
    /// The index, if it is one's.
    pub index: Option<String>,
    /// Reads, or else writes.
    pub is_read: bool,
}

impl Scaled {
    /// The name of a policy that was given none.
    pub fn policy_name(&self) -> String {
        let metric = if self.is_read { "Read" } else { "Write" };
        let index = self.index.as_ref().map(|index| format!("/index/{index}")).unwrap_or_default();
        format!("DynamoDB{metric}CapacityUtilization:table/{}{index}", self.table)
    }
}

/// How something scales. Servers tell each other of theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingSettings {
    /// The least capacity.
    pub minimum: i64,
    /// The most capacity.
    pub maximum: i64,
    /// The role that scales.
    pub role_arn: String,
    /// The policies that follow a target.
    pub policies: Vec<ScalingPolicy>,
}

/// A policy that keeps the use near a share of a hundred.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// The share.
    pub target: f64,
    /// Seconds before a decrease, if given.
    pub in_cooldown: Option<i64>,
    /// Seconds between increases, if given.
    pub out_cooldown: Option<i64>,
    /// Whether it never decreases, if given.
    pub is_in_disabled: Option<bool>,
}

/// A change of how something scales. Servers ask each other for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ScalingChange {
    /// It does not any more.
    Off,
    /// It does, between bounds, by a policy in place of any other: what is not given stays.
    On {
        /// The least capacity.
        minimum: Option<i64>,
        /// The most capacity.
        maximum: Option<i64>,
        /// The policy.
        policy: Option<ScalingPolicy>,
    },
}

/// How a new table is to scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The table.
    pub table: String,
    /// Its global indexes.
    pub indexes: Vec<String>,
    /// The share of a hundred that its use is kept near.
    pub target: f64,
    /// The least and the most capacity, of reads and of writes, of the table and of each index.
    pub bounds: (i64, i64),
}

/// The place for whoever scales.
#[derive(Debug, Default)]
pub struct Scaling(OnceLock<Weak<dyn Scaler>>);

impl Scaling {
    /// Connects it; the first time counts.
    pub fn connect(&self, scaler: Weak<dyn Scaler>) {
        _ = self.0.set(scaler);
    }

    fn scaler(&self) -> Result<Arc<dyn Scaler>, ApiError> {
        self.0.get().and_then(Weak::upgrade).ok_or_else(internal_error)
    }

    /// How something scales in the caller's region, if it does.
    pub async fn settings(
        &self,
        caller: &Caller,
        now_micros: u64,
        scaled: &Scaled,
    ) -> Result<Option<ScalingSettings>, ApiError> {
        self.scaler()?.settings(caller, now_micros, scaled).await.map_err(of_scaler)
    }

    /// Changes how something scales in the caller's region.
    pub async fn change(
        &self,
        caller: &Caller,
        now_micros: u64,
        scaled: &Scaled,
        change: &ScalingChange,
    ) -> Result<(), ApiError> {
        self.scaler()?.change(caller, now_micros, scaled, change).await.map_err(of_scaler)
    }
}

/// What another service refuses is refused here in its words.
fn of_scaler(error: ApiError) -> ApiError {
    match error.message {
        Some(text) if error.code.status() < 500 => ApiError::validation(text),
        _ => internal_error(),
    }
}

/// Judges the settings beside the table's other members: mode, target, bounds, and throughput within them.
pub fn check(input: &CreateTableInput) -> Result<(), ApiError> {
    let Some(settings) = &input.auto_scaling_settings else { return Ok(()) };
    if input.billing_mode.as_deref() == Some("PAY_PER_REQUEST") {
        return Err(invalid_parameter(
            "AutoScalingSettings cannot be specified when BillingMode is PAY_PER_REQUEST",
        ));
    }
    if !settings.target_utilization.is_some_and(|target| TARGETS.contains(&target)) {
        return Err(invalid_parameter("TargetUtilization must be between 20 and 90"));
    }
    let (least, most) = bounds(settings);
    if most < least {
        return Err(invalid_parameter("MaxCapacity must be greater than or equal to MinCapacity"));
    }
    let of_indexes =
        input.global_secondary_indexes.iter().flatten().map(|index| &index.provisioned_throughput);
    let all = std::iter::once(&input.provisioned_throughput).chain(of_indexes).flatten();
    match all.flat_map(units).all(|units| (least..=most).contains(&units)) {
        true => Ok(()),
        false => Err(invalid_parameter("ProvisionedThroughput must be between MinCapacity and MaxCapacity")),
    }
}

/// What was asked for, once it has been checked.
pub fn wanted(input: &CreateTableInput) -> Option<Wanted> {
    let settings = input.auto_scaling_settings.as_ref()?;
    let indexes = input.global_secondary_indexes.iter().flatten();
    Some(Wanted {
        table: crate::checks::table_name::name_of(input.table_name.as_deref()?).to_owned(),
        indexes: indexes.filter_map(|index| index.index_name.clone()).collect(),
        target: settings.target_utilization?,
        bounds: bounds(settings),
    })
}

/// Lets a new table scale.
pub async fn register(cx: &Cx<'_, DynamoDb>, wanted: &Wanted) -> Result<(), ApiError> {
    cx.service.scaling.scaler()?.register(cx.caller, cx.now_micros, wanted).await
}

fn bounds(settings: &AutoScalingSettings) -> (i64, i64) {
    (settings.min_capacity.unwrap_or_default(), settings.max_capacity.unwrap_or_default())
}

fn units(throughput: &ProvisionedThroughput) -> impl Iterator<Item = i64> {
    [throughput.read_capacity_units, throughput.write_capacity_units].into_iter().flatten()
}
