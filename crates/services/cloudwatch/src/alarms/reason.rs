//! Why an alarm has its state: in words, and as JSON.

use super::alarm::{MetricRule, StateValue, Watched};
use super::evaluation::{Verdict, needed};
use serde_json::json;
use stdx::calendar;

/// In words.
pub(super) fn text(rule: &MetricRule, verdict: &Verdict, state: StateValue) -> String {
    let Verdict { points, filled, .. } = verdict;
    match state {
        StateValue::InsufficientData => format!("Insufficient Data: {} unknown.", counted(*filled as usize)),
        _ if points.is_empty() => {
            let treated = rule.treat_missing.map_or("missing", |missing| missing.name());
            let treated = if treated == "breaching" { "Breaching" } else { "NonBreaching" };
            let (periods, plural) = (*filled, if *filled == 1 { "" } else { "s" });
            let verb = if periods == 1 { "was" } else { "were" };
            format!(
                "Threshold Crossed: no datapoints were received for {periods} period{plural} and {periods} missing \
                 datapoint{plural} {verb} treated as [{treated}]."
            )
        }
        _ => of_points(rule, points, state),
    }
}

fn of_points(rule: &MetricRule, points: &[(u64, f64)], state: StateValue) -> String {
    let (needed, periods, threshold) = (needed(rule), rule.evaluation_periods, java(rule.threshold));
    let words = rule.comparison.words();
    let breaching: Vec<_> =
        points.iter().filter(|(_, value)| rule.comparison.is_breached(*value, rule.threshold)).collect();
    if state == StateValue::Alarm && needed < periods as usize {
        let (count, plural) = (breaching.len(), if needed == 1 { "" } else { "s" });
        let shown = listed(breaching.into_iter());
        let verb = if count == 1 { "was" } else { "were" };
        return format!(
            "Threshold Crossed: {count} out of the last {periods} datapoints [{shown}] {verb} {words} the threshold \
             ({threshold}) (minimum {needed} datapoint{plural} for OK -> ALARM transition)."
        );
    }
    let not = if state == StateValue::Alarm { "" } else { "not " };
    let verb = if points.len() == 1 { "was" } else { "were" };
    let (count, plural) = (points.len(), if points.len() == 1 { "" } else { "s" });
    let shown = listed(points.iter());
    format!(
        "Threshold Crossed: {count} datapoint{plural} [{shown}] {verb} {not}{words} the threshold ({threshold})."
    )
}

fn counted(count: usize) -> String {
    if count == 1 { "1 datapoint was".to_owned() } else { format!("{count} datapoints were") }
}

fn listed<'a>(points: impl Iterator<Item = &'a (u64, f64)>) -> String {
    let shown = points.map(|(at, value)| format!("{} ({})", java(*value), short_time(*at)));
    shown.collect::<Vec<_>>().join(", ")
}

/// As JSON; `samples` are those of the points.
pub(super) fn data(rule: &MetricRule, verdict: &Verdict, queried_seconds: u64) -> String {
    let mut newest_first = verdict.points.clone();
    let oldest = newest_first.last().map(|(at, _)| long_time(*at));
    let evaluated: Vec<_> =
        newest_first.iter().map(|(at, value)| json!({"timestamp": long_time(*at), "value": value})).collect();
    newest_first.reverse();
    let recent: Vec<f64> = newest_first.iter().map(|(_, value)| *value).collect();
    let mut data = json!({
        "version": "1.0",
        "queryDate": long_time(queried_seconds),
        "recentDatapoints": recent,
        "threshold": rule.threshold,
        "evaluatedDatapoints": evaluated,
    });
    if let Some(oldest) = oldest {
        data["startDate"] = oldest.into();
    }
    if let Watched::Metric(stat) = &rule.watched {
        data["statistic"] = stat.statistic.as_str().into();
        data["period"] = stat.period.into();
        if let Some(unit) = &stat.unit {
            data["unit"] = unit.as_str().into();
        }
    }
    data.to_string()
}

/// A number as the service writes it: always with decimals.
pub(super) fn java(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.1}") } else { number.to_string() }
}

