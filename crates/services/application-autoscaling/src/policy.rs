//! What a target does when it is used much or little.

use crate::target::Place;
use serde::{Deserialize, Serialize};

/// A policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// Its name, unique in its target.
    pub name: String,
    /// The number in its ARN.
    pub id: String,
    /// How it decides.
    pub kind: PolicyKind,
    /// When it was put first, in microseconds since the Unix epoch.
    pub created_micros: u64,
    /// The names of the alarms that it has made.
    #[serde(default)]
    pub alarms: Vec<String>,
    /// What it did last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Done>,
}

/// What a policy did, for cooldowns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// The capacity that it set.
    pub capacity: i64,
    /// Whether that was more than before.
    pub was_out: bool,
}

/// How a policy decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PolicyKind {
    /// It keeps the use of the capacity near a share of a hundred.
    Tracking(Tracking),
    /// It adds or sets capacity by how far a metric is from the threshold of an alarm.
    Steps(Steps),
}

/// See [`PolicyKind::Tracking`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tracking {
    /// The share of a hundred.
    pub target: f64,
    /// Seconds between increases, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub out_cooldown: Option<i64>,
    /// Seconds before a decrease, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_cooldown: Option<i64>,
    /// Whether it never decreases, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_in_disabled: Option<bool>,
}

/// See [`PolicyKind::Steps`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    /// What the numbers of the steps are.
    pub adjustment: Adjustment,
    /// The steps.
    pub steps: Vec<Step>,
    /// What a percentage changes at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least_change: Option<i64>,
    /// Seconds between changes, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<i64>,
    /// How points are aggregated, as it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregation: Option<String>,
}

/// What the number of a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::enum_variant_names, reason = "the names are the service's")]
pub enum Adjustment {
    ChangeInCapacity,
    PercentChangeInCapacity,
    ExactCapacity,
}

/// A step: what is done when the metric is so far from the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// From here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<f64>,
    /// Up to here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<f64>,
    /// The number.
    pub adjustment: i64,
}

impl Adjustment {
    const ALL: [Adjustment; 3] =
        [Adjustment::ChangeInCapacity, Adjustment::PercentChangeInCapacity, Adjustment::ExactCapacity];

    /// The service's word.
    pub fn name(self) -> &'static str {
        match self {
            Adjustment::ChangeInCapacity => "ChangeInCapacity",
            Adjustment::PercentChangeInCapacity => "PercentChangeInCapacity",
            Adjustment::ExactCapacity => "ExactCapacity",
        }
    }

    /// The adjustment of a word.
    pub fn named(name: &str) -> Option<Self> {
        Adjustment::ALL.into_iter().find(|adjustment| adjustment.name() == name)
    }
}

impl Steps {
    /// The capacity that follows from the present one, where the metric is so far from the threshold.
    pub fn next(&self, current: i64, distance: f64) -> Option<i64> {
        let is_within = |step: &&Step| {
            step.lower.is_none_or(|lower| distance >= lower)
                && step.upper.is_none_or(|upper| distance < upper)
        };
        let step = self.steps.iter().find(is_within)?;
        Some(match self.adjustment {
            Adjustment::ExactCapacity => step.adjustment,
            Adjustment::ChangeInCapacity => current.saturating_add(step.adjustment),
            Adjustment::PercentChangeInCapacity => {
                current.saturating_add(self.percent(current, step.adjustment))
            }
        })
    }

    /// Fractions of a unit are rounded to the next whole one away from zero below one, towards zero above.
    fn percent(&self, current: i64, percent: i64) -> i64 {
        let change = current as f64 * percent as f64 / 100.0;
        let whole =
            if change.abs() < 1.0 { change.signum() * change.abs().ceil() } else { change.trunc() } as i64;
        let least = self.least_change.unwrap_or(0);
        if whole.abs() < least { least * whole.signum() } else { whole }
    }
}

impl Tracking {
    /// The rule by which it decides.
    pub fn rule(&self) -> capacity::tracking::Tracking {
        capacity::tracking::Tracking { target: self.target }
    }
}

impl Policy {
    /// Its ARN.
    pub fn arn(&self, account: &str, region: &str, place: &Place) -> String {
        let (id, resource, name) = (&self.id, place.resource_id(), &self.name);
        format!(
            "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{id}:resource/dynamodb/{resource}:policyName/{name}"
        )
    }

    /// Whether it may scale again, in this direction.
    pub fn is_cool(&self, is_out: bool, capacity: i64, now_micros: u64) -> bool {
        let Some(last) = self.last else { return true };
        let seconds = match (&self.kind, is_out) {
            (PolicyKind::Tracking(tracking), true) => tracking.out_cooldown,
            (PolicyKind::Tracking(tracking), false) => tracking.in_cooldown,
            (PolicyKind::Steps(steps), _) => steps.cooldown,
        };
        let until = last.at_micros.saturating_add(seconds.unwrap_or(0).max(0) as u64 * 1_000_000);
        // More than is being added already is added at once; and an increase interrupts the wait for a decrease.
        now_micros >= until || is_out && (!last.was_out || capacity > last.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(adjustment: Adjustment, least_change: Option<i64>) -> Steps {
        let step = |lower, upper, adjustment| Step { lower, upper, adjustment };
        let steps =
            vec![step(Some(0.0), Some(10.0), 10), step(Some(10.0), None, 50), step(None, Some(0.0), -10)];
        Steps { adjustment, steps, least_change, cooldown: None, aggregation: None }
    }

    #[test]
    fn steps_go_by_the_distance() {
        for (adjustment, least, current, distance, expect) in [
            (Adjustment::ChangeInCapacity, None, 20, 5.0, 30),
            (Adjustment::ChangeInCapacity, None, 20, 10.0, 70),
            (Adjustment::ChangeInCapacity, None, 20, -1.0, 10),
            (Adjustment::ExactCapacity, None, 20, 99.0, 50),
            (Adjustment::PercentChangeInCapacity, None, 25, 5.0, 27),
            (Adjustment::PercentChangeInCapacity, None, 5, 5.0, 6),
            (Adjustment::PercentChangeInCapacity, Some(5), 25, -1.0, 20),
        ] {
            assert_eq!(
                steps(adjustment, least).next(current, distance),
                Some(expect),
                "{adjustment:?} {distance}"
            );
        }
    }

    #[test]
    fn cooldowns_hold_decreases_and_lesser_increases() {
        let tracking =
            Tracking { target: 70.0, out_cooldown: Some(60), in_cooldown: Some(120), is_in_disabled: None };
        let last = Done { at_micros: 0, capacity: 10, was_out: true };
        let policy = Policy {
            name: String::new(),
            id: String::new(),
            kind: PolicyKind::Tracking(tracking),
            created_micros: 0,
            alarms: Vec::new(),
            last: Some(last),
        };
        for (is_out, capacity, seconds, expect) in [
            (true, 10, 30, false),
            (true, 11, 30, true),
            (true, 9, 60, true),
            (false, 5, 119, false),
            (false, 5, 120, true),
        ] {
            assert_eq!(
                policy.is_cool(is_out, capacity, seconds * 1_000_000),
                expect,
                "{is_out} {capacity} {seconds}"
            );
        }
    }
}
