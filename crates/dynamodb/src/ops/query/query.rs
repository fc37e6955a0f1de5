//! Query: a page of one partition of a table or index.
//!
//! Order of refusals. Without a table name: Select, ReturnConsumedCapacity, the name, conditions without operator,
//! Limit (together, older wording). Else: Limit, an empty table name (together) → table name,
//! ReturnConsumedCapacity, no names in AttributesToGet, conditions without operator (together) → empty names → both
//! families of parameters, misused names and values → Select → ConditionalOperator → values of legacy conditions,
//! then their operators → a name twice in AttributesToGet → values of the start key → the expressions: an empty key
//! condition, the filter, the projection → Select with what else is given → the key condition → no such table →
//! legacy key conditions, then filter → no key condition at all → ConsistentRead of a global index → no such index
//! → attributes of the start key → the key condition is not one of this key → where the start key lies → key
//! attributes in the filter → attributes a global index does not hold → unused names and values.

use crate::capacity::Report;
use crate::checks::expression_parameters::{Aliases, Expressions, Given, not_empty};
use crate::checks::members::Members;
use crate::checks::range_source::Source;
use crate::checks::select::{self, SelectParameters, Selection};
use crate::checks::start_key::{self, StartOf};
use crate::checks::table_name::{self, resolve_table};
use crate::checks::{attribute_values as values, filter_keys};
use crate::errors::{self, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::{Attributes, Engine, QueryRequest};
use expr::{BoundKeyCondition, Condition, KeyCondition, Projection};
use model::generated::{Query, QueryInput, QueryOutput};
use model::{ApiError, Violation};
use pipeline::{Access, Cx, Kind, Operation};
use stdx::limits::NESTING_LEVELS_MAX;
use store::Direction;

const LAYER: Layer = Layer::Plain;

impl Operation<DynamoDb> for Query {
    const KIND: Kind = Kind::Read;

    fn constraints(_: &QueryInput) -> Vec<Violation> {
        Vec::new() // members have an order and wordings of their own, in `check`
    }

    fn check(input: &QueryInput) -> Result<(), ApiError> {
        check_members(input)?;
        check_empty_names(input)?;
        given(input).check()?;
        select::check_value(&input.select)?;
        check_legacy(input)?;
        legacy::no_duplicates(input.attributes_to_get.as_ref(), LAYER)?;
        start_key::check_values(input.exclusive_start_key.as_ref(), StartOf::Query)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &QueryInput) -> Access {
        crate::access::table_or_index(
            cx,
            "dynamodb:Query",
            input.table_name.as_deref(),
            input.index_name.as_deref(),
        )
    }

    async fn run(cx: &Cx<'_, DynamoDb>, mut input: QueryInput) -> Result<QueryOutput, ApiError> {
        let aliases =
            Aliases::of(input.expression_attribute_names.take(), input.expression_attribute_values.take());
        let mut expressions = Expressions::new(LAYER, &aliases);
        let read = Parts::read(&input, &mut expressions)?;
        let name = input.table_name.as_deref().unwrap_or_default();
        let table = resolve_table(cx, name)?;
        let parts = read.or_legacy(&input)?;
        let key = parts.key.as_ref().ok_or_else(|| ApiError::validation(errors::NO_KEY_CONDITION))?;
        let source = Source::of(&table, input.index_name.as_deref(), input.consistent_read)?;
        let start = input.exclusive_start_key.as_ref().map(|start| &start.item);
        start_key::check_shape(&source, start, StartOf::Query)?;
        let key = bind(key, &source)?;
        let selection =
            Selection::new(input.select.as_deref(), parts.projection.as_ref(), parts.filter.as_ref());
        let request = QueryRequest {
            table: &table,
            index: source.index(),
            key: &key,
            direction: direction(input.scan_index_forward),
            exclusive_start_key: start,
            limit: input.limit.and_then(|limit| usize::try_from(limit).ok()),
            filter: parts.filter.as_ref(),
            attributes: selection.attributes(),
            fetch: selection.needs_fetch(&source),
        };
        let engine = &cx.service.engine;
        if let Err(refusal) = check_filter_and_selection(&input, &parts, selection, &source) {
            check_start(engine, &request, &source)?;
            return Err(refusal);
        }
        let page = engine.query(&request).map_err(|error| start_key::query_error(error, &source, &key))?;
        expressions.check_unused()?;
        let report = Report::of(input.return_consumed_capacity.as_deref());
        Ok(QueryOutput {
            consumed_capacity: source.consumed(&page).report(report, name, &table),
            items: (!selection.counts_only()).then_some(page.items),
            count: Some(page.count as i64),
            scanned_count: Some(page.scanned_count as i64),
            last_evaluated_key: page.last_evaluated_key,
        })
    }
}

fn check_members(input: &QueryInput) -> Result<(), ApiError> {
    let name = input.table_name.as_deref();
    if name.is_none() {
        return check_members_without_table(input);
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
    members.add_all(table_name::first_fault(name)).return_consumed_capacity(&input.return_consumed_capacity);
    if input.attributes_to_get.as_ref().is_some_and(Vec::is_empty) {
        members.add(errors::no_attributes_to_get());
    }
    members.add_all(missing_operators(input)).check()
}

/// The older layer reads a request that names no table.
fn check_members_without_table(input: &QueryInput) -> Result<(), ApiError> {
    let mut members = Members::new();
    members
        .one_of("select", &input.select, crate::checks::members::SELECT)
        .return_consumed_capacity(&input.return_consumed_capacity)
        .required("tableName", &input.table_name)
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

fn check_empty_names(input: &QueryInput) -> Result<(), ApiError> {
    values::refuse_empty_name(input.attributes_to_get.iter().flatten().any(String::is_empty), LAYER)?;
    let filters = input.query_filter.iter().chain(&input.key_conditions).flat_map(|filter| filter.values());
    let filter_values = filters.flat_map(|one| one.attribute_value_list.iter().flatten());
    values::no_empty_name_in(filter_values, LAYER)?;
    input.exclusive_start_key.iter().try_for_each(|start| values::no_empty_name(start, LAYER))?;
    given(input).check_empty_names()
}

fn given(input: &QueryInput) -> Given<'_> {
    Given::new(LAYER)
        .non_expression("AttributesToGet", &input.attributes_to_get)
        .non_expression("QueryFilter", &input.query_filter)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .non_expression("KeyConditions", &input.key_conditions)
        .expression(expr::Kind::Projection, &input.projection_expression)
        .expression(expr::Kind::Filter, &input.filter_expression)
        .expression(expr::Kind::KeyCondition, &input.key_condition_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
        .values_tail(": FilterExpression and KeyConditionExpression are null")
}

fn check_legacy(input: &QueryInput) -> Result<(), ApiError> {
    let (filter, keys) = (input.query_filter.as_ref(), input.key_conditions.as_ref());
    let conditions = filter.map_or(0, |filter| filter.len());
    legacy::check_conditional_operator(input.conditional_operator.as_deref(), conditions, LAYER)?;
    legacy::check_filter_values(filter, NESTING_LEVELS_MAX, LAYER)?;
    legacy::check_filter_values(keys, NESTING_LEVELS_MAX, LAYER)?;
    legacy::check_filter(filter, LAYER)?;
    legacy::check_key_conditions(keys, LAYER)
}

/// What a query consists of.
struct Parts {
    key: Option<KeyCondition>,
    filter: Option<Condition>,
    projection: Option<Projection>,
}

impl Parts {
    fn read(input: &QueryInput, expressions: &mut Expressions<'_>) -> Result<Parts, ApiError> {
        let (key, filter) = (input.key_condition_expression.as_deref(), input.filter_expression.as_deref());
        not_empty(key, expr::Kind::KeyCondition, LAYER)?;
        let filter = resolved(filter, expr::Kind::Filter, expressions)?;
        let projection = expressions.projection(input.projection_expression.as_deref())?;
        select_parameters(input).check()?;
        let key = resolved(key, expr::Kind::KeyCondition, expressions)?;
        let key = key.map(|key| KeyCondition::from_condition(&key)).transpose();
        Ok(Parts { key: key.map_err(|error| LAYER.refuse(error))?, filter, projection })
    }

    /// Where there is no expression, the parameter from before takes its place.
    fn or_legacy(self, input: &QueryInput) -> Result<Parts, ApiError> {
        let conditions = input.key_conditions.as_ref();
        let key = conditions.map(|conditions| legacy::key_condition(conditions, LAYER)).transpose()?;
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

fn resolved(
    text: Option<&str>,
    kind: expr::Kind,
    expressions: &mut Expressions<'_>,
) -> Result<Option<Condition>, ApiError> {
    let parsed = expressions.parse(text, kind)?;
    let resolved = expressions.resolve(parsed.as_ref())?;
    expressions.check_operands(parsed.as_ref())?;
    Ok(resolved)
}

fn select_parameters(input: &QueryInput) -> SelectParameters<'_> {
    SelectParameters {
        select: input.select.as_deref(),
        attributes_to_get: input.attributes_to_get.is_some(),
        projection: input.projection_expression.is_some(),
        index: input.index_name.is_some(),
    }
}

fn bind(key: &KeyCondition, source: &Source<'_>) -> Result<BoundKeyCondition, ApiError> {
    let schema = source.key();
    key.bind(&key_attributes(&schema.hash), &key_attributes(&schema.range))
        .map_err(|error| LAYER.refuse(error))
}

fn key_attributes(attributes: &[engine::KeyAttribute]) -> Vec<expr::KeyAttribute<'_>> {
    attributes.iter().map(|one| expr::KeyAttribute { name: &one.name, kind: one.ty.as_type() }).collect()
}

fn direction(scan_index_forward: Option<bool>) -> Direction {
    if scan_index_forward == Some(false) { Direction::Reverse } else { Direction::Forward }
}

fn check_filter_and_selection(
    input: &QueryInput,
    parts: &Parts,
    selection: Selection<'_>,
    source: &Source<'_>,
) -> Result<(), ApiError> {
    match &input.query_filter {
        Some(filter) => filter_keys::check_query_filter(source, Some(filter))?,
        None => filter_keys::check_query(source, parts.filter.as_ref())?,
    }
    selection.check_projected(source)
}

/// Where the start key lies is judged by reading, but reported before what stands after it in the order.
fn check_start(engine: &Engine, request: &QueryRequest<'_>, source: &Source<'_>) -> Result<(), ApiError> {
    let least = QueryRequest {
        limit: Some(1),
        filter: None,
        attributes: Attributes::Count,
        fetch: false,
        ..*request
    };
    let error = |error| start_key::query_error(error, source, request.key);
    engine.query(&least).map(drop).map_err(error)
}