/// `25/11/26 03:04:00`
fn short_time(seconds: u64) -> String {
    let ((year, month, day), [hour, minute, second]) = parts(seconds);
    format!("{day:02}/{month:02}/{:02} {hour:02}:{minute:02}:{second:02}", year % 100)
}

/// `2026-11-29T03:04:00.000+0000`
pub(crate) fn long_time(seconds: u64) -> String {
    let ((year, month, day), [hour, minute, second]) = parts(seconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.000+0000")
}

/// The same of microseconds, with the thousandths of a second.
pub(crate) fn time_of(micros: u64) -> String {
    let (seconds, millis) = (micros / 1_000_000, micros / 1_000 % 1_000);
    long_time(seconds).replace(".000", &format!(".{millis:03}"))
}

/// `Friday 01 March, 2024 10:53:54 UTC`
pub(super) fn spoken_time(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let ((year, month, day), [hour, minute, second]) = parts(seconds);
    let weekday = DAYS[(seconds / 86_400 % 7) as usize];
    let month = MONTHS[(month as usize).saturating_sub(1) % 12];
    format!("{weekday} {day:02} {month}, {year} {hour:02}:{minute:02}:{second:02} UTC")
}

fn parts(seconds: u64) -> ((i64, i64, i64), [u64; 3]) {
    let date = calendar::date_of((seconds / 86_400) as i64);
    (date, [seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60])
}

#[cfg(test)]
mod tests {
    use super::super::alarm::{Comparison, Missing};
    use super::*;
    use crate::metrics::Series;
    use crate::queries::Stat;

    fn rule(periods: u32, datapoints: Option<u32>) -> MetricRule {
        let series = Series::new("n", "m", []);
        let stat = Stat { series, statistic: "Average".to_owned(), period: 10, unit: None };
        MetricRule {
            watched: Watched::Metric(stat),
            evaluation_periods: periods,
            datapoints_to_alarm: datapoints,
            threshold: 21.0,
            comparison: Comparison::GreaterThan,
            treat_missing: Some(Missing::Breaching),
            low_sample_count: None,
        }
    }

    #[test]
    fn reasons_are_worded_as_the_service_does() {
        let verdict =
            |points: &[(u64, f64)], filled| Verdict { state: None, points: points.to_vec(), filled };
        let at = 1_795_575_840; // 2026-11-25T03:04:00Z
        for (rule, verdict, state, expect) in [
            (
                rule(1, None),
                verdict(&[(at, 21.5)], 0),
                StateValue::Alarm,
                "Threshold Crossed: 1 datapoint [21.5 (25/11/26 03:04:00)] was greater than the threshold (21.0).",
            ),
            (
                rule(2, None),
                verdict(&[(at, 0.0), (at - 60, 1.0)], 0),
                StateValue::Ok,
                "Threshold Crossed: 2 datapoints [0.0 (25/11/26 03:04:00), 1.0 (25/11/26 03:03:00)] were not greater \
                 than the threshold (21.0).",
            ),
            (
                rule(3, Some(2)),
                verdict(&[(at, 30.0), (at - 60, 1.0), (at - 120, 22.0)], 0),
                StateValue::Alarm,
                "Threshold Crossed: 2 out of the last 3 datapoints [30.0 (25/11/26 03:04:00), 22.0 (25/11/26 \
                 03:02:00)] were greater than the threshold (21.0) (minimum 2 datapoints for OK -> ALARM transition).",
            ),
            (
                rule(2, None),
                verdict(&[], 2),
                StateValue::Alarm,
                "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as \
                 [Breaching].",
            ),
            (
                rule(2, None),
                verdict(&[], 2),
                StateValue::InsufficientData,
                "Insufficient Data: 2 datapoints were unknown.",
            ),
        ] {
            assert_eq!(text(&rule, &verdict, state), expect);
        }
        assert_eq!(long_time(at), "2026-11-25T03:04:00.000+0000");
        assert_eq!(spoken_time(1_709_290_434), "Friday 01 March, 2024 10:53:54 UTC");
    }
}
