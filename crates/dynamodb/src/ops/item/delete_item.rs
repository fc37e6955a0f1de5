//! DeleteItem.
//!
//! Order of refusals: an empty table name → table name, key missing, ReturnConsumedCapacity, ReturnValues,
//! ReturnItemCollectionMetrics, ReturnValuesOnConditionCheckFailure, ReturnValues that are not honoured
//! (together) → empty names → both families of parameters, misused names and values → ConditionalOperator →
//! depth of the key and of Expected → values of the key → rules of Expected → the condition: empty, syntax,
//! operands, undefined and unused names and values → no such table → the key is not the table's → condition.
//!
//! The older layer judges values and expressions where a BOOL or NULL is written as a text, or a value has several
//! members ([`single::layer`]).

use crate::capacity::{CollectionReport, Report};
use crate::checks::attribute_values as values;
use crate::checks::expression_parameters::{Aliases, Expressions, ParameterPresence, not_empty};
use crate::checks::members::Members;
use crate::checks::single_write::{self as single, ConditionParameters, ReportOptions, SingleWrite};
use crate::checks::table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::{self, KeyUse, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::Write;
use expr::Condition;
use model::ApiError;
use model::dynamodb::{DeleteItem, DeleteItemInput, DeleteItemOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::BTreeMap;

impl Operation<DynamoDb> for DeleteItem {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<DeleteItemInput> = Validation::Own;
    type Plan = SingleWrite;

    fn check(mut input: DeleteItemInput) -> Result<SingleWrite, ApiError> {
        check_members(&input)?;
        let layer = layer(&input);
        check_empty_names(&input, layer)?;
        presence(&input, layer).check()?;
        condition_parameters(&input, layer).check_operator()?;
        check_key(&input, layer)?;
        let condition = condition(&mut input, layer)?;
        Ok(SingleWrite {
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
        })
    }

    fn access<'a>(cx: &'a Cx<'_, DynamoDb>, plan: &'a SingleWrite) -> Access<'a> {
        plan.need(cx, "dynamodb:DeleteItem").into()
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: SingleWrite) -> Result<DeleteItemOutput, ApiError> {
        let SingleWrite { attributes, condition, options } = plan;
        let table = options.table.resolve(cx).await?;
        let write =
            Write::delete(&table, attributes).map_err(|fault| errors::key_fault(&fault, KeyUse::Key))?;
        let (written, report) = single::write(cx, &table, write.with_condition(condition), &options).await?;
        Ok(DeleteItemOutput {
            attributes: written.attributes,
            consumed_capacity: report.consumed_capacity,
            item_collection_metrics: report.item_collection_metrics,
        })
    }
}

fn check_members(input: &DeleteItemInput) -> Result<(), ApiError> {
    table_name::not_empty(input.table_name.as_deref())?;
    let mut members = Members::new();
    members
        .add_all(table_name::first_fault(input.table_name.as_deref()))
        .required("key", &input.key)
        .return_consumed_capacity(&input.return_consumed_capacity)
        .return_values(&input.return_values)
        .return_item_collection_metrics(&input.return_item_collection_metrics)
        .return_values_on_condition_check_failure(&input.return_values_on_condition_check_failure);
    if input.key.is_some() && single::is_for_updates_only(input.return_values.as_deref()) {
        members.add(errors::RETURN_VALUES_NOT_HONOURED);
    }
    members.check()
}

fn layer(input: &DeleteItemInput) -> Layer {
    let expected = legacy::expected_values(input.expected.as_ref());
    let values = input.expression_attribute_values.iter().flat_map(BTreeMap::values);
    single::layer(input.key.as_ref(), values.chain(expected))
}

fn check_empty_names(input: &DeleteItemInput, layer: Layer) -> Result<(), ApiError> {
    input.key.iter().try_for_each(|key| values::no_empty_name(key, layer))?;
    condition_parameters(input, layer).check_empty_names()?;
    presence(input, layer).check_empty_names()
}

fn check_key(input: &DeleteItemInput, layer: Layer) -> Result<(), ApiError> {
    let Some(key) = &input.key else { return Ok(()) };
    values::depth(key.nesting_levels, layer)?;
    legacy::expected_depth(input.expected.as_ref(), layer)?;
    values::key(key, layer)
}

fn presence(input: &DeleteItemInput, layer: Layer) -> ParameterPresence<'_> {
    ParameterPresence::new(layer)
        .non_expression("Expected", &input.expected)
        .non_expression("ConditionalOperator", &input.conditional_operator)
        .expression(expr::Kind::Condition, &input.condition_expression)
        .names(&input.expression_attribute_names)
        .values(&input.expression_attribute_values)
}

fn condition_parameters(input: &DeleteItemInput, layer: Layer) -> ConditionParameters<'_> {
    ConditionParameters {
        expression: input.condition_expression.as_deref(),
        expected: input.expected.as_ref(),
        operator: input.conditional_operator.as_deref(),
        layer,
    }
}

/// The stages between values and the table.
fn condition(input: &mut DeleteItemInput, layer: Layer) -> Result<Option<Condition>, ApiError> {
    let aliases =
        Aliases::of(input.expression_attribute_names.take(), input.expression_attribute_values.take());
    let parameters = condition_parameters(input, layer);
    let expected = parameters.expected()?;
    not_empty(parameters.expression, expr::Kind::Condition, layer)?;
    let mut expressions = Expressions::new(layer, &aliases);
    let parsed = parameters.parse(&expressions)?;
    expressions.check_operands(parsed.as_ref())?;
    let condition = expressions.resolve(parsed.as_ref())?;
    expressions.check_unused()?;
    Ok(condition.or(expected))
}
