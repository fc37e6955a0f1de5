//! Checks of Query that need only the request, expressions aside.

use super::LAYER;
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::ParameterPresence;
use crate::checks::members::{Members, SELECT};
use crate::checks::table_name;
use crate::errors::{self, Layer};
use crate::legacy;
use model::ApiError;
use model::dynamodb::QueryInput;
use std::collections::BTreeMap;
use stdx::limits::NESTING_LEVELS_MAX;

/// Which layer judges the values of the request.
pub(super) fn layer(input: &QueryInput) -> Layer {
    let filters = input.query_filter.iter().chain(&input.key_conditions).flat_map(BTreeMap::values);
    let of_filters = filters.flat_map(|one| one.attribute_value_list.iter().flatten());
    let of_expressions = input.expression_attribute_values.iter().flat_map(BTreeMap::values);
    values::layer(LAYER, input.exclusive_start_key.as_ref(), of_expressions.chain(of_filters))
}

pub(super) fn members(input: &QueryInput, layer: Layer) -> Result<(), ApiError> {
    let name = input.table_name.as_deref();
    if name.is_none() || input.has_inexact_integer || layer == Layer::Older {
        return members_in_older_words(input);
    }
    let mut members = Members::new();
    if input.limit.is_some_and(|limit| limit < 1) {
        members.add(errors::member("Limit", errors::value_at_least(1)));
    }
    if name == Some("") {
        members.add(errors::member("TableName", errors::length_at_least(1)));
    }
    members.check()?;
    let mut members = Members::new();
    members
        .add_all(table_name::first_fault(name))
        .add_all(table_name::index_fault(input.index_name.as_deref()))
        .return_consumed_capacity(&input.return_consumed_capacity);
    if input.attributes_to_get.as_ref().is_some_and(Vec::is_empty) {
        members.add(errors::no_attributes_to_get());
    }
    members.add_all(missing_operators(input)).check()
}

/// The older layer reads a request that names no table, has an integer that is none as sent, or values of its own.
fn members_in_older_words(input: &QueryInput) -> Result<(), ApiError> {
    let mut members = Members::new();
    members
        .one_of("select", &input.select, SELECT)
        .return_consumed_capacity(&input.return_consumed_capacity)
        .add_all(table_name::first_fault(input.table_name.as_deref()))
        .add_all(missing_operators(input));
    if let Some(limit) = input.limit.filter(|limit| *limit < 1) {
        members.add(errors::member_value(limit, "limit", errors::value_at_least(1)));
    }
    members.check()
}

fn missing_operators(input: &QueryInput) -> Vec<String> {
    let mut texts = legacy::missing_operators(input.key_conditions.as_ref(), "keyConditions");
    texts.extend(legacy::missing_operators(input.query_filter.as_ref(), "queryFilter"));
    texts
}

pub(super) fn empty_names(input: &QueryInput, layer: Layer) -> Result<(), ApiError> {
    values::refuse_empty_name(input.attributes_to_get.iter().flatten().any(String::is_empty), layer)?;
    let filters = input.query_filter.iter().chain(&input.key_conditions).flat_map(|filter| filter.values());
    let filter_values = filters.flat_map(|one| one.attribute_value_list.iter().flatten());
    values::no_empty_name_in(filter_values, layer)?;
    input.exclusive_start_key.iter().try_for_each(|start| values::no_empty_name(start, layer))?;
    presence(input, layer).check_empty_names()
}

/// KeyConditions may stand beside a FilterExpression or a ProjectionExpression: older clients combine them. They are
/// of the other family only where there is a KeyConditionExpression.
pub(super) fn presence(input: &QueryInput, layer: Layer) -> ParameterPresence<'_> {
    let key_conditions = input.key_conditions.as_ref().filter(|_| input.key_condition_expression.is_some());
    ParameterPresence::new(layer)
        .non_expression("AttributesToGet", &input.attributes_to_get)
        .non_expression("QueryFilter", &input.query_filter)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .non_expression("KeyConditions", &key_conditions)
        .expression(expr::Kind::Projection, &input.projection_expression)
        .expression(expr::Kind::Filter, &input.filter_expression)
        .expression(expr::Kind::KeyCondition, &input.key_condition_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
        .values_tail(": FilterExpression and KeyConditionExpression are null")
}

pub(super) fn legacy_conditions(input: &QueryInput, layer: Layer) -> Result<(), ApiError> {
    let (filter, keys) = (input.query_filter.as_ref(), input.key_conditions.as_ref());
    let conditions = filter.map_or(0, |filter| filter.len());
    legacy::check_conditional_operator(input.conditional_operator.as_deref(), conditions, layer)?;
    legacy::check_filter_values(filter, NESTING_LEVELS_MAX, layer)?;
    legacy::check_filter_values(keys, NESTING_LEVELS_MAX, layer)?;
    legacy::check_filter(filter, layer)?;
    legacy::check_key_conditions(keys, layer)
}
