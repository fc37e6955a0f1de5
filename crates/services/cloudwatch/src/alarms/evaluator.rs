//! Evaluates all alarms of the store, once a minute, on one of the servers on it. A change of state commits only if the
//! alarm still is as it was read, so that two servers that do it beside each other change it once.

use super::actions::Deciding;
use super::alarm::{Alarm, CompositeRule, MetricRule, Rule, State, StateValue, Watched};
use super::evaluation::{FURTHER_PERIODS, verdict};
use super::{Changed, Item, reason, rule};
use crate::metrics::Owner;
use crate::queries::{Query, Source, Span, Stat};
use crate::service::CloudWatch;
use crate::statistic::Statistic;
use model::ApiError;
use serde_json::json;
use std::collections::BTreeMap;
use store::lease::Asked;
use store::records::{RecordError, RecordKey};

const LEASE: &str = "cloudwatch alarms";
const MINUTE_SECONDS: u64 = 60;
/// Composite alarms of composite alarms: how deep they are followed in one minute.
const PASSES_MAX: usize = 8;

/// What an alarm is to become.
struct Next {
    value: StateValue,
    reason: String,
    data: Option<String>,
}

impl CloudWatch {
    /// Evaluates what there is at this time, and notes what tables are provisioned with once scaling policies have
    /// decided: who sees that of a minute sees what its alarms have done.
    pub(crate) async fn evaluate(&self, now_micros: u64) -> Result<(), RecordError> {
        let Asked::Granted(_lease) = self.leases.take(LEASE).await? else { return Ok(()) };
        let mut deciding = Deciding::default();
        let evaluated = self.evaluate_alarms(&mut deciding, now_micros).await;
        deciding.end().await;
        self.note_levels(now_micros);
        evaluated
    }

    async fn evaluate_alarms(&self, deciding: &mut Deciding, now_micros: u64) -> Result<(), RecordError> {
        let mut alarms = self.alarms.all().await?;
        for (key, alarm) in &mut alarms {
            let Rule::Metric(rule) = alarm.rule.clone() else { continue };
            let owner = Owner { account: &key.account, region: &key.region };
            match self.next_of_metric(owner, &rule, now_micros).await {
                Ok(Some(next)) if next.value != alarm.state.value => {
                    deciding.add(self.enter(key, alarm, next, now_micros).await?);
                }
                Ok(_) => deciding.add(self.teller.repeat(&self.alarms, owner, alarm, now_micros)),
                Err(error) => tracing::warn!(alarm = alarm.name, ?error, "an alarm cannot be evaluated"),
            }
        }
        self.evaluate_composites(&mut alarms, deciding, now_micros).await
    }

    /// What of other alarms follows, until nothing more does.
    async fn evaluate_composites(
        &self,
        alarms: &mut [(RecordKey, Alarm)],
        deciding: &mut Deciding,
        now_micros: u64,
    ) -> Result<(), RecordError> {
        for _ in 0..PASSES_MAX {
            let due: Vec<_> =
                (0..alarms.len()).filter_map(|at| Some((at, next_of_composite(alarms, at)?))).collect();
            if due.is_empty() {
                break;
            }
            for (at, next) in due {
                let (key, alarm) = &mut alarms[at];
                deciding.add(self.enter(key, alarm, next, now_micros).await?);
            }
        }
        Ok(())
    }

    async fn next_of_metric(
        &self,
        owner: Owner<'_>,
        rule: &MetricRule,
        now_micros: u64,
    ) -> Result<Option<Next>, ApiError> {
        let (slots, few_samples) = self.slots(owner, rule, now_micros).await?;
        let found = verdict(rule, &slots);
        if few_samples {
            return Ok(None);
        }
        Ok(found.state.map(|value| Next {
            value,
            reason: reason::text(rule, &found, value),
            data: Some(reason::data(rule, &found, now_micros / 1_000_000)),
        }))
    }

    /// The points of the periods that are looked at, oldest first, and whether a percentile has too few samples.
    async fn slots(
        &self,
        owner: Owner<'_>,
        rule: &MetricRule,
        now_micros: u64,
    ) -> Result<(Vec<(u64, Option<f64>)>, bool), ApiError> {
        let period = rule.watched.period().max(MINUTE_SECONDS);
        let end = now_micros / 1_000_000 / MINUTE_SECONDS * MINUTE_SECONDS;
        let count = u64::from(rule.evaluation_periods + FURTHER_PERIODS);
        let start = end.saturating_sub(count * period);
        let span = Span { start: start as f64, end: end as f64 };
        let answers = self.answers(owner, &rule.watched.queries(period), span, now_micros).await?;
        let line = answers.into_iter().next().map(|answer| answer.line).unwrap_or_default();
        let known: BTreeMap<u64, f64> = line.points.into_iter().collect();
        let slots =
            (0..count).map(|slot| start + slot * period).map(|at| (at, known.get(&at).copied())).collect();
        Ok((slots, self.has_few_samples(owner, rule, span, now_micros).await?))
    }

