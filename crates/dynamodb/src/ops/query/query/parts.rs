//! The key condition, filter and projection of a Query, from expressions or from the parameters before them.

use super::LAYER;
use crate::checks::expression_parameters::{Expressions, not_empty};
use crate::checks::select::SelectParameters;
use crate::legacy;
use engine::Table;
use expr::{Condition, KeyCondition, Kind, Projection};
use model::ApiError;
use model::dynamodb::QueryInput;

/// What a query consists of.
pub(super) struct Parts {
    pub key: Option<KeyCondition>,
    pub filter: Option<Condition>,
    pub projection: Option<Projection>,
}

impl Parts {
    /// The stages of expressions.
    pub(super) fn read(input: &QueryInput, expressions: &mut Expressions<'_>) -> Result<Parts, ApiError> {
        let (key, filter) = (input.key_condition_expression.as_deref(), input.filter_expression.as_deref());
        not_empty(key, Kind::KeyCondition, LAYER)?;
        let filter = expressions.condition(filter, Kind::Filter)?;
        let projection = expressions.projection(input.projection_expression.as_deref())?;
        select_parameters(input).check()?;
        let key = expressions.condition(key, Kind::KeyCondition)?;
        let key = key.map(|key| KeyCondition::from_condition(&key)).transpose();
        Ok(Parts { key: key.map_err(|error| LAYER.refuse(error))?, filter, projection })
    }

    /// Where there is no expression, the parameter from before takes its place.
    pub(super) fn or_legacy(self, input: &QueryInput, table: &Table) -> Result<Parts, ApiError> {
        let key_attributes = || {
            let index = input.index_name.as_deref().and_then(|name| table.index(name));
            index.map_or(&table.key, |(_, index)| &index.key).attributes().count()
        };
        let conditions = input.key_conditions.as_ref();
        let key = conditions.map(|conditions| legacy::key_condition(conditions, key_attributes(), LAYER));
        let key = key.transpose()?;
        let operator = input.conditional_operator.as_deref();
        let filter = legacy::filter_condition(input.query_filter.as_ref(), operator, LAYER)?;
        let projection = legacy::attributes_to_get(input.attributes_to_get.as_ref());
        Ok(Parts {
            key: self.key.or(key),
            filter: self.filter.or(filter),
            projection: self.projection.or(projection),
        })
    }
}

fn select_parameters(input: &QueryInput) -> SelectParameters<'_> {
    SelectParameters {
        select: input.select.as_deref(),
        attributes_to_get: input.attributes_to_get.is_some(),
        projection: input.projection_expression.is_some(),
        index: input.index_name.is_some(),
    }
}
