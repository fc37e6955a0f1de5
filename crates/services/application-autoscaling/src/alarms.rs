//! The alarms that a tracking policy has in CloudWatch: two on the use of the capacity, and two that notice when the
//! capacity was changed by somebody else.

use crate::policy::{Policy, PolicyKind, Tracking};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::Place;
use capacity::tracking::{OUT_MINUTES, QUIET_MINUTES};
use model::ApiError;
use model::application_autoscaling::Alarm;
use model::cloudwatch::{DeleteAlarms, DeleteAlarmsInput, Dimension, PutMetricAlarm, PutMetricAlarmInput};

/// One of the four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    High,
    Low,
    ProvisionedHigh,
    ProvisionedLow,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::High, Kind::Low, Kind::ProvisionedHigh, Kind::ProvisionedLow];

    fn word(self) -> &'static str {
        match self {
            Kind::High => "AlarmHigh",
            Kind::Low => "AlarmLow",
            Kind::ProvisionedHigh => "ProvisionedCapacityHigh",
            Kind::ProvisionedLow => "ProvisionedCapacityLow",
        }
    }

    /// Which of them an alarm of this name is.
    pub(crate) fn of(alarm: &str) -> Option<Self> {
        let named = |kind: &Kind| alarm.contains(&format!("-{}-", kind.word()));
        Kind::ALL.into_iter().find(named)
    }

    /// A name for a new one.
    pub(crate) fn name(self, place: &Place, uuid: &str) -> String {
        format!("TargetTracking-{}-{}-{uuid}", place.resource_id(), self.word())
    }

    fn comparison(self) -> &'static str {
        match self {
            Kind::High | Kind::ProvisionedHigh => "GreaterThanThreshold",
            Kind::Low | Kind::ProvisionedLow => "LessThanThreshold",
        }
    }

    /// The metric, its statistic, the seconds of a period, and how many of them.
    fn watched(self, place: &Place) -> (&'static str, &'static str, i64, i64) {
        let (consumed, provisioned) = match place.dimension.is_read() {
            true => ("ConsumedReadCapacityUnits", "ProvisionedReadCapacityUnits"),
            false => ("ConsumedWriteCapacityUnits", "ProvisionedWriteCapacityUnits"),
        };
        match self {
            Kind::High => (consumed, "Sum", 60, OUT_MINUTES as i64),
            Kind::Low => (consumed, "Sum", 60, QUIET_MINUTES as i64),
            Kind::ProvisionedHigh | Kind::ProvisionedLow => (provisioned, "Average", 300, 3),
        }
    }

    fn threshold(self, tracking: &Tracking, units: i64) -> f64 {
        let whole = u64::try_from(units).unwrap_or(0);
        match self {
            Kind::High => tracking.rule().high(whole),
            Kind::Low => tracking.rule().low(whole),
            Kind::ProvisionedHigh | Kind::ProvisionedLow => units as f64,
        }
    }
}

impl ApplicationAutoScaling {
    /// Puts the alarms of a policy, for a capacity of so many units.
    pub(crate) async fn put_alarms(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        policy: &Policy,
        units: i64,
    ) -> Result<(), ApiError> {
        let PolicyKind::Tracking(tracking) = &policy.kind else { return Ok(()) };
        let arn = policy.arn(caller.account, caller.region, place);
        for name in &policy.alarms {
            let Some(kind) = Kind::of(name) else { continue };
            let input = alarm(kind, name, place, tracking, units, &arn);
            self.call_cloudwatch::<PutMetricAlarm>(caller, input).await?;
        }
        Ok(())
    }

    /// Deletes the alarms of a policy.
    pub(crate) async fn delete_alarms(&self, caller: &Caller<'_>, policy: &Policy) -> Result<(), ApiError> {
        if policy.alarms.is_empty() {
            return Ok(());
        }
        let input = DeleteAlarmsInput { alarm_names: Some(policy.alarms.clone()) };
        self.call_cloudwatch::<DeleteAlarms>(caller, input).await.map(|_| ())
    }
}

/// The dimensions of the metrics of a table or an index.
pub(crate) fn dimensions(place: &Place) -> Vec<Dimension> {
    let dimension =
        |name: &str, value: &str| Dimension { name: Some(name.to_owned()), value: Some(value.to_owned()) };
    let index = place.index.as_deref().map(|index| dimension("GlobalSecondaryIndexName", index));
    [dimension("TableName", &place.table)].into_iter().chain(index).collect()
}

fn alarm(
    kind: Kind,
    name: &str,
    place: &Place,
    tracking: &Tracking,
    units: i64,
    policy_arn: &str,
) -> PutMetricAlarmInput {
    let (metric, statistic, period, periods) = kind.watched(place);
    PutMetricAlarmInput {
        alarm_name: Some(name.to_owned()),
        alarm_description: Some(format!(
            "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}."
        )),
        alarm_actions: Some(vec![policy_arn.to_owned()]),
        metric_name: Some(metric.to_owned()),
        namespace: Some("AWS/DynamoDB".to_owned()),
        statistic: Some(statistic.to_owned()),
        dimensions: Some(dimensions(place)),
        period: Some(period),
        evaluation_periods: Some(periods),
        threshold: Some(kind.threshold(tracking, units)),
        comparison_operator: Some(kind.comparison().to_owned()),
        ..PutMetricAlarmInput::default()
    }
}

/// The alarms of a policy as answers show them.
pub(crate) fn shown(policy: &Policy, account: &str, region: &str) -> Vec<Alarm> {
    let shown = policy.alarms.iter().map(|name| Alarm {
        alarm_name: Some(name.clone()),
        alarm_arn: Some(format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}")),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Dimension as Scalable;

    #[test]
    fn thresholds_are_units_a_minute() {
        let tracking = Tracking { target: 70.0, out_cooldown: None, in_cooldown: None, is_in_disabled: None };
        let thresholds = Kind::ALL.map(|kind| kind.threshold(&tracking, 5));
        assert_eq!(thresholds, [210.0, 150.0, 5.0, 5.0]);
        let place =
            Place { table: "t".to_owned(), index: Some("i".to_owned()), dimension: Scalable::IndexRead };
        let names = Kind::ALL.map(|kind| kind.name(&place, "u"));
        assert_eq!(names[0], "TargetTracking-table/t/index/i-AlarmHigh-u");
        assert_eq!(names.each_ref().map(|name| Kind::of(name)), Kind::ALL.map(Some));
    }
}
