//! GetItem.
//!
//! Order of refusals: an empty table name → key missing, table name, ReturnConsumedCapacity, AttributesToGet
//! without names (together) → empty names → both families of parameters, misused names → depth of the key →
//! values of the key → a name twice in AttributesToGet → the projection → no such table → the key is not the
//! table's → paths into key attributes.

use crate::access::ItemNeed;
use crate::capacity::{Admission, Consumed, Direction, Report, Units};
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, ParameterPresence, not_empty};
use crate::checks::key_paths;
use crate::checks::members::Members;
use crate::checks::select::Select;
use crate::checks::table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::{self, KeyUse, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::ItemKey;
use engine::meter::{Consistency, read_units};
use expr::Projection;
use model::ApiError;
use model::dynamodb::{GetItem, GetItemInput, GetItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use types::Item;

const LAYER: Layer = Layer::Plain;

/// The plan of GetItem.
#[derive(Debug)]
pub struct Plan {
    table: TableRef,
    key: Item,
    projection: Option<Projection>,
    consistency: Consistency,
    capacity: Report,
}

impl Operation<DynamoDb> for GetItem {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetItemInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: GetItemInput) -> Result<Plan, ApiError> {
        check_members(&input)?;
        let presence = presence(&input);
        check_empty_names(&input, &presence)?;
        presence.check()?;
        check_key(&input)?;
        legacy::check_attributes_to_get(input.attributes_to_get.as_ref(), LAYER)?;
        let projection = projection(&mut input)?;
        Ok(Plan {
            table: TableRef::of(input.table_name),
            key: input.key.unwrap_or_default().item,
            projection,
            consistency: consistency(input.consistent_read),
            capacity: Report::of(input.return_consumed_capacity.as_deref()),
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        ItemNeed::new(cx, "dynamodb:GetItem", &plan.table, plan.capacity)
            .item(&plan.key)
            .select(Select::Implied, plan.projection.as_ref())
            .into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<GetItemOutput, ApiError> {
        let Plan { table: name, key, projection, consistency, capacity } = plan;
        let table = name.resolve(cx).await?;
        let key = ItemKey::exact(&table, &key).map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?;
        key_paths::check_projection(&table, projection.as_ref())?;
        let admission = Admission::of(cx, &table, Units::of_read(&table, &key, read_units(0, consistency)))?;
        let found = cx.service.engine.get(&table, &key, consistency, projection.as_ref()).await;
        let found = found.map_err(errors::read_error)?;
        let size_bytes = found.as_ref().map_or(0, |found| found.size_bytes);
        cx.tally.item_bytes(table.id, size_bytes);
        let consumed = Consumed::of_table(read_units(size_bytes, consistency));
        admission.settle(cx, &consumed);
        Ok(GetItemOutput {
            item: found.map(|found| found.item),
            consumed_capacity: consumed.report(cx, Direction::Read, capacity, name.as_sent(), &table),
        })
    }
}

fn check_members(input: &GetItemInput) -> Result<(), ApiError> {
    table_name::not_empty(input.table_name.as_deref())?;
    let mut members = Members::new();
    members.required("key", &input.key);
    members.add_all(table_name::first_fault(input.table_name.as_deref()));
    members.return_consumed_capacity(&input.return_consumed_capacity);
    if input.attributes_to_get.as_ref().is_some_and(Vec::is_empty) {
        members.add(errors::member_value("[]", "attributesToGet", errors::length_at_least(1)));
    }
    members.check()
}

fn check_empty_names(input: &GetItemInput, presence: &ParameterPresence<'_>) -> Result<(), ApiError> {
    input.key.iter().try_for_each(|key| values::no_empty_name(key, LAYER))?;
    let mut names = input.attributes_to_get.iter().flatten();
    values::refuse_empty_name(names.any(String::is_empty), LAYER)?;
    presence.check_empty_names()
}

fn presence(input: &GetItemInput) -> ParameterPresence<'_> {
    ParameterPresence::new(LAYER)
        .non_expression("AttributesToGet", &input.attributes_to_get)
        .expression(expr::Kind::Projection, &input.projection_expression)
        .names(&input.expression_attribute_names)
}

fn check_key(input: &GetItemInput) -> Result<(), ApiError> {
    let Some(key) = &input.key else { return Ok(()) };
    values::depth(key.nesting_levels, LAYER)?;
    values::key(key, LAYER)
}

/// Without an expression there are no aliases either.
fn projection(input: &mut GetItemInput) -> Result<Option<Projection>, ApiError> {
    let text = input.projection_expression.as_deref();
    if text.is_none() {
        return Ok(legacy::attributes_to_get(input.attributes_to_get.as_ref()));
    }
    not_empty(text, expr::Kind::Projection, LAYER)?;
    let aliases = Aliases::of(input.expression_attribute_names.take(), None);
    let mut expressions = Expressions::new(LAYER, &aliases);
    let projection = expressions.projection(text)?;
    expressions.check_unused()?;
    Ok(projection)
}

fn consistency(consistent_read: Option<bool>) -> Consistency {
    if consistent_read == Some(true) { Consistency::Strong } else { Consistency::Eventual }
}
