//! Checks of Scan that need only the request, expressions aside.

use super::LAYER;
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::ParameterPresence;
use crate::checks::members::{CONDITIONAL_OPERATOR, Members, SELECT};
use crate::checks::table_name;
use crate::errors::{self, Layer};
use crate::legacy;
use model::ApiError;
use model::dynamodb::ScanInput;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

const LIMITS: RangeInclusive<i64> = 1..=i64::MAX;
const SEGMENTS: RangeInclusive<i64> = 0..=999_999;
const SEGMENT_TOTALS: RangeInclusive<i64> = 1..=1_000_000;
/// One more than values that are stored may have.
const FILTER_LEVELS_MAX: usize = 32;

/// Which layer judges the values of the request.
pub(super) fn layer(input: &ScanInput) -> Layer {
    let filters = input.scan_filter.iter().flat_map(BTreeMap::values);
    let of_filters = filters.flat_map(|one| one.attribute_value_list.iter().flatten());
    let of_expressions = input.expression_attribute_values.iter().flat_map(BTreeMap::values);
    values::layer(LAYER, input.exclusive_start_key.as_ref(), of_expressions.chain(of_filters))
}

pub(super) fn members(input: &ScanInput, layer: Layer) -> Result<(), ApiError> {
    let missing = legacy::missing_operators(input.scan_filter.as_ref(), "scanFilter");
    let name = input.table_name.as_deref();
    if name.is_none() || input.has_inexact_integer || !missing.is_empty() || layer == Layer::Older {
        return members_in_older_words(input, missing);
    }
    let mut members = Members::new();
    members.add_all(outside("Limit", input.limit, LIMITS));
    members.add_all(outside("Segment", input.segment, SEGMENTS));
    members.add_all(outside("TotalSegments", input.total_segments, SEGMENT_TOTALS));
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
    members.check()
}

/// The older layer reads a request that names no table, has a condition without operator, an integer that is none as
/// sent, or values of its own.
fn members_in_older_words(input: &ScanInput, missing: Vec<String>) -> Result<(), ApiError> {
    let mut members = Members::new();
    members
        .one_of("select", &input.select, SELECT)
        .add_all(outside_in_older_words("totalSegments", input.total_segments, SEGMENT_TOTALS))
        .return_consumed_capacity(&input.return_consumed_capacity)
        .add_all(table_name::first_fault(input.table_name.as_deref()))
        .one_of("conditionalOperator", &input.conditional_operator, CONDITIONAL_OPERATOR)
        .add_all(missing)
        .add_all(outside_in_older_words("segment", input.segment, SEGMENTS))
        .add_all(outside_in_older_words("limit", input.limit, LIMITS))
        .check()
}

fn outside(name: &str, value: Option<i64>, range: RangeInclusive<i64>) -> Option<String> {
    Some(errors::member(name, constraint(value?, range)?))
}

fn outside_in_older_words(name: &str, value: Option<i64>, range: RangeInclusive<i64>) -> Option<String> {
    Some(errors::member_value(value?, name, constraint(value?, range)?))
}

fn constraint(value: i64, range: RangeInclusive<i64>) -> Option<String> {
    match value {
        value if value < *range.start() => Some(errors::value_at_least(*range.start())),
        value if value > *range.end() => Some(errors::value_at_most(*range.end())),
        _ => None,
    }
}

pub(super) fn empty_names(input: &ScanInput, layer: Layer) -> Result<(), ApiError> {
    values::refuse_empty_name(input.attributes_to_get.iter().flatten().any(String::is_empty), layer)?;
    let filters = input.scan_filter.iter().flat_map(|filter| filter.values());
    values::no_empty_name_in(filters.flat_map(|one| one.attribute_value_list.iter().flatten()), layer)?;
    input.exclusive_start_key.iter().try_for_each(|start| values::no_empty_name(start, layer))?;
    presence(input, layer).check_empty_names()
}

pub(super) fn presence(input: &ScanInput, layer: Layer) -> ParameterPresence<'_> {
    ParameterPresence::new(layer)
        .non_expression("AttributesToGet", &input.attributes_to_get)
        .non_expression("ScanFilter", &input.scan_filter)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .expression(expr::Kind::Projection, &input.projection_expression)
        .expression(expr::Kind::Filter, &input.filter_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
        .values_tail(": FilterExpression is null")
}

pub(super) fn legacy_conditions(input: &ScanInput, layer: Layer) -> Result<(), ApiError> {
    let filter = input.scan_filter.as_ref();
    let conditions = filter.map_or(0, |filter| filter.len());
    legacy::check_conditional_operator(input.conditional_operator.as_deref(), conditions, layer)?;
    legacy::check_filter_values(filter, FILTER_LEVELS_MAX, layer)?;
    legacy::check_filter(filter, layer)
}

pub(super) fn segments(input: &ScanInput) -> Result<(), ApiError> {
    let text = match (input.segment, input.total_segments) {
        (Some(_), None) => errors::NO_TOTAL_SEGMENTS.to_owned(),
        (None, Some(_)) => errors::NO_SEGMENT.to_owned(),
        (Some(number), Some(total)) if number >= total => errors::segment_beyond(number, total),
        _ => return Ok(()),
    };
    Err(LAYER.refuse(text))
}
