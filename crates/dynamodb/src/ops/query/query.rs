//! Query: a page of one partition of a table or index.
//!
//! Order of refusals. Without a table name, or with a Limit that is no integer as sent: Select,
//! ReturnConsumedCapacity, the name, conditions without operator, Limit (together, older wording). Else: Limit, an
//! empty table name (together) → table name,
//! ReturnConsumedCapacity, no names in AttributesToGet, conditions without operator (together) → empty names → both
//! families of parameters, misused names and values → Select → ConditionalOperator → values of legacy conditions,
//! then their operators → a name twice in AttributesToGet → values of the start key → the expressions: an empty key
//! condition, the filter, the projection → Select with what else is given → the key condition → no such table →
//! legacy key conditions, then filter → no key condition at all → no such index → ConsistentRead of a global index
//! → attributes of the start key → the key condition is not one of this key → where the start key lies → key
//! attributes in the filter → attributes a global index does not hold → unused names and values.

mod check;
mod plan;

use crate::checks::range_source::Source;
use crate::checks::select;
use crate::checks::start_key::{self, StartOf};
use crate::checks::{filter_keys, key_condition, key_paths};
use crate::errors::Layer;
use crate::legacy;
use crate::service::DynamoDb;
use engine::{Attributes, Engine, QueryRequest};
use model::ApiError;
use model::dynamodb::{Query, QueryInput, QueryOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use plan::Plan;

const LAYER: Layer = Layer::Plain;

impl Operation<DynamoDb> for Query {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<QueryInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: QueryInput) -> Result<Plan, ApiError> {
        let layer = check::layer(&input);
        check::members(&input, layer)?;
        check::empty_names(&input, layer)?;
        check::presence(&input, layer).check()?;
        select::check_value(&input.select)?;
        check::legacy_conditions(&input, layer)?;
        legacy::check_attributes_to_get(input.attributes_to_get.as_ref(), layer)?;
        start_key::check_values(input.exclusive_start_key.as_ref(), StartOf::Query)?;
        Plan::of(input, layer)
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.page.need(cx, "dynamodb:Query").key(plan.key.given()).into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<QueryOutput, ApiError> {
        let Plan { page: wanted, key, direction, .. } = &plan;
        let table = wanted.table.resolve(cx).await?;
        let key = key.condition(&table, wanted.index_name.as_deref())?;
        let source = wanted.source(&table)?;
        let start = wanted.start.as_ref();
        start_key::check_shape(&source, start, StartOf::Query)?;
        let key = key_condition::bind(key, source.key(), LAYER)?;
        start_key::check_goes_on(&source, start)?;
        let selection = &wanted.selection;
        let fetch = selection.needs_fetch(&source);
        let request = QueryRequest {
            table: &table,
            index: source.index(),
            key: &key,
            direction: *direction,
            exclusive_start_key: start,
            limit: wanted.limit,
            filter: selection.filter.as_ref(),
            attributes: selection.attributes(&source, fetch),
            consistency: source.consistency(),
            fetch,
        };
        let engine = &cx.service.engine;
        if let Err(refusal) = check_filter_and_selection(&plan, &source) {
            check_start(engine, &request).await?;
            return Err(refusal);
        }
        let admission = wanted.admit(cx, &source, (request.range_position(), Some(key.hash.as_slice())))?;
        let page = engine.query(&request).await.map_err(|error| start_key::query_error(error, &key))?;
        wanted.unused.clone()?;
        Ok(QueryOutput {
            consumed_capacity: wanted.report(cx, &source, &admission, &page),
            items: (!selection.counts_only()).then_some(page.items),
            count: Some(page.count as i64),
            scanned_count: Some(page.scanned_count as i64),
            last_evaluated_key: page.last_evaluated_key.filter(|_| !start_key::is_single_item(&source)),
        })
    }
}

fn check_filter_and_selection(plan: &Plan, source: &Source<'_>) -> Result<(), ApiError> {
    let selection = &plan.page.selection;
    let filter = selection.filter.as_ref();
    match plan.has_query_filter {
        true => filter_keys::check_query_filter(source, filter)?,
        false => filter_keys::check_query(source, filter)?,
    }
    key_paths::check_filter(source.table, filter)?;
    key_paths::check_projection(source.table, selection.projection.as_ref())?;
    selection.check_projected(source)?;
    selection.check_filter_projected(source)
}

/// Where the start key lies is judged by reading, but reported before what comes after it in the order of refusals.
async fn check_start(engine: &Engine, request: &QueryRequest<'_>) -> Result<(), ApiError> {
    let least = QueryRequest {
        limit: Some(1),
        filter: None,
        attributes: Attributes::Count,
        fetch: false,
        ..*request
    };
    let error = |error| start_key::query_error(error, request.key);
    engine.query(&least).await.map(drop).map_err(error)
}
