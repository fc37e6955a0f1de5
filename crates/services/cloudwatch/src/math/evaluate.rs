//! Computes expressions.

use super::aggregate::Aggregate;
use super::parse::{Expression, Operator};
use super::pointwise::{Filling, fill, function};
use super::{Line, MathError, lists};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Points that the expressions of one request may touch.
const BUDGET_POINTS: usize = 20_000_000;

/// What an expression comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A series.
    Line(Line),
    /// Several series.
    List(Vec<Line>),
    /// A word that a function takes.
    Text(String),
}

/// What expressions of one request may name.
#[derive(Debug)]
pub struct Scope {
    values: BTreeMap<String, Value>,
    /// The ids of the metrics, in the order of the request.
    metrics: Vec<String>,
    start: u64,
    end: u64,
    budget: Cell<usize>,
}

impl Scope {
    /// Nothing yet, from a time to another in seconds since the Unix epoch.
    pub fn of(start: u64, end: u64) -> Self {
        Scope { values: BTreeMap::new(), metrics: Vec::new(), start, end, budget: Cell::new(BUDGET_POINTS) }
    }

    /// Gives a metric its name.
    pub fn add_metric(&mut self, id: &str, line: Line) {
        self.metrics.push(id.to_owned());
        self.values.insert(id.to_owned(), Value::Line(line));
    }

    /// Gives the value of an expression its name.
    pub fn add(&mut self, id: &str, value: Value) {
        self.values.insert(id.to_owned(), value);
    }

