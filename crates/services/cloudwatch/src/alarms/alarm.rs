//! An alarm as it is stored.

use crate::metrics::Owner;
use crate::queries::{Query, Stat};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An alarm: what it watches, what its state is, what it does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name, unique in an account and region.
    pub name: String,
    /// What its owner says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it watches.
    pub rule: Rule,
    /// Whom it tells.
    pub actions: Actions,
    /// Its state.
    pub state: State,
    /// When it was put, in microseconds since the Unix epoch.
    pub configured_micros: u64,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// What an alarm watches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// A metric, or an expression.
    Metric(MetricRule),
    /// Other alarms.
    Composite(CompositeRule),
}

/// When points are an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricRule {
    /// Where the points come from.
    pub watched: Watched,
    /// How many periods are looked at.
    pub evaluation_periods: u32,
    /// How many of them must breach; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datapoints_to_alarm: Option<u32>,
    /// What a point breaches.
    pub threshold: f64,
    /// On which side.
    pub comparison: Comparison,
    /// What a period without a point is; absent for `missing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treat_missing: Option<Missing>,
    /// `evaluate` or `ignore`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_sample_count: Option<String>,
}

/// Where the points come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Watched {
    /// One statistic.
    Metric(Stat),
    /// Queries of which one returns a series.
    Queries(Vec<Query>),
}

/// What of other alarms is an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompositeRule {
    /// The rule, as it was put.
    pub text: String,
    /// An alarm during which nothing is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressor: Option<String>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressor_wait: Option<i64>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressor_extension: Option<i64>,
}

/// Whom an alarm tells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Actions {
    /// Whether anybody is told.
    pub are_enabled: bool,
    /// When it enters OK.
    #[serde(default)]
    pub ok: Vec<String>,
    /// When it enters ALARM.
    #[serde(default)]
    pub alarm: Vec<String>,
    /// When it enters INSUFFICIENT_DATA.
    #[serde(default)]
    pub insufficient_data: Vec<String>,
}

/// The state of an alarm, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Which.
    pub value: StateValue,
    /// Why, in words.
    pub reason: String,
    /// Why, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_data: Option<String>,
    /// When it was set, in microseconds since the Unix epoch.
    pub updated_micros: u64,
    /// When its value last changed.
    pub transitioned_micros: u64,
}

/// What an alarm says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateValue {
    /// Nothing.
    #[serde(rename = "OK")]
    Ok,
    /// Something.
    #[serde(rename = "ALARM")]
    Alarm,
    /// That there are too few points.
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

/// On which side of the threshold a point breaches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the service's, without `Threshold`")]
pub enum Comparison {
    GreaterThanOrEqualTo,
    GreaterThan,
    LessThan,
    LessThanOrEqualTo,
}

/// What a period without a point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the service's")]
pub enum Missing {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Alarm {
    /// Its ARN.
    pub fn arn(&self, owner: Owner<'_>) -> String {
        arn(owner, &self.name)
    }

    /// `MetricAlarm` or `CompositeAlarm`.
    pub fn kind(&self) -> &'static str {
        match self.rule {
            Rule::Metric(_) => "MetricAlarm",
            Rule::Composite(_) => "CompositeAlarm",
        }
    }
}

/// The ARN of the alarm of a name.
pub(crate) fn arn(owner: Owner<'_>, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", owner.region, owner.account)
}

impl Actions {
    /// Whom it tells when it enters a state.
    pub fn of(&self, state: StateValue) -> &[String] {
        match state {
            StateValue::Ok => &self.ok,
            StateValue::Alarm => &self.alarm,
            StateValue::InsufficientData => &self.insufficient_data,
        }
    }
}

impl State {
    /// That of a new alarm.
    pub fn initial(now_micros: u64) -> Self {
        State {
            value: StateValue::InsufficientData,
            reason: "Unchecked: Initial alarm creation".to_owned(),
            reason_data: None,
            updated_micros: now_micros,
            transitioned_micros: now_micros,
        }
    }

    /// The state that follows.
    pub fn then(
        &self,
        value: StateValue,
        reason: String,
        reason_data: Option<String>,
        now_micros: u64,
    ) -> Self {
        let transitioned_micros = if value == self.value { self.transitioned_micros } else { now_micros };
        State { value, reason, reason_data, updated_micros: now_micros, transitioned_micros }
    }
}

impl StateValue {
    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            StateValue::Ok => "OK",
            StateValue::Alarm => "ALARM",
            StateValue::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state of a word.
    pub fn named(name: &str) -> Option<Self> {
        [StateValue::Ok, StateValue::Alarm, StateValue::InsufficientData]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

impl Comparison {
    const ALL: [Comparison; 4] = [
        Comparison::GreaterThanOrEqualTo,
        Comparison::GreaterThan,
        Comparison::LessThan,
        Comparison::LessThanOrEqualTo,
    ];

    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            Comparison::GreaterThanOrEqualTo => "GreaterThanOrEqualToThreshold",
            Comparison::GreaterThan => "GreaterThanThreshold",
            Comparison::LessThan => "LessThanThreshold",
            Comparison::LessThanOrEqualTo => "LessThanOrEqualToThreshold",
        }
    }

    /// The comparison of a word; `None` for those with the band of an anomaly detector.
    pub fn named(name: &str) -> Option<Self> {
        Comparison::ALL.into_iter().find(|comparison| comparison.name() == name)
    }

    /// In a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Comparison::GreaterThanOrEqualTo => "greater than or equal to",
            Comparison::GreaterThan => "greater than",
            Comparison::LessThan => "less than",
            Comparison::LessThanOrEqualTo => "less than or equal to",
        }
    }

    /// Whether a value breaches a threshold.
    pub fn is_breached(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterThanOrEqualTo => value >= threshold,
            Comparison::GreaterThan => value > threshold,
            Comparison::LessThan => value < threshold,
            Comparison::LessThanOrEqualTo => value <= threshold,
        }
    }
}

impl Missing {
    const ALL: [Missing; 4] = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching];

    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            Missing::Missing => "missing",
            Missing::Ignore => "ignore",
            Missing::Breaching => "breaching",
            Missing::NotBreaching => "notBreaching",
        }
    }

    /// The treatment of a word.
    pub fn named(name: &str) -> Option<Self> {
        Missing::ALL.into_iter().find(|missing| missing.name() == name)
    }
}
