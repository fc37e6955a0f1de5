//! Functions of lists of lines.

use super::Line;
use super::evaluate::Value;

/// The operands of `SORT`, `SLICE` and such, evaluated.
pub(super) fn call(name: &str, operands: &[Value]) -> Option<Value> {
    let Value::List(lines) = operands.first()? else { return None };
    match (name, &operands[1..]) {
        ("METRIC_COUNT", []) => Some(Value::Number(lines.len() as f64)),
        ("FIRST", []) => lines.first().cloned().map(Value::Line),
        ("LAST", []) => lines.last().cloned().map(Value::Line),
        ("REMOVE_EMPTY", []) => {
            Some(Value::List(lines.iter().filter(|line| !line.points.is_empty()).cloned().collect()))
        }
        ("SLICE", [Value::Number(from)]) => Some(slice(lines, *from, lines.len() as f64)),
        ("SLICE", [Value::Number(from), Value::Number(to)]) => Some(slice(lines, *from, *to)),
        ("SORT", [Value::Text(by), Value::Text(order)]) => sort(lines, by, order, lines.len()),
        ("SORT", [Value::Text(by), Value::Text(order), Value::Number(count)]) => {
            sort(lines, by, order, count.max(0.0) as usize)
        }
        _ => None,
    }
}

fn slice(lines: &[Line], from: f64, to: f64) -> Value {
    let place = |number: f64| (number.max(0.0) as usize).min(lines.len());
    let (from, to) = (place(from), place(to));
    Value::List(lines[from.min(to)..to].to_vec())
}

fn sort(lines: &[Line], by: &str, order: &str, count: usize) -> Option<Value> {
    let by = |line: &Line| {
        let (sum, samples) = (line.values().sum::<f64>(), line.points.len().max(1) as f64);
        Some(match by {
            "SUM" => sum,
            "AVG" => sum / samples,
            "MIN" => line.values().fold(f64::INFINITY, f64::min),
            "MAX" => line.values().fold(f64::NEG_INFINITY, f64::max),
            _ => return None,
        })
    };
    let mut keyed = lines.iter().map(|line| Some((by(line)?, line))).collect::<Option<Vec<_>>>()?;
    match order {
        "ASC" => keyed.sort_by(|a, b| a.0.total_cmp(&b.0)),
        "DESC" => keyed.sort_by(|a, b| b.0.total_cmp(&a.0)),
        _ => return None,
    }
    Some(Value::List(keyed.into_iter().take(count).map(|(_, line)| line.clone()).collect()))
}
