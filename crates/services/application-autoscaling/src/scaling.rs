//! What capacity follows from an alarm, a schedule or new bounds, and its change.

use crate::activity::Activity;
use crate::alarms::{Kind, dimensions};
use crate::capacity::{Capacity, NoCapacity};
use crate::errors;
use crate::policy::{Done, Policy, PolicyKind, Steps, Tracking};
use crate::service::{ApplicationAutoScaling, Caller};
use crate::target::{Place, Target};
use capacity::tracking::QUIET_MINUTES;
use cloudwatch::alarms::{Alarm, Rule};
use model::ApiError;
use model::cloudwatch::{GetMetricStatistics, GetMetricStatisticsInput};

/// A capacity that is to be set.
struct Wanted {
    units: i64,
    is_out: bool,
}

impl ApplicationAutoScaling {
    /// Lets a policy decide, because of an alarm that sounds.
    ///
    /// # Errors
    /// In words for the history of the alarm.
    pub(crate) async fn decide(
        &self,
        caller: &Caller<'_>,
        target: &Target,
        policy: &Policy,
        alarm: &Alarm,
    ) -> Result<(), String> {
        let place = &target.place;
        let current = self.capacity(caller, place).await.map_err(|why| match why {
            NoCapacity::NotThere => format!("DynamoDB table does not exist: {}", place.resource_id()),
            NoCapacity::OnDemand => "the table is paid by the request".to_owned(),
        })?;
        let units = current.of(place);
        let cause = format!("monitor alarm {} in state ALARM triggered policy {}", alarm.name, policy.name);
        let wanted = match &policy.kind {
            PolicyKind::Steps(steps) => of_steps(steps, alarm, units),
            PolicyKind::Tracking(tracking) => match Kind::of(&alarm.name) {
                Some(Kind::High) => self.out(caller, place, tracking, units).await,
                Some(Kind::Low) => self.back(caller, place, tracking, units).await,
                _ => {
                    let put = self.put_alarms(caller, place, policy, units).await;
                    return put.map_err(|error| error.message.unwrap_or_default().into_owned());
                }
            },
        };
        let Some(wanted) = wanted else { return Ok(()) };
        if is_held(target, policy, &wanted, caller.now_micros) {
            return Ok(());
        }
        self.scale(caller, target, policy, current, &wanted, &cause).await
    }

    async fn scale(
        &self,
        caller: &Caller<'_>,
        target: &Target,
        policy: &Policy,
        current: Capacity,
        wanted: &Wanted,
        cause: &str,
    ) -> Result<(), String> {
        let (place, units) = (&target.place, current.of(&target.place));
        let bounded = target.bounded(wanted.units);
        if bounded == units || (bounded > units) != wanted.is_out {
            return self
                .stays(caller, target, units, wanted.is_out, cause)
                .await
                .map_err(|error| text(&error));
        }
        let set = self.change(caller, place, current, bounded, cause).await.map_err(|error| text(&error))?;
        if set.is_ok() {
            let done = Done { at_micros: caller.now_micros, capacity: bounded, was_out: wanted.is_out };
            self.note_done(caller, place, &policy.name, done).await.map_err(|error| text(&error))?;
        }
        set
    }

    /// More capacity: as much as brings the last minute's use to the target.
    async fn out(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        tracking: &Tracking,
        units: i64,
    ) -> Option<Wanted> {
        let used = self.used(caller, place, 2).await;
        let used = used.last()?;
        let wanted = tracking.rule().out(whole(units), *used);
        Some(Wanted { units: i64::try_from(wanted).unwrap_or(i64::MAX), is_out: true })
    }

    /// Less capacity: as little as the busiest of the last minutes leaves room for.
    async fn back(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        tracking: &Tracking,
        units: i64,
    ) -> Option<Wanted> {
        if tracking.is_in_disabled == Some(true) {
            return None;
        }
        let used = self.used(caller, place, QUIET_MINUTES as u64).await;
        let most = used.into_iter().reduce(f64::max)?;
        let wanted = tracking.rule().back(whole(units), most);
        Some(Wanted { units: i64::try_from(wanted).unwrap_or(i64::MAX), is_out: false })
    }