    /// Whether the last periods have too few samples for their percentile, where that is to be ignored.
    async fn has_few_samples(
        &self,
        owner: Owner<'_>,
        rule: &MetricRule,
        span: Span,
        now_micros: u64,
    ) -> Result<bool, ApiError> {
        let Watched::Metric(stat) = &rule.watched else { return Ok(false) };
        let Some(Statistic::Percentile(percent)) = Statistic::named(&stat.statistic) else {
            return Ok(false);
        };
        if rule.low_sample_count.as_deref() != Some("ignore") {
            return Ok(false);
        }
        let share = percent / 100.0;
        let needed = if share >= 0.5 { 10.0 / (1.0 - share) } else { 10.0 / share };
        let counted = Stat { statistic: "SampleCount".to_owned(), ..stat.clone() };
        let answers =
            self.answers(owner, &Watched::Metric(counted).queries(stat.period), span, now_micros).await?;
        let last = answers.first().and_then(|answer| answer.line.points.last());
        Ok(last.is_some_and(|(_, samples)| *samples < needed))
    }

    /// Makes an alarm enter a state, and tells whom it names.
    async fn enter(
        &self,
        key: &RecordKey,
        alarm: &mut Alarm,
        next: Next,
        now_micros: u64,
    ) -> Result<Deciding, RecordError> {
        let owner = Owner { account: &key.account, region: &key.region };
        let read = alarm.clone();
        let change = |current: Option<Alarm>| {
            let mut changed = current.filter(|current| *current == read).ok_or(())?;
            changed.state = read.state.then(next.value, next.reason.clone(), next.data.clone(), now_micros);
            let item = Item::changed(&changed, &read.state, now_micros);
            Ok::<_, ()>((Changed { alarm: Some(changed.clone()), item: Some(item) }, changed))
        };
        let Ok(changed) = self.alarms.change(owner, &read.name, now_micros, change).await? else {
            return Ok(Deciding::default());
        };
        *alarm = changed;
        Ok(match self.is_suppressed(owner, alarm).await? {
            true => Deciding::default(),
            false => self.teller.tell(&self.alarms, owner, alarm, &read.state, now_micros),
        })
    }

    /// Whether the suppressor of a composite alarm is in ALARM.
    async fn is_suppressed(&self, owner: Owner<'_>, alarm: &Alarm) -> Result<bool, RecordError> {
        let Rule::Composite(CompositeRule { suppressor: Some(suppressor), .. }) = &alarm.rule else {
            return Ok(false);
        };
        let suppressor = self.alarms.get(owner, &rule::bare_name(suppressor)).await?;
        Ok(suppressor.is_some_and(|suppressor| suppressor.state.value == StateValue::Alarm))
    }
}

/// What a composite alarm is to become, if anything.
fn next_of_composite(alarms: &[(RecordKey, Alarm)], at: usize) -> Option<Next> {
    let (key, alarm) = &alarms[at];
    let Rule::Composite(composite) = &alarm.rule else { return None };
    let parsed = rule::parse(&composite.text)?;
    let children = parsed.children();
    let named = alarms.iter().filter(|(other, child)| {
        (&other.account, &other.region) == (&key.account, &key.region)
            && children.contains(&child.name.as_str())
    });
    let named: Vec<&Alarm> = named.map(|(_, child)| child).collect();
    let states = named.iter().map(|child| (child.name.as_str(), child.state.value)).collect();
    let value = if parsed.holds(&states) { StateValue::Alarm } else { StateValue::Ok };
    if value == alarm.state.value {
        return None;
    }
    let owner = Owner { account: &key.account, region: &key.region };
    let trigger = named.iter().max_by_key(|child| child.state.transitioned_micros);
    let reason = trigger.map_or_else(
        || "The rule holds whatever the alarms say".to_owned(),
        |child| {
            let at = reason::spoken_time(child.state.transitioned_micros / 1_000_000);
            format!("{} transitioned to {} at {at}", child.arn(owner), child.state.value.name())
        },
    );
    let data = trigger.map(|child| triggering(owner, child));
    Some(Next { value, reason, data })
}

fn triggering(owner: Owner<'_>, child: &Alarm) -> String {
    let State { value, transitioned_micros, .. } = &child.state;
    let at = reason::long_time(transitioned_micros / 1_000_000);
    json!({"triggeringAlarms": [{"arn": child.arn(owner), "state": {"value": value.name(), "timestamp": at}}]}).to_string()
}

impl Watched {
    /// Seconds of a period.
    fn period(&self) -> u64 {
        match self {
            Watched::Metric(stat) => stat.period,
            Watched::Queries(queries) => {
                let periods = queries.iter().map(|query| match &query.source {
                    Source::Metric(stat) => stat.period,
                    Source::Expression { period, .. } => period.unwrap_or_default(),
                });
                periods.max().unwrap_or(MINUTE_SECONDS)
            }
        }
    }

    /// As queries, with this period.
    fn queries(&self, period: u64) -> Vec<Query> {
        match self {
            Watched::Queries(queries) => queries.clone(),
            Watched::Metric(stat) => {
                let stat = Stat { period, ..stat.clone() };
                let source = Source::Metric(stat);
                vec![Query { id: "m1".to_owned(), label: None, is_returned: true, source }]
            }
        }
    }
}