    /// The value of an id.
    pub fn value(&self, id: &str) -> Option<&Value> {
        self.values.get(id)
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// When an operand is unknown or of a wrong type, or too much would be computed.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, MathError> {
        let value = match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.clone()),
            Expression::Word(word) => self.word(word)?,
            Expression::Negative(inner) => {
                self.binary(Operator::Multiply, Value::Number(-1.0), self.evaluate(inner)?)?
            }
            Expression::Binary(operator, left, right) => {
                self.binary(*operator, self.evaluate(left)?, self.evaluate(right)?)?
            }
            Expression::List(all) => {
                let mut lines = Vec::new();
                for one in all {
                    match self.evaluate(one)? {
                        Value::Line(line) => lines.push(line),
                        Value::List(more) => lines.extend(more),
                        Value::Number(_) | Value::Text(_) => return Err(operands("a list")),
                    }
                }
                Value::List(lines)
            }
            Expression::Call(name, all) => self.call(name, all)?,
        };
        self.spend(&value)?;
        Ok(value)
    }

    fn word(&self, word: &str) -> Result<Value, MathError> {
        match self.values.get(word) {
            Some(value) => Ok(value.clone()),
            // Words in capitals are those that functions take, such as REPEAT.
            None if word.chars().all(|c| c.is_ascii_uppercase()) => Ok(Value::Text(word.to_owned())),
            None => Err(MathError::UnknownId(word.to_owned())),
        }
    }

    fn spend(&self, value: &Value) -> Result<(), MathError> {
        let points = match value {
            Value::Line(line) => line.points.len(),
            Value::List(lines) => lines.iter().map(|line| line.points.len()).sum(),
            Value::Number(_) | Value::Text(_) => 0,
        };
        self.budget.set(self.budget.get().checked_sub(points + 1).ok_or(MathError::TooMuch)?);
        Ok(())
    }

    fn binary(&self, operator: Operator, left: Value, right: Value) -> Result<Value, MathError> {
        let meet = |left: f64, right: f64| combined(operator, left, right);
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => Ok(Value::Number(meet(left, right))),
            (Value::Line(left), Value::Number(right)) => {
                Ok(Value::Line(left.map(|_, left| meet(left, right))))
            }
            (Value::Number(left), Value::Line(right)) => {
                Ok(Value::Line(right.map(|_, right| meet(left, right))))
            }
            (Value::Line(left), Value::Line(right)) => Ok(Value::Line(left.zip(&right, meet))),
            (Value::List(lines), Value::Number(right)) => {
                Ok(Value::List(lines.iter().map(|line| line.map(|_, left| meet(left, right))).collect()))
            }
            (Value::Number(left), Value::List(lines)) => {
                Ok(Value::List(lines.iter().map(|line| line.map(|_, right| meet(left, right))).collect()))
            }
            (Value::List(lines), Value::Line(right)) => {
                Ok(Value::List(lines.iter().map(|line| line.zip(&right, meet)).collect()))
            }
            (Value::Line(left), Value::List(lines)) => {
                Ok(Value::List(lines.iter().map(|line| left.zip(line, meet)).collect()))
            }
            _ => Err(operands(&format!("{operator:?}"))),
        }
    }

    fn call(&self, name: &str, all: &[Expression]) -> Result<Value, MathError> {
        if name == "METRICS" {
            return self.metrics(all);
        }
        let values = all.iter().map(|one| self.evaluate(one)).collect::<Result<Vec<_>, _>>()?;
        let wrong = || operands(name);
        if let Some(aggregate) = Aggregate::named(name) {
            let [value] = <[Value; 1]>::try_from(values).map_err(|_| wrong())?;
            return aggregate.of(value).ok_or_else(wrong);
        }
        if let Some(function) = function(name) {
            return match &values[..] {
                [Value::Line(line)] => Ok(Value::Line(function(line))),
                [Value::List(lines)] => Ok(Value::List(lines.iter().map(function).collect())),
                _ => Err(wrong()),
            };
        }
        match (name, &values[..]) {
            ("PERIOD", [Value::Line(line)]) => Ok(Value::Number(line.period as f64)),
            ("IF", [condition, then]) => self.choose(condition, then, None).ok_or_else(wrong),
            ("IF", [condition, then, other]) => self.choose(condition, then, Some(other)).ok_or_else(wrong),
            ("FILL", [value, filling]) => self.fill(value, filling)?.ok_or_else(wrong),
            ("TIME_SERIES", [Value::Number(number)]) => {
                let empty = Line { period: self.period(), ..Line::default() };
                Ok(Value::Line(self.filled(&empty, &Filling::Number(*number))?))
            }
            ("SORT" | "SLICE" | "FIRST" | "LAST" | "REMOVE_EMPTY" | "METRIC_COUNT", values) => {
                lists::call(name, values).ok_or_else(wrong)
            }
            _ => Err(MathError::Unsupported(name.to_owned())),
        }
    }

    fn metrics(&self, all: &[Expression]) -> Result<Value, MathError> {
        let part = match all {
            [] => "",
            [Expression::Text(part)] => part,
            _ => return Err(operands("METRICS")),
        };
        let ids = self.metrics.iter().filter(|id| id.contains(part));
        let lines = ids.filter_map(|id| match self.values.get(id) {
            Some(Value::Line(line)) => Some(line.clone()),
            _ => None,
        });
        Ok(Value::List(lines.collect()))
    }

    /// The shortest period of all metrics.
    fn period(&self) -> u64 {
        let lines = self.values.values().filter_map(|value| match value {
            Value::Line(line) => Some(line.period),
            _ => None,
        });
        lines.min().unwrap_or(300)
    }

    fn fill(&self, value: &Value, filling: &Value) -> Result<Option<Value>, MathError> {
        let filling = match filling {
            Value::Number(number) => Filling::Number(*number),
            Value::Line(line) => Filling::Line(line.clone()),
            Value::Text(word) if word == "REPEAT" => Filling::Repeat,
            Value::Text(word) if word == "LINEAR" => Filling::Linear,
            _ => return Ok(None),
        };
        Ok(match value {
            Value::Line(line) => Some(Value::Line(self.filled(line, &filling)?)),
            Value::List(lines) => {
                let filled =
                    lines.iter().map(|line| self.filled(line, &filling)).collect::<Result<_, _>>()?;
                Some(Value::List(filled))
            }
            Value::Number(_) | Value::Text(_) => None,
        })
    }

    fn filled(&self, line: &Line, filling: &Filling) -> Result<Line, MathError> {
        let points = (self.end.saturating_sub(self.start) / line.period.max(1)) as usize;
        self.budget.set(self.budget.get().checked_sub(points).ok_or(MathError::TooMuch)?);
        Ok(fill(line, filling, self.start, self.end))
    }

    /// `then` where the condition is not zero, `other` where it is; a point that `then` lacks is zero, one that
    /// `other` lacks is left out.
    fn choose(&self, condition: &Value, then: &Value, other: Option<&Value>) -> Option<Value> {
        let at = |value: &Value, time: u64| match value {
            Value::Number(number) => Some(*number),
            Value::Line(line) => line.at(time),
            Value::List(_) | Value::Text(_) => None,
        };
        let is_single = |value: &Value| matches!(value, Value::Number(_) | Value::Line(_));
        if ![condition, then].into_iter().chain(other).all(is_single) {
            return None;
        }
        let Value::Line(times) = condition else {
            let Value::Number(condition) = condition else { return None };
            return if *condition != 0.0 { Some(then.clone()) } else { other.cloned() };
        };
        let chosen = times.points.iter().filter_map(|(time, condition)| {
            let value = if *condition != 0.0 {
                Some(at(then, *time).unwrap_or(0.0))
            } else {
                other.and_then(|other| at(other, *time))
            };
            Some((*time, value?))
        });
        Some(Value::Line(Line { points: chosen.collect(), ..times.same() }))
    }
}

fn operands(function: &str) -> MathError {
    MathError::Operands(function.to_owned())
}