    /// The units consumed in each of the last minutes that are over, oldest first.
    async fn used(&self, caller: &Caller<'_>, place: &Place, minutes: u64) -> Vec<f64> {
        let end = caller.now_micros / 60_000_000 * 60;
        let metric = if place.dimension.is_read() {
            "ConsumedReadCapacityUnits"
        } else {
            "ConsumedWriteCapacityUnits"
        };
        let input = GetMetricStatisticsInput {
            namespace: Some("AWS/DynamoDB".to_owned()),
            metric_name: Some(metric.to_owned()),
            dimensions: Some(dimensions(place)),
            start_time: Some(end.saturating_sub(minutes * 60) as f64),
            end_time: Some(end as f64),
            period: Some(60),
            statistics: Some(vec!["Sum".to_owned()]),
            ..GetMetricStatisticsInput::default()
        };
        let read = self.call_cloudwatch::<GetMetricStatistics>(caller, input).await;
        let points = read.ok().and_then(|output| output.datapoints).unwrap_or_default();
        points.into_iter().filter_map(|point| point.sum).collect()
    }

    /// Sets the capacity within the bounds of a target, if it is outside.
    pub(crate) async fn bound(&self, caller: &Caller<'_>, target: &Target) -> Result<(), ApiError> {
        let Ok(current) = self.capacity(caller, &target.place).await else { return Ok(()) };
        let (units, bounded) = (current.of(&target.place), target.bounded(current.of(&target.place)));
        if units == bounded {
            return Ok(());
        }
        let bound = if bounded > units { "minimum" } else { "maximum" };
        let cause = format!("{bound} capacity was set to {bounded}");
        self.change(caller, &target.place, current, bounded, &cause).await.map(|_| ())
    }

    /// Changes the capacity, notes it, and rewrites the alarms of all policies for it.
    async fn change(
        &self,
        caller: &Caller<'_>,
        place: &Place,
        current: Capacity,
        units: i64,
        cause: &str,
    ) -> Result<Result<(), String>, ApiError> {
        let set = self.set_capacity(caller, place, current, units).await.map_err(|error| text(&error));
        let at = (self.random.uuid(), caller.now_micros);
        self.note(caller, &Activity::setting(place, units, cause, set.clone(), at))
            .await
            .map_err(errors::record)?;
        if set.is_ok() {
            let target = self.target(caller, place).await.map_err(errors::record)?;
            for policy in target.iter().flat_map(|target| &target.policies) {
                self.put_alarms(caller, place, policy, units).await?;
            }
            self.forget_not_scaled(caller, place).await.map_err(errors::record)?;
        }
        Ok(set)
    }

    /// Tells once that the capacity stays at its bound.
    async fn stays(
        &self,
        caller: &Caller<'_>,
        target: &Target,
        units: i64,
        is_out: bool,
        cause: &str,
    ) -> Result<(), ApiError> {
        let (code, bound) = if is_out {
            ("AlreadyAtMaxCapacity", target.maximum)
        } else {
            ("AlreadyAtMinCapacity", target.minimum)
        };
        if units != bound || target.not_scaled.as_deref() == Some(code) {
            return Ok(());
        }
        let at = (self.random.uuid(), caller.now_micros);
        let activity = Activity::not_scaled(&target.place, code, bound, units, cause, at);
        self.note(caller, &activity).await.map_err(errors::record)?;
        self.note_not_scaled(caller, &target.place, code).await.map_err(errors::record)
    }
}

fn whole(units: i64) -> u64 {
    u64::try_from(units).unwrap_or(0)
}

/// Whether suspension or a cooldown holds a change back.
fn is_held(target: &Target, policy: &Policy, wanted: &Wanted, now_micros: u64) -> bool {
    let is_suspended = if wanted.is_out { target.suspended.scaling_out } else { target.suspended.scaling_in };
    is_suspended || !policy.is_cool(wanted.is_out, wanted.units, now_micros)
}

/// How far the last point is from the threshold says which step is taken.
fn of_steps(steps: &Steps, alarm: &Alarm, units: i64) -> Option<Wanted> {
    let Rule::Metric(rule) = &alarm.rule else { return None };
    let data: serde_json::Value = serde_json::from_str(alarm.state.reason_data.as_deref()?).ok()?;
    let last = data["recentDatapoints"].as_array()?.last()?.as_f64()?;
    let wanted = steps.next(units, last - rule.threshold)?;
    Some(Wanted { units: wanted, is_out: wanted > units })
}

fn text(error: &ApiError) -> String {
    error.message.as_deref().unwrap_or(error.code.name()).to_owned()
}
