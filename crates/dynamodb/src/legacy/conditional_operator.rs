//! ConditionalOperator: how several legacy conditions are joined.

use crate::errors::{self, Layer};
use expr::Condition;
use model::ApiError;

/// AND or OR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// All must hold.
    And,
    /// One must hold.
    Or,
}

impl Join {
    /// From an operator that has been checked; AND where there is none.
    pub fn of(operator: Option<&str>) -> Join {
        if operator == Some("OR") { Join::Or } else { Join::And }
    }

    /// The conditions as one; `None` for none.
    pub fn all(self, mut conditions: Vec<Condition>) -> Option<Condition> {
        match (conditions.len(), self) {
            (0, _) => None,
            (1, _) => conditions.pop(),
            (_, Join::And) => Some(Condition::And(conditions)),
            (_, Join::Or) => Some(Condition::Or(conditions)),
        }
    }
}

/// Only two or more conditions can be joined; only then the operator's value is checked.
pub fn check_conditional_operator(
    operator: Option<&str>,
    conditions: usize,
    layer: Layer,
) -> Result<(), ApiError> {
    let Some(operator) = operator else { return Ok(()) };
    let text = match conditions {
        0 => errors::OPERATOR_WITHOUT_CONDITIONS,
        1 => errors::OPERATOR_WITH_ONE_CONDITION,
        _ if !matches!(operator, "AND" | "OR") => errors::UNKNOWN_CONDITIONAL_OPERATOR,
        _ => return Ok(()),
    };
    Err(layer.refuse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_without_two_conditions() {
        for (operator, conditions, expected) in [
            (None, 0, None),
            (Some("AND"), 0, Some(errors::OPERATOR_WITHOUT_CONDITIONS)),
            (Some("X"), 1, Some(errors::OPERATOR_WITH_ONE_CONDITION)),
            (Some("X"), 2, Some(errors::UNKNOWN_CONDITIONAL_OPERATOR)),
            (Some("OR"), 2, None),
        ] {
            let found = check_conditional_operator(operator, conditions, Layer::Plain).err();
            assert_eq!(found.and_then(|error| error.message).as_deref(), expected);
        }
    }
}
