//! The queries of a request or an alarm: metrics by the period, and expressions over them.
//!
//! [`read`] judges and reads them, [`CloudWatch::answers`] computes those that are to be returned.

mod label;
mod read;

pub use read::{read, read_one};

use crate::errors;
use crate::math::{Line, MathError, Scope, Value, parse};
use crate::metrics::{Owner, Series, Unit};
use crate::service::CloudWatch;
use crate::statistic::Statistic;
use crate::window::{Window, step_seconds};
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Points of all metrics of one request.
const POINTS_MAX: u64 = 2_000_000;

/// One query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// What expressions call it.
    pub id: String,
    /// What the client calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether its result is wanted.
    pub is_returned: bool,
    /// What it asks for.
    pub source: Source,
}

/// What a query asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Source {
    /// A statistic of a series.
    Metric(Stat),
    /// Metric math.
    Expression {
        /// The expression.
        text: String,
        /// The period that was given, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        period: Option<u64>,
    },
}

/// A statistic of a series by the period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stat {
    /// The series.
    pub series: Series,
    /// The name of the statistic.
    pub statistic: String,
    /// Seconds.
    pub period: u64,
    /// The unit, or whichever has data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// From when to when, in seconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The first second.
    pub start: f64,
    /// The first one behind it.
    pub end: f64,
}

/// What a query came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The query.
    pub id: String,
    /// What to call it.
    pub label: String,
    /// The points, oldest first.
    pub line: Line,
    /// The units that have data, where there are several and none was asked for.
    pub units: Vec<&'static str>,
}

/// What a query came to, before it has a label.
struct Found {
    line: Line,
    units: Vec<&'static str>,
}

impl CloudWatch {
    /// The results of the queries that are to be returned, in their order.
    ///
    /// # Errors
    /// When a period does not fit the age of the points, an expression cannot be computed, or the store cannot read.
    pub(crate) async fn answers(
        &self,
        owner: Owner<'_>,
        queries: &[Query],
        span: Span,
        now_micros: u64,
    ) -> Result<Vec<Answer>, ApiError> {
        let windows = windows(queries, span, now_micros)?;
        let mut scope = Scope::of(span.start.max(0.0) as u64, span.end.max(0.0) as u64);
        let mut units = Vec::new();
        for (query, window) in queries.iter().zip(windows) {
            let (Source::Metric(stat), Some(window)) = (&query.source, window) else { continue };
            let found = self.line(owner, stat, window, now_micros).await?;
            units.push((query.id.as_str(), found.units));
            scope.add_metric(&query.id, found.line);
            tokio::task::yield_now().await;
        }
        compute(&mut scope, queries)?;
        let mut answers = Vec::new();
        for query in queries.iter().filter(|query| query.is_returned) {
            let units = units.iter().find(|(id, _)| *id == query.id).map(|(_, units)| units.clone());
            answers.extend(self.answer(owner, &scope, queries, query, units.unwrap_or_default())?);
        }
        Ok(answers)
    }

    fn answer(
        &self,
        owner: Owner<'_>,
        scope: &Scope,
        queries: &[Query],
        query: &Query,
        units: Vec<&'static str>,
    ) -> Result<Vec<Answer>, ApiError> {
        let answer = |line: &Line, default: String| Answer {
            id: query.id.clone(),
            label: label::of(query, owner, line, default),
            line: line.clone(),
            units: units.clone(),
        };
        match scope.value(&query.id) {
            Some(Value::Line(line)) => Ok(vec![answer(line, label::default(queries, query))]),
            Some(Value::List(lines)) => Ok(lines
                .iter()
                .map(|line| answer(line, format!("{} {}", query.id, line.label).trim_end().to_owned()))
                .collect()),
            _ => Err(errors::not_a_series(&query.id)),
        }
    }

    async fn line(
        &self,
        owner: Owner<'_>,
        stat: &Stat,
        window: Window,
        now_micros: u64,
    ) -> Result<Found, ApiError> {
        let unit = stat.unit.as_deref().and_then(Unit::named);
        let read = self.periods(owner, &stat.series, unit, window, now_micros).await;
        let periods = read.map_err(|error| errors::unavailable(&error))?;
        let statistic = Statistic::named(&stat.statistic).unwrap_or(Statistic::Sum);
        let first = periods.values().next();
        let points = first.into_iter().flat_map(|periods| &periods.0);
        let points = points.filter_map(|(at, point)| Some((*at, statistic.of(point)?)));
        let line = Line { label: stat.series.name.clone(), period: stat.period, points: points.collect() };
        let units =
            if periods.len() > 1 { periods.keys().map(|unit| unit.name()).collect() } else { Vec::new() };
        Ok(Found { line, units })
    }
}

/// The window of each metric, `None` for expressions.
fn windows(queries: &[Query], span: Span, now_micros: u64) -> Result<Vec<Option<Window>>, ApiError> {
    let mut points = 0;
    let mut windows = Vec::new();
    for query in queries {
        let Source::Metric(stat) = &query.source else {
            windows.push(None);
            continue;
        };
        let window = window_of(stat.period, span, now_micros)?;
        points += window.periods();
        if points > POINTS_MAX {
            return Err(errors::too_many_datapoints(points, POINTS_MAX));
        }
        windows.push(Some(window));
    }
    Ok(windows)
}

/// Periods below a minute are taken; points are of whole minutes.
pub(crate) fn window_of(period: u64, span: Span, now_micros: u64) -> Result<Window, ApiError> {
    let step = step_seconds(span.start, now_micros);
    let is_short = matches!(period, 1 | 5 | 10 | 20 | 30) && step == 60;
    if !is_short && (period == 0 || !period.is_multiple_of(step)) {
        return Err(errors::invalid_period(period as i64, step));
    }
    Ok(Window::of(span.start, span.end, period, now_micros))
}

/// Expressions may name each other in any order, but not in a circle.
fn compute(scope: &mut Scope, queries: &[Query]) -> Result<(), ApiError> {
    let mut left = Vec::new();
    for query in queries {
        if let Source::Expression { text, .. } = &query.source {
            let parsed = parse(text).map_err(|error| errors::expression(&query.id, &error))?;
            left.push((query.id.as_str(), parsed));
        }
    }
    while !left.is_empty() {
        let waiting: BTreeSet<&str> = left.iter().map(|(id, _)| *id).collect();
        let ready = left
            .iter()
            .position(|(_, expression)| !expression.words().iter().any(|word| waiting.contains(word)));
        let Some(ready) = ready else {
            return Err(errors::expression(left[0].0, &MathError::Circle));
        };
        let (id, expression) = left.swap_remove(ready);
        let value = scope.evaluate(&expression).map_err(|error| errors::expression(id, &error))?;
        scope.add(id, value);
    }
    Ok(())
}
