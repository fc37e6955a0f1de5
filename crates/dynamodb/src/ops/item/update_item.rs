//! UpdateItem.
//!
//! Order of refusals: an empty table name → without a key: ReturnConsumedCapacity, table name missing,
//! ReturnValues, ReturnValuesOnConditionCheckFailure, ReturnItemCollectionMetrics, the key (together, in the
//! older words) → table name → the first unknown one of ReturnValues, ReturnValuesOnConditionCheckFailure,
//! ReturnItemCollectionMetrics, ReturnConsumedCapacity → empty names → a NULL that is false → both families of
//! parameters, misused names and values → ConditionalOperator → depths → values of the key → AttributeUpdates
//! → Expected → an empty condition, an empty update → the update → syntax and references of the condition →
//! unused names and values → operands of the condition → no such table → the key is not the table's → an action
//! on a key attribute, a path into one → size of the request → condition, update, its result.
//!
//! The older layer judges values and expressions where a BOOL or NULL is written as a text, or a value has several
//! members ([`single::layer`]).

mod members;

use crate::capacity::{CollectionReport, Report};
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, ParameterPresence, not_empty};
use crate::checks::key_paths;
use crate::checks::single_write::{self as single, ConditionParameters, ReportOptions, SingleWrite};
use crate::checks::table_ref::TableRef;
use crate::errors::{self, KeyUse, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::Write;
use expr::{Condition, Update};
use model::ApiError;
use model::dynamodb::{AttributeValueUpdate, UpdateItem, UpdateItemInput, UpdateItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;
use stdx::limits::ITEM_SIZE_BYTES_MAX;
use wire::attribute::AttributeValue;

/// The plan of UpdateItem.
#[derive(Debug)]
pub struct Plan {
    write: SingleWrite,
    /// UpdateExpression, or what AttributeUpdates make.
    update: Option<Update>,
    /// The update alone is larger than an item may be; reported after the key.
    is_too_large: bool,
}

impl Operation<DynamoDb> for UpdateItem {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<UpdateItemInput> = Validation::Own;
    type Plan = Plan;

    fn check(mut input: UpdateItemInput) -> Result<Plan, ApiError> {
        members::check(&input)?;
        let layer = layer(&input);
        check_empty_names(&input, layer)?;
        presence(&input, layer).check_false_nulls()?;
        update_values(input.attribute_updates.as_ref())
            .try_for_each(|value| values::no_false_null(value.has_false_null, layer))?;
        presence(&input, layer).check()?;
        condition_parameters(&input, layer).check_operator()?;
        check_depths(&input, layer)?;
        input.key.iter().try_for_each(|key| values::key(key, layer))?;
        let (update, condition) = expressions(&mut input, layer)?;
        let is_too_large = input.update_expression.is_some()
            && update.as_ref().is_some_and(|update| update.request_cost() > ITEM_SIZE_BYTES_MAX);
        let write = SingleWrite {
            attributes: input.key.unwrap_or_default().item,
            condition,
            options: ReportOptions {
                table: TableRef::of(input.table_name),
                returns: single::returns(input.return_values.as_deref()),
                old_on_failure: single::returns_old_on_failure(
                    input.return_values_on_condition_check_failure.as_deref(),
                ),
                capacity: Report::of(input.return_consumed_capacity.as_deref()),
                collections: CollectionReport::of(input.return_item_collection_metrics.as_deref()),
            },
        };
        Ok(Plan { write, update, is_too_large })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a Plan) -> Access<'a> {
        plan.write.need(cx, "dynamodb:UpdateItem").update(plan.update.as_ref()).into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<UpdateItemOutput, ApiError> {
        let SingleWrite { attributes, condition, options } = plan.write;
        let table = options.table.resolve(cx).await?;
        let write = Write::update(&table, attributes, plan.update)
            .map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?
            .with_condition(condition);
        key_paths::keeps_key(&table, &write)?;
        if plan.is_too_large {
            return Err(errors::updated_item_too_large());
        }
        let (written, report) = single::write(cx, &table, write, &options).await?;
        Ok(UpdateItemOutput {
            attributes: written.attributes,
            consumed_capacity: report.consumed_capacity,
            item_collection_metrics: report.item_collection_metrics,
        })
    }
}

fn layer(input: &UpdateItemInput) -> Layer {
    let expected = legacy::expected_values(input.expected.as_ref());
    let updated = update_values(input.attribute_updates.as_ref());
    let values = input.expression_attribute_values.iter().flat_map(BTreeMap::values);
    single::layer(input.key.as_ref(), values.chain(expected).chain(updated))
}

fn check_empty_names(input: &UpdateItemInput, layer: Layer) -> Result<(), ApiError> {
    input.key.iter().try_for_each(|key| values::no_empty_name(key, layer))?;
    let mut updated = input.attribute_updates.iter().flat_map(BTreeMap::keys);
    values::refuse_empty_name(updated.any(String::is_empty), layer)?;
    values::no_empty_name_in(update_values(input.attribute_updates.as_ref()), layer)?;
    condition_parameters(input, layer).check_empty_names()?;
    presence(input, layer).check_empty_names()
}

fn check_depths(input: &UpdateItemInput, layer: Layer) -> Result<(), ApiError> {
    input.key.iter().try_for_each(|key| values::depth(key.nesting_levels, layer))?;
    let mut updated = update_values(input.attribute_updates.as_ref());
    updated.try_for_each(|value| values::depth(value.nesting_levels, layer))?;
    legacy::expected_depth(input.expected.as_ref(), layer)
}

fn update_values(
    updates: Option<&BTreeMap<String, AttributeValueUpdate>>,
) -> impl Iterator<Item = &AttributeValue> {
    updates.into_iter().flat_map(BTreeMap::values).filter_map(|update| update.value.as_ref())
}

fn presence(input: &UpdateItemInput, layer: Layer) -> ParameterPresence<'_> {
    ParameterPresence::new(layer)
        .non_expression("AttributeUpdates", &input.attribute_updates)
        .non_expression("Expected", &input.expected)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .expression(expr::Kind::Update, &input.update_expression)
        .expression(expr::Kind::Condition, &input.condition_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
}

fn condition_parameters(input: &UpdateItemInput, layer: Layer) -> ConditionParameters<'_> {
    ConditionParameters {
        expression: input.condition_expression.as_deref(),
        expected: input.expected.as_ref(),
        operator: input.conditional_operator.as_deref(),
        layer,
    }
}

/// The stages between values and the table.
fn expressions(
    input: &mut UpdateItemInput,
    layer: Layer,
) -> Result<(Option<Update>, Option<Condition>), ApiError> {
    let aliases =
        Aliases::of(input.expression_attribute_names.take(), input.expression_attribute_values.take());
    let parameters = condition_parameters(input, layer);
    let legacy_update =
        input.attribute_updates.as_ref().map(|updates| legacy::attribute_updates(updates, layer));
    let (legacy_update, expected) = (legacy_update.transpose()?, parameters.expected()?);
    not_empty(parameters.expression, expr::Kind::Condition, layer)?;
    not_empty(input.update_expression.as_deref(), expr::Kind::Update, layer)?;
    let mut expressions = Expressions::new(layer, &aliases);
    let update = expressions.update(input.update_expression.as_deref())?;
    let parsed = parameters.parse(&expressions)?;
    expressions.check_references(parsed.as_ref())?;
    expressions.check_unused()?;
    expressions.check_operands(parsed.as_ref())?;
    let condition = expressions.resolve(parsed.as_ref())?;
    Ok((update.or(legacy_update), condition.or(expected)))
}
