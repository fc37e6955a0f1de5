//! Scan: a page of all there is in a table or index, or in one segment of it.
//!
//! Order of refusals. Without a table name, or with a condition without operator: Select, TotalSegments,
//! ReturnConsumedCapacity, the name, ConditionalOperator, conditions without operator, Segment, Limit (together,
//! older wording). Else: Limit, Segment, TotalSegments, an empty table name (together) → table name,
//! ReturnConsumedCapacity, no names in AttributesToGet (together) → empty names → both families of parameters,
//! misused names and values → ConditionalOperator → values of ScanFilter, then its operators → a name twice in
//! AttributesToGet → values of the start key → Segment and TotalSegments do not go together → Select, alone and
//! with what else is given → the filter, the projection → no such table → ConsistentRead of a global index → no
//! such index → attributes a global index does not hold → attributes of the start key → paths into key attributes →
//! where the start key lies → unused names and values.

use crate::capacity::Report;
use crate::checks::expression_parameters::{Aliases, Expressions, Given};
use crate::checks::members::{CONDITIONAL_OPERATOR, Members, SELECT};
use crate::checks::range_source::Source;
use crate::checks::select::{self, SelectParameters, Selection};
use crate::checks::start_key::{self, StartOf};
use crate::checks::table_name::{self, resolve_table};
use crate::checks::{attribute_values as values, filter_keys};
use crate::errors::{self, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::{ScanRequest, Segment};
use expr::{Condition, Projection};
use model::generated::{Scan, ScanInput, ScanOutput};
use model::{ApiError, Violation};
use pipeline::{Access, Cx, Kind, Operation};
use std::ops::RangeInclusive;

const LAYER: Layer = Layer::Plain;
const LIMITS: RangeInclusive<i64> = 1..=i64::MAX;
const SEGMENTS: RangeInclusive<i64> = 0..=999_999;
const SEGMENT_TOTALS: RangeInclusive<i64> = 1..=1_000_000;
/// One more than values that are stored may have.
const FILTER_LEVELS_MAX: usize = 32;

impl Operation<DynamoDb> for Scan {
    const KIND: Kind = Kind::Read;

    fn constraints(_: &ScanInput) -> Vec<Violation> {
        Vec::new() // members have an order and wordings of their own, in `check`
    }

    fn check(input: &ScanInput) -> Result<(), ApiError> {
        check_members(input)?;
        check_empty_names(input)?;
        given(input).check()?;
        check_legacy(input)?;
        legacy::no_duplicates(input.attributes_to_get.as_ref(), LAYER)?;
        start_key::check_values(input.exclusive_start_key.as_ref(), StartOf::Scan)?;
        check_segments(input)?;
        select::check_value(&input.select)?;
        select_parameters(input).check()
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &ScanInput) -> Access {
        crate::access::table_or_index(
            cx,
            "dynamodb:Scan",
            input.table_name.as_deref(),
            input.index_name.as_deref(),
        )
    }

    async fn run(cx: &Cx<'_, DynamoDb>, mut input: ScanInput) -> Result<ScanOutput, ApiError> {
        let aliases =
            Aliases::of(input.expression_attribute_names.take(), input.expression_attribute_values.take());
        let mut expressions = Expressions::new(LAYER, &aliases);
        let filter = filter(&input, &mut expressions)?;
        let projection = projection(&input, &mut expressions)?;
        let name = input.table_name.as_deref().unwrap_or_default();
        let table = resolve_table(cx, name)?;
        let source = Source::of(&table, input.index_name.as_deref(), input.consistent_read)?;
        let selection = Selection::new(input.select.as_deref(), projection.as_ref(), filter.as_ref());
        selection.check_projected(&source)?;
        let start = input.exclusive_start_key.as_ref().map(|start| &start.item);
        start_key::check_shape(&source, start, StartOf::Scan)?;
        filter_keys::check_scalars(&source, filter.as_ref())?;
        let segment = segment(&input);
        let request = ScanRequest {
            table: &table,
            index: source.index(),
            segment,
            exclusive_start_key: start,
            limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
            filter: filter.as_ref(),
            attributes: selection.attributes(),
            fetch: selection.needs_fetch(&source),
        };
        let page = cx.service.engine.scan(&request).map_err(|error| start_key::scan_error(error, segment))?;
        expressions.check_unused()?;
        let report = Report::of(input.return_consumed_capacity.as_deref());
        Ok(ScanOutput {
            consumed_capacity: source.consumed(&page).report(report, name, &table),
            items: (!selection.counts_only()).then_some(page.items),
            count: Some(page.count as i64),
            scanned_count: Some(page.scanned_count as i64),
            last_evaluated_key: page.last_evaluated_key,
        })
    }
}

fn check_members(input: &ScanInput) -> Result<(), ApiError> {
    let missing = legacy::missing_operators(input.scan_filter.as_ref(), "scanFilter");
    let name = input.table_name.as_deref();
    if name.is_none() || !missing.is_empty() {
        return check_members_in_older_words(input, missing);
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
    members.add_all(table_name::first_fault(name)).return_consumed_capacity(&input.return_consumed_capacity);
    if input.attributes_to_get.as_ref().is_some_and(Vec::is_empty) {
        members.add(errors::no_attributes_to_get());
    }
    members.check()
}

/// The older layer reads a request that names no table, or has a condition without operator.
fn check_members_in_older_words(input: &ScanInput, missing: Vec<String>) -> Result<(), ApiError> {
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

fn check_empty_names(input: &ScanInput) -> Result<(), ApiError> {
    values::refuse_empty_name(input.attributes_to_get.iter().flatten().any(String::is_empty), LAYER)?;
    let filters = input.scan_filter.iter().flat_map(|filter| filter.values());
    values::no_empty_name_in(filters.flat_map(|one| one.attribute_value_list.iter().flatten()), LAYER)?;
    input.exclusive_start_key.iter().try_for_each(|start| values::no_empty_name(start, LAYER))?;
    given(input).check_empty_names()
}

fn given(input: &ScanInput) -> Given<'_> {
    Given::new(LAYER)
        .non_expression("AttributesToGet", &input.attributes_to_get)
        .non_expression("ScanFilter", &input.scan_filter)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .expression(expr::Kind::Projection, &input.projection_expression)
        .expression(expr::Kind::Filter, &input.filter_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
        .values_tail(": FilterExpression is null")
}

fn check_legacy(input: &ScanInput) -> Result<(), ApiError> {
    let filter = input.scan_filter.as_ref();
    let conditions = filter.map_or(0, |filter| filter.len());
    legacy::check_conditional_operator(input.conditional_operator.as_deref(), conditions, LAYER)?;
    legacy::check_filter_values(filter, FILTER_LEVELS_MAX, LAYER)?;
    legacy::check_filter(filter, LAYER)
}

fn check_segments(input: &ScanInput) -> Result<(), ApiError> {
    let text = match (input.segment, input.total_segments) {
        (Some(_), None) => errors::NO_TOTAL_SEGMENTS.to_owned(),
        (None, Some(_)) => errors::NO_SEGMENT.to_owned(),
        (Some(number), Some(total)) if number >= total => errors::segment_beyond(number, total),
        _ => return Ok(()),
    };
    Err(LAYER.refuse(text))
}

fn segment(input: &ScanInput) -> Option<Segment> {
    let part = |value: Option<i64>| u32::try_from(value?).ok();
    Some(Segment { number: part(input.segment)?, total: part(input.total_segments)? })
}

fn select_parameters(input: &ScanInput) -> SelectParameters<'_> {
    SelectParameters {
        select: input.select.as_deref(),
        attributes_to_get: input.attributes_to_get.is_some(),
        projection: input.projection_expression.is_some(),
        index: input.index_name.is_some(),
    }
}

fn filter(input: &ScanInput, expressions: &mut Expressions<'_>) -> Result<Option<Condition>, ApiError> {
    let Some(text) = input.filter_expression.as_deref() else {
        return legacy::filter_condition(
            input.scan_filter.as_ref(),
            input.conditional_operator.as_deref(),
            LAYER,
        );
    };
    let parsed = expr::condition::parse(text, expr::Kind::Filter);
    let parsed = parsed.map_err(|error| expressions.refuse(error.showing_size()))?;
    let resolved = expressions.resolve(Some(&parsed))?;
    expressions.check_operands(Some(&parsed))?;
    Ok(resolved)
}

fn projection(input: &ScanInput, expressions: &mut Expressions<'_>) -> Result<Option<Projection>, ApiError> {
    let projection = expressions.projection(input.projection_expression.as_deref())?;
    Ok(projection.or_else(|| legacy::attributes_to_get(input.attributes_to_get.as_ref())))
}