fn combined(operator: Operator, left: f64, right: f64) -> f64 {
    let truth = |is_true: bool| if is_true { 1.0 } else { 0.0 };
    match operator {
        Operator::Or => truth(left != 0.0 || right != 0.0),
        Operator::And => truth(left != 0.0 && right != 0.0),
        Operator::Equal => truth(left == right),
        Operator::NotEqual => truth(left != right),
        Operator::Less => truth(left < right),
        Operator::LessOrEqual => truth(left <= right),
        Operator::Greater => truth(left > right),
        Operator::GreaterOrEqual => truth(left >= right),
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Power => left.powf(right),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::of(0, 300);
        let line = |label: &str, points: &[(u64, f64)]| Line {
            label: label.to_owned(),
            period: 60,
            points: points.to_vec(),
        };
        scope.add_metric("m1", line("m1", &[(0, 1.0), (60, 4.0), (180, 10.0)]));
        scope.add_metric("m2", line("m2", &[(60, 2.0), (120, 0.0), (180, 5.0)]));
        scope
    }

    fn value(text: &str) -> Result<Value, MathError> {
        scope().evaluate(&parse(text)?)
    }

    fn points(text: &str) -> Vec<(u64, f64)> {
        match value(text) {
            Ok(Value::Line(line)) => line.points,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn series_meet_at_their_times() {
        assert_eq!(points("m1 + m2"), [(60, 6.0), (180, 15.0)]);
        assert_eq!(points("m1 / (m2 - 2)"), [(180, 10.0 / 3.0)], "a number divided by zero is no point");
        assert_eq!(points("m1 / PERIOD(m1)"), [(0, 1.0 / 60.0), (60, 4.0 / 60.0), (180, 10.0 / 60.0)]);
        assert_eq!(points("-m1 ^ 2"), [(0, 1.0), (60, 16.0), (180, 100.0)]);
        assert_eq!(points("m1 > 3 AND m2 > 3"), [(60, 0.0), (180, 1.0)]);
        assert_eq!(points("RATE(m1)"), [(60, 0.05), (180, 0.05)]);
        assert_eq!(points("DIFF(m1)"), [(60, 3.0), (180, 6.0)]);
    }

    #[test]
    fn lines_of_a_list_are_one() {
        assert_eq!(value("SUM(m1)"), Ok(Value::Number(15.0)));
        assert_eq!(points("SUM(METRICS())"), [(0, 1.0), (60, 6.0), (120, 0.0), (180, 15.0)]);
        assert_eq!(points("AVG([m1, m2])"), [(0, 0.5), (60, 3.0), (120, 0.0), (180, 7.5)]);
        assert_eq!(points("MAX(METRICS(\"2\"))"), [(60, 2.0), (120, 0.0), (180, 5.0)]);
        assert_eq!(value("METRIC_COUNT(METRICS())"), Ok(Value::Number(2.0)));
        assert_eq!(points("FIRST(SORT(METRICS(), MAX, ASC))"), points("m2"));
    }

    #[test]
    fn gaps_are_filled() {
        assert_eq!(points("FILL(m1, 0)"), [(0, 1.0), (60, 4.0), (120, 0.0), (180, 10.0), (240, 0.0)]);
        assert_eq!(points("FILL(m1, REPEAT)")[2..], [(120, 4.0), (180, 10.0), (240, 10.0)]);
        assert_eq!(points("FILL(m1, LINEAR)")[2..], [(120, 7.0), (180, 10.0)]);
        assert_eq!(points("IF(m1 > 3, m2, 9)"), [(0, 9.0), (60, 2.0), (180, 5.0)]);
        assert_eq!(points("IF(m2, m1)"), [(60, 4.0), (180, 10.0)]);
        assert_eq!(points("TIME_SERIES(3)").len(), 5);
        assert_eq!(points("DAY(m1)")[0], (0, 4.0));
    }

    #[test]
    fn what_cannot_be_computed_is_refused() {
        for (text, expect) in [
            ("m3", MathError::UnknownId("m3".to_owned())),
            ("SEARCH('a', 'Sum')", MathError::Unsupported("SEARCH".to_owned())),
            ("SUM(1)", MathError::Operands("SUM".to_owned())),
            ("SUM(m1, m2)", MathError::Operands("SUM".to_owned())),
            ("IF(METRICS(), 1)", MathError::Operands("IF".to_owned())),
        ] {
            assert_eq!(value(text), Err(expect), "{text}");
        }
        let mut long = Scope::of(0, u64::MAX);
        long.add_metric("m1", Line { period: 60, ..Line::default() });
        assert_eq!(long.evaluate(&parse("FILL(m1, 0)").unwrap()), Err(MathError::TooMuch));
    }
}
