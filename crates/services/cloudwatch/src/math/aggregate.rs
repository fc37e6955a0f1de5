//! Functions of all numbers of one line, or of the lines of a list at each time.

use super::Line;
use super::evaluate::Value;
use std::collections::BTreeMap;

/// What is made of several numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Avg,
    Min,
    Max,
    Sum,
    Stddev,
    Count,
}

impl Aggregate {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "AVG" => Some(Aggregate::Avg),
            "MIN" => Some(Aggregate::Min),
            "MAX" => Some(Aggregate::Max),
            "SUM" => Some(Aggregate::Sum),
            "STDDEV" => Some(Aggregate::Stddev),
            "DATAPOINT_COUNT" => Some(Aggregate::Count),
            _ => None,
        }
    }

    /// A number of one line, a line of a list. Without points there is no number.
    pub(super) fn of(self, value: Value) -> Option<Value> {
        match value {
            Value::Line(line) => {
                let values: Vec<f64> = line.values().collect();
                if values.is_empty() && self != Aggregate::Count {
                    return Some(Value::Line(line.same()));
                }
                Some(Value::Number(self.of_numbers(&values, values.len())))
            }
            Value::List(lines) => Some(Value::Line(self.of_lines(&lines))),
            Value::Number(_) | Value::Text(_) => None,
        }
    }

    fn of_lines(self, lines: &[Line]) -> Line {
        let mut columns = BTreeMap::<u64, Vec<f64>>::new();
        for (at, value) in lines.iter().flat_map(|line| &line.points) {
            columns.entry(*at).or_default().push(*value);
        }
        let points = columns.into_iter().map(|(at, column)| (at, self.of_numbers(&column, lines.len())));
        let period = lines.iter().map(|line| line.period).max().unwrap_or_default();
        Line { label: String::new(), period, points: points.collect() }
    }

    /// A line without a point at a time counts as zero where the mean is asked for.
    fn of_numbers(self, values: &[f64], count: usize) -> f64 {
        let sum: f64 = values.iter().sum();
        match self {
            Aggregate::Sum => sum,
            Aggregate::Avg => sum / count as f64,
            Aggregate::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Aggregate::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Aggregate::Count => values.len() as f64,
            Aggregate::Stddev => {
                let mean = sum / values.len() as f64;
                let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
                (squares / values.len() as f64).sqrt()
            }
        }
    }
}
