//! `numeric`: numbers of a range. Only JSON's own numbers are compared: DynamoDB's are strings in a record.

use super::PatternError;
use serde_json::Value;

/// What bounds a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NumberRange(Vec<Bound>);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    Equal(f64),
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
}

impl NumberRange {
    /// `["=", 5]`, `[">", 10]`, `[">", 10, "<=", 20]`.
    pub(super) fn read(value: &Value) -> Result<NumberRange, PatternError> {
        let not_a_list = PatternError::Operand { what: "numeric", expected: "an array" };
        let entries = value.as_array().ok_or(not_a_list)?;
        let bounds = entries.chunks(2).map(bound).collect::<Result<Vec<_>, _>>()?;
        let second = |bound: &Bound| matches!(bound, Bound::Below(_) | Bound::AtMost(_));
        match bounds[..] {
            [] => Err(PatternError::EmptyArray),
            [_] => Ok(NumberRange(bounds)),
            [Bound::Above(low) | Bound::AtLeast(low), high] if second(&high) && low < high.number() => {
                Ok(NumberRange(bounds))
            }
            [Bound::Above(_) | Bound::AtLeast(_), high] if second(&high) => Err(PatternError::EmptyRange),
            [_, ..] => {
                let operator = entries.get(2).and_then(Value::as_str).unwrap_or_default();
                Err(PatternError::NumericOperator(operator.to_owned()))
            }
        }
    }

    pub(super) fn takes(&self, value: f64) -> bool {
        self.0.iter().all(|bound| bound.takes(value))
    }
}

fn bound(pair: &[Value]) -> Result<Bound, PatternError> {
    let operator = pair.first().and_then(Value::as_str);
    let operator =
        operator.ok_or(PatternError::Operand { what: "numeric", expected: "an operator first" })?;
    let number = pair.get(1).and_then(Value::as_f64);
    let number =
        number.ok_or(PatternError::Operand { what: "numeric", expected: "numeric behind an operator" })?;
    Ok(match operator {
        "=" => Bound::Equal(number),
        ">" => Bound::Above(number),
        ">=" => Bound::AtLeast(number),
        "<" => Bound::Below(number),
        "<=" => Bound::AtMost(number),
        _ => return Err(PatternError::NumericOperator(operator.to_owned())),
    })
}

impl Bound {
    fn number(self) -> f64 {
        match self {
            Bound::Equal(number)
            | Bound::Above(number)
            | Bound::AtLeast(number)
            | Bound::Below(number)
            | Bound::AtMost(number) => number,
        }
    }

    fn takes(self, value: f64) -> bool {
        match self {
            Bound::Equal(number) => value == number,
            Bound::Above(number) => value > number,
            Bound::AtLeast(number) => value >= number,
            Bound::Below(number) => value < number,
            Bound::AtMost(number) => value <= number,
        }
    }
}
