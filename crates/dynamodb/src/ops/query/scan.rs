//! Scan: a page of all there is in a table or index, or in one segment of it.
//!
//! Order of refusals. Without a table name, with a condition without operator, or with an integer that is none as
//! sent: Select, TotalSegments, ReturnConsumedCapacity, the name, ConditionalOperator, conditions without operator,
//! Segment, Limit (together, older wording). Else: Limit, Segment, TotalSegments, an empty table name (together) →
//! table name, ReturnConsumedCapacity, no names in AttributesToGet (together) → empty names → both families of
//! parameters, misused names and values → ConditionalOperator → values of ScanFilter, then its operators → a name
//! twice in AttributesToGet → values of the start key → Segment and TotalSegments do not go together → Select, alone
//! and with what else is given → the filter, the projection → no such table → no such index → ConsistentRead of a
//! global index → attributes a global index does not hold → attributes of the start key → paths into key attributes →
//! where the start key lies → unused names and values.

mod check;

use crate::capacity::Report;
use crate::checks::expression_parameters::{Aliases, Expressions};
use crate::checks::key_paths;
use crate::checks::page_plan::{self, PagePlan};
use crate::checks::select::{self, Select, SelectParameters, Selection};
use crate::checks::start_key::{self, StartOf};
use crate::checks::table_ref::TableRef;
use crate::errors::Layer;
use crate::legacy;
use crate::service::DynamoDb;
use engine::{ScanRequest, Segment};
use expr::{Condition, Projection};
use model::ApiError;
use model::dynamodb::{Scan, ScanInput, ScanOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const LAYER: Layer = Layer::Plain;

/// The plan of Scan.
#[derive(Debug)]
pub struct Plan {
    page: PagePlan,
    segment: Option<Segment>,
}

impl Operation<DynamoDb> for Scan {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<ScanInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: ScanInput) -> Result<Plan, ApiError> {
        let layer = check::layer(&input);
        check::members(&input, layer)?;
        check::empty_names(&input, layer)?;
        check::presence(&input, layer).check()?;
        check::legacy_conditions(&input, layer)?;
        legacy::check_attributes_to_get(input.attributes_to_get.as_ref(), layer)?;
        start_key::check_values(input.exclusive_start_key.as_ref(), StartOf::Scan)?;
        check::segments(&input)?;
        select::check_value(&input.select)?;
        select_parameters(&input).check()?;
        plan(input, layer)
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.page.need(cx, "dynamodb:Scan").into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<ScanOutput, ApiError> {
        let Plan { page: wanted, segment } = plan;
        let table = wanted.table.resolve(cx).await?;
        let source = wanted.source(&table)?;
        let selection = &wanted.selection;
        selection.check_projected(&source)?;
        let start = wanted.start.as_ref();
        start_key::check_shape(&source, start, StartOf::Scan)?;
        key_paths::check_filter(&table, selection.filter.as_ref())?;
        key_paths::check_projection(&table, selection.projection.as_ref())?;
        let fetch = selection.needs_fetch(&source);
        let request = ScanRequest {
            table: &table,
            index: source.index(),
            segment,
            exclusive_start_key: start,
            limit: wanted.limit,
            filter: selection.filter.as_ref(),
            attributes: selection.attributes(&source, fetch),
            consistency: source.consistency(),
            fetch,
        };
        let admission = wanted.admit(cx, &source, (request.range_position(), None))?;
        let page =
            cx.service.engine.scan(&request).await.map_err(|error| start_key::scan_error(error, segment))?;
        wanted.unused.clone()?;
        Ok(ScanOutput {
            consumed_capacity: wanted.report(cx, &source, &admission, &page),
            items: (!selection.counts_only()).then_some(page.items),
            count: Some(page.count as i64),
            scanned_count: Some(page.scanned_count as i64),
            last_evaluated_key: page.last_evaluated_key,
        })
    }
}

/// The stages of expressions, and the rest of the request.
fn plan(mut input: ScanInput, layer: Layer) -> Result<Plan, ApiError> {
    let aliases =
        Aliases::of(input.expression_attribute_names.take(), input.expression_attribute_values.take());
    let mut expressions = Expressions::new(layer, &aliases);
    let filter = filter(&input, layer, &mut expressions)?;
    let projection = projection(&input, &mut expressions)?;
    let select = Select::of(input.select.as_deref());
    let segment = segment(&input);
    let page = PagePlan {
        table: TableRef::of(input.table_name),
        index_name: input.index_name,
        consistent_read: input.consistent_read,
        start: page_plan::start(input.exclusive_start_key),
        limit: page_plan::limit(input.limit),
        selection: Selection { select, projection, filter },
        capacity: Report::of(input.return_consumed_capacity.as_deref()),
        unused: expressions.check_unused(),
    };
    Ok(Plan { page, segment })
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

fn filter(
    input: &ScanInput,
    layer: Layer,
    expressions: &mut Expressions<'_>,
) -> Result<Option<Condition>, ApiError> {
    let Some(text) = input.filter_expression.as_deref() else {
        return legacy::filter_condition(
            input.scan_filter.as_ref(),
            input.conditional_operator.as_deref(),
            layer,
        );
    };
    let parsed = expr::condition::parse(text, expr::Kind::Filter);
    let parsed = parsed.map_err(|error| expressions.refuse(error.showing_size()))?;
    expressions.condition_of(&parsed).map(Some)
}

fn projection(input: &ScanInput, expressions: &mut Expressions<'_>) -> Result<Option<Projection>, ApiError> {
    let projection = expressions.projection(input.projection_expression.as_deref())?;
    Ok(projection.or_else(|| legacy::attributes_to_get(input.attributes_to_get.as_ref())))
}
