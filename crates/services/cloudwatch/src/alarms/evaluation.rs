//! What state points make. CloudWatch looks at more periods than are evaluated, so that late and missing points do
//! less harm.

use super::alarm::{MetricRule, Missing, StateValue};

/// Periods that are looked at beyond those that are evaluated.
pub(super) const FURTHER_PERIODS: u32 = 2;

/// What was found, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// The new state; `None` where the present one stays.
    pub(super) state: Option<StateValue>,
    /// The points that were looked at, newest first.
    pub(super) points: Vec<(u64, f64)>,
    /// How many periods without a point were looked at beside them.
    pub(super) filled: u32,
}

/// The state that points make, which are in the order of time, `None` where there is none.
pub(super) fn verdict(rule: &MetricRule, slots: &[(u64, Option<f64>)]) -> Verdict {
    let wanted = rule.evaluation_periods as usize;
    let real: Vec<(u64, f64)> = slots.iter().rev().filter_map(|(at, value)| Some((*at, (*value)?))).collect();
    if real.len() >= wanted {
        let points = real[..wanted].to_vec();
        let breaching = count(rule, &points);
        let state = if breaching >= needed(rule) { StateValue::Alarm } else { StateValue::Ok };
        return Verdict { state: Some(state), points, filled: 0 };
    }
    let filled = (wanted - real.len()) as u32;
    let state = of_few(rule, slots, &real, filled as usize);
    Verdict { state, points: real, filled }
}

/// How many points must breach.
pub(super) fn needed(rule: &MetricRule) -> usize {
    rule.datapoints_to_alarm.unwrap_or(rule.evaluation_periods) as usize
}

fn count(rule: &MetricRule, points: &[(u64, f64)]) -> usize {
    points.iter().filter(|(_, value)| rule.comparison.is_breached(*value, rule.threshold)).count()
}

fn of_few(
    rule: &MetricRule,
    slots: &[(u64, Option<f64>)],
    real: &[(u64, f64)],
    filled: usize,
) -> Option<StateValue> {
    let breaching = count(rule, real);
    let alarm_if = |is_alarm| Some(if is_alarm { StateValue::Alarm } else { StateValue::Ok });
    match rule.treat_missing.unwrap_or(Missing::Missing) {
        Missing::Breaching => alarm_if(breaching + filled >= needed(rule)),
        Missing::NotBreaching => alarm_if(breaching >= needed(rule)),
        Missing::Missing if real.is_empty() => Some(StateValue::InsufficientData),
        Missing::Ignore if real.is_empty() => None,
        _ if breaching >= needed(rule) || breaching < real.len() => alarm_if(breaching >= needed(rule)),
        treatment => of_breaching_only(rule, slots, treatment),
    }
}

/// All points there are breach, but there are too few of them: it is an alarm once the oldest is old enough.
fn of_breaching_only(
    rule: &MetricRule,
    slots: &[(u64, Option<f64>)],
    treatment: Missing,
) -> Option<StateValue> {
    let oldest = slots.iter().position(|(_, value)| value.is_some())?;
    let is_old = slots.len() - oldest >= needed(rule);
    (is_old && treatment == Missing::Missing).then_some(StateValue::Alarm)
}

#[cfg(test)]
mod tests {
    use super::super::alarm::{Comparison, Watched};
    use super::*;
    use crate::metrics::Series;
    use crate::queries::Stat;

    fn rule(datapoints: u32, missing: Missing) -> MetricRule {
        let series = Series::new("n", "m", []);
        let stat = Stat { series, statistic: "Sum".to_owned(), period: 60, unit: None };
        MetricRule {
            watched: Watched::Metric(stat),
            evaluation_periods: 3,
            datapoints_to_alarm: Some(datapoints),
            threshold: 0.5,
            comparison: Comparison::GreaterThan,
            treat_missing: Some(missing),
            low_sample_count: None,
        }
    }

    fn state(slots: &str, datapoints: u32, missing: Missing) -> &'static str {
        let slots = slots.split(' ').enumerate().map(|(at, slot)| {
            let value = match slot {
                "X" => Some(1.0),
                "0" => Some(0.0),
                _ => None,
            };
            (at as u64, value)
        });
        let verdict = verdict(&rule(datapoints, missing), &slots.collect::<Vec<_>>());
        verdict.state.map_or("keep", StateValue::name)
    }

    /// The service's own cases: X breaches, 0 does not, - is missing; the newest period is the last.
    #[test]
    fn missing_points_are_treated_as_documented() {
        for (slots, datapoints, missing, ignore, breaching, not_breaching) in [
            ("0 - X - X", 3, "OK", "OK", "OK", "OK"),
            ("0 - - - -", 3, "OK", "OK", "OK", "OK"),
            ("- - - - -", 3, "INSUFFICIENT_DATA", "keep", "ALARM", "OK"),
            ("0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
            ("- - X - -", 3, "ALARM", "keep", "ALARM", "OK"),
            ("0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
            ("0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
            ("0 - X - -", 2, "OK", "OK", "ALARM", "OK"),
            ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
            ("- - - X -", 2, "ALARM", "keep", "ALARM", "OK"),
            ("- - - - X", 3, "keep", "keep", "ALARM", "OK"),
        ] {
            let got = [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching]
                .map(|treatment| state(slots, datapoints, treatment));
            assert_eq!(got, [missing, ignore, breaching, not_breaching], "{slots}, {datapoints} of 3");
        }
    }
}
