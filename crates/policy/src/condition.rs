//! A condition of a statement: an operator, a key of the request, and the values that it takes.

mod instant;
mod ip;
mod operator;
mod test;

pub(crate) use operator::Operator;
pub(crate) use test::Test;

use crate::fault::Fault;
use crate::pattern::Variable;
use crate::request::Context;
use operator::Values;
use std::borrow::Cow;

/// One operator on one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    /// In lower case.
    key: Box<str>,
    test: Test,
}

impl Condition {
    /// A condition of a document whose variables count, or do not.
    pub(crate) fn compile(
        operator: Operator,
        key: &str,
        values: &[&str],
        variables: bool,
    ) -> Result<Condition, Fault> {
        let test = Test::compile(operator.family, values, variables)?;
        Ok(Condition { operator, key: key.to_ascii_lowercase().into(), test })
    }

    /// Whether the condition holds for a request.
    pub(crate) fn holds(&self, context: &dyn Context) -> bool {
        let values = context.values(&self.key).filter(|values| !values.is_empty());
        if let Test::Null(wanted) = &self.test {
            return wanted.contains(&values.is_none());
        }
        let Some(values) = values else { return self.operator.without_key() };
        let negated = self.operator.negated;
        let holds = |value: &Cow<'_, str>| self.test.matches(value, context) == Some(!negated);
        match self.operator.values {
            Values::ForAll => values.iter().all(holds),
            Values::Plain if negated => values.iter().all(holds),
            Values::Plain | Values::ForAny => values.iter().any(holds),
        }
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn required(&self) -> Vec<&Variable> {
        self.test.required()
    }
}
