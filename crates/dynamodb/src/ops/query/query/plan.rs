//! The plan of a Query: its key condition, filter and projection are read from expressions or from the parameters
//! before them.

use crate::capacity::Report;
use crate::checks::expression_parameters::{Aliases, Expressions, not_empty};
use crate::checks::page_plan::{self, PagePlan};
use crate::checks::select::{Select, SelectParameters, Selection};
use crate::checks::table_ref::TableRef;
use crate::errors::{self, Layer};
use crate::legacy::{self, LegacyKeyCondition};
use engine::Table;
use expr::{Condition, KeyCondition, Kind, Projection};
use model::ApiError;
use model::dynamodb::QueryInput;
use store::Direction;

/// The plan of Query.
#[derive(Debug)]
pub struct Plan {
    pub(super) page: PagePlan,
    pub(super) key: Key,
    pub(super) direction: Direction,
    /// The filter is QueryFilter's, whose misuse has words of its own.
    pub(super) has_query_filter: bool,
}

/// The key condition.
#[derive(Debug)]
pub(super) enum Key {
    /// KeyConditionExpression
    Expression(KeyCondition),
    /// KeyConditions
    Legacy(LegacyKeyCondition),
    /// Neither is given, which is reported after the table lookup.
    Missing,
}

impl Key {
    /// The condition of the request, whether it fits a key or not.
    pub(super) fn given(&self) -> Option<&KeyCondition> {
        match self {
            Key::Expression(condition) => Some(condition),
            Key::Legacy(conditions) => conditions.given(),
            Key::Missing => None,
        }
    }

    /// The condition on the key of what is read.
    pub(super) fn condition(
        &self,
        table: &Table,
        index_name: Option<&str>,
    ) -> Result<&KeyCondition, ApiError> {
        match self {
            Key::Expression(condition) => Ok(condition),
            Key::Legacy(conditions) => {
                let index = index_name.and_then(|name| table.index(name));
                let key = index.map_or(&table.key, |(_, index)| &index.key);
                conditions.on_key_of(key.attributes().count())
            }
            Key::Missing => Err(ApiError::validation(errors::NO_KEY_CONDITION)),
        }
    }
}

impl Plan {
    /// The stages of expressions, and the rest of the request.
    pub(super) fn of(mut input: QueryInput, layer: Layer) -> Result<Plan, ApiError> {
        let (names, values) =
            (input.expression_attribute_names.take(), input.expression_attribute_values.take());
        let aliases = Aliases::of(names, values);
        let mut expressions = Expressions::new(layer, &aliases);
        let Parts { key, filter, projection } = Parts::of(&input, layer, &mut expressions)?;
        let unused = expressions.check_unused();
        let select = Select::of(input.select.as_deref());
        Ok(Plan {
            page: PagePlan {
                table: TableRef::of(input.table_name),
                index_name: input.index_name,
                consistent_read: input.consistent_read,
                start: page_plan::start(input.exclusive_start_key),
                limit: page_plan::limit(input.limit),
                selection: Selection { select, projection, filter },
                capacity: Report::of(input.return_consumed_capacity.as_deref()),
                unused,
            },
            key,
            direction: direction(input.scan_index_forward),
            has_query_filter: input.query_filter.is_some(),
        })
    }
}

fn direction(scan_index_forward: Option<bool>) -> Direction {
    if scan_index_forward == Some(false) { Direction::Reverse } else { Direction::Forward }
}

/// What the expressions of a query, and the parameters in their place, have become.
struct Parts {
    key: Key,
    filter: Option<Condition>,
    projection: Option<Projection>,
}

impl Parts {
    fn of(input: &QueryInput, layer: Layer, expressions: &mut Expressions<'_>) -> Result<Parts, ApiError> {
        let (key, filter) = (input.key_condition_expression.as_deref(), input.filter_expression.as_deref());
        not_empty(key, Kind::KeyCondition, layer)?;
        let filter = expressions.condition(filter, Kind::Filter)?;
        let projection = expressions.projection(input.projection_expression.as_deref())?;
        select_parameters(input).check()?;
        let key = expressions.condition(key, Kind::KeyCondition)?;
        let operator = input.conditional_operator.as_deref();
        let query_filter = legacy::filter_condition(input.query_filter.as_ref(), operator, layer)?;
        Ok(Parts {
            key: key_of(key, input, layer)?,
            filter: filter.or(query_filter),
            projection: projection.or_else(|| legacy::attributes_to_get(input.attributes_to_get.as_ref())),
        })
    }
}

fn key_of(expression: Option<Condition>, input: &QueryInput, layer: Layer) -> Result<Key, ApiError> {
    match (expression, &input.key_conditions) {
        (Some(condition), _) => {
            let key = KeyCondition::from_condition(&condition).map_err(|error| layer.refuse(error))?;
            Ok(Key::Expression(key))
        }
        (None, Some(conditions)) => Ok(Key::Legacy(LegacyKeyCondition::of(conditions, layer))),
        (None, None) => Ok(Key::Missing),
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
