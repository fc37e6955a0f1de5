//! What PutItem, UpdateItem and DeleteItem have in common beside their own members: the condition in either
//! of its two forms, what comes back, the plan, and the answer's report.

use crate::access::ItemNeed;
use crate::capacity::{Admission, CollectionReport, Consumed, Direction, Report, Units, collection_metrics};
use crate::checks::attribute_values;
use crate::checks::expression_parameters::Expressions;
use crate::checks::table_ref::TableRef;
use crate::errors::{self, Layer};
use crate::legacy;
use crate::service::DynamoDb;
use engine::meter::write_units;
use engine::{Refusal, Returns, Table, Write, WriteError, Written};
use expr::{Condition, Kind, ParsedCondition};
use model::ApiError;
use model::dynamodb::{ConsumedCapacity, ExpectedAttributeValue, ItemCollectionMetrics};
use pipeline::Cx;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Item;
use wire::attribute::{AttributeValue, Attributes};

/// How single writes word what is wrong.
pub fn layer<'a>(
    attributes: Option<&Attributes>,
    values: impl IntoIterator<Item = &'a AttributeValue>,
) -> Layer {
    attribute_values::layer(Layer::Enveloped, attributes, values)
}

/// The condition of a write as the request gives it: an expression, or Expected with its operator.
#[derive(Debug, Clone, Copy)]
pub struct ConditionParameters<'a> {
    /// ConditionExpression
    pub expression: Option<&'a str>,
    /// Expected
    pub expected: Option<&'a BTreeMap<String, ExpectedAttributeValue>>,
    /// ConditionalOperator
    pub operator: Option<&'a str>,
    /// Which layer judges them.
    pub layer: Layer,
}

impl<'a> ConditionParameters<'a> {
    /// The stage of ConditionalOperator.
    pub fn check_operator(self) -> Result<(), ApiError> {
        legacy::check_conditional_operator(self.operator, self.expected.map_or(0, BTreeMap::len), self.layer)
    }

    /// The stage of empty names in Expected.
    pub fn check_empty_names(self) -> Result<(), ApiError> {
        let is_empty = legacy::expected_has_empty_name(self.expected);
        super::attribute_values::refuse_empty_name(is_empty, self.layer)
    }

    /// The stage of syntax.
    pub fn parse(self, expressions: &Expressions<'_>) -> Result<Option<ParsedCondition<'a>>, ApiError> {
        expressions.parse(self.expression, Kind::Condition)
    }

    /// The rules of Expected, and the condition they make.
    pub fn expected(self) -> Result<Option<Condition>, ApiError> {
        legacy::expected(self.expected, self.operator, self.layer)
    }
}

/// Which attributes come back.
pub fn returns(return_values: Option<&str>) -> Returns {
    match return_values {
        Some("ALL_OLD") => Returns::AllOld,
        Some("ALL_NEW") => Returns::AllNew,
        Some("UPDATED_OLD") => Returns::UpdatedOld,
        Some("UPDATED_NEW") => Returns::UpdatedNew,
        _ => Returns::Nothing,
    }
}

/// Whether ReturnValues is one that only UpdateItem honours.
pub fn is_for_updates_only(return_values: Option<&str>) -> bool {
    matches!(return_values, Some("UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW"))
}

/// Whether the old item comes back where the condition fails.
pub fn returns_old_on_failure(return_values_on_condition_check_failure: Option<&str>) -> bool {
    return_values_on_condition_check_failure == Some("ALL_OLD")
}

/// The plan of a write: the request, parsed and checked as far as possible without the table.
#[derive(Debug)]
pub struct SingleWrite {
    /// The item of a put, the key of others.
    pub attributes: Item,
    /// ConditionExpression, or what Expected makes.
    pub condition: Option<Condition>,
    /// What the answer reports.
    pub options: ReportOptions,
}

impl SingleWrite {
    /// What the caller must be allowed to do, an update aside.
    pub fn need<'a>(&'a self, cx: &'a Cx<'_, DynamoDb>, action: &'static str) -> ItemNeed<'a> {
        ItemNeed::new(cx, action, &self.options.table, self.options.capacity)
            .item(&self.attributes)
            .condition(self.condition.as_ref())
            .return_values(self.options.returns)
    }
}

/// The reports that a request includes in its answer.
#[derive(Debug)]
pub struct ReportOptions {
    /// The table.
    pub table: TableRef,
    /// ReturnValues
    pub returns: Returns,
    /// ReturnValuesOnConditionCheckFailure
    pub old_on_failure: bool,
    /// ReturnConsumedCapacity
    pub capacity: Report,
    /// ReturnItemCollectionMetrics
    pub collections: CollectionReport,
}

/// What a write answers beside attributes.
#[derive(Debug)]
pub struct WriteReport {
    /// ConsumedCapacity
    pub consumed_capacity: Option<ConsumedCapacity>,
    /// ItemCollectionMetrics
    pub item_collection_metrics: Option<ItemCollectionMetrics>,
}

/// A false condition costs what the write would have cost on the item that is there. DynamoDB charges it, and no
/// answer tells.
fn note_refusal(cx: &Cx<'_, DynamoDb>, table: &Table, admission: &Admission<'_>, error: &WriteError) {
    match error {
        WriteError::TransactionConflict => cx.tally.transaction_conflict(table.id),
        WriteError::Refused(Refusal::ConditionFailed { old_size_bytes, .. }) => {
            let units = write_units(*old_size_bytes, 0);
            admission.settle(cx, &Consumed::of_table(units));
            cx.tally.consumed_write(table.id, 0, units);
        }
        _ => {}
    }
}

/// Does the write and shapes its report; what is left of `Written` is its attributes.
pub async fn write(
    cx: &Cx<'_, DynamoDb>,
    table: &Arc<Table>,
    write: Write,
    options: &ReportOptions,
) -> Result<(Written, WriteReport), ApiError> {
    let write = options.asked_of(write);
    let admission = admit(cx, table, &write)?;
    let written = cx.service.engine.write(table, &write).await;
    settle(cx, (table, &admission), written, options)
}

impl ReportOptions {
    /// The write, which returns what the answer needs.
    pub fn asked_of(&self, write: Write) -> Write {
        write.returning(self.returns).returning_old_on_failure(self.old_on_failure)
    }
}

/// Admits a write, or refuses it for want of capacity.
pub fn admit<'t>(cx: &Cx<'_, DynamoDb>, table: &'t Table, write: &Write) -> Result<Admission<'t>, ApiError> {
    Admission::of(cx, table, Units::of_write(table, write.key(), write_units(0, 0)))
}

/// Charges a write that is done or refused, and shapes its report.
pub fn settle(
    cx: &Cx<'_, DynamoDb>,
    (table, admission): (&Table, &Admission<'_>),
    written: Result<Written, WriteError>,
    options: &ReportOptions,
) -> Result<(Written, WriteReport), ApiError> {
    let written = written.inspect_err(|error| note_refusal(cx, table, admission, error));
    let mut written = written.map_err(errors::write_error)?;
    cx.tally.item_bytes(table.id, written.old_size_bytes.max(written.new_size_bytes));
    let consumed = Consumed::of_write(&written);
    admission.settle(cx, &consumed);
    let report = WriteReport {
        consumed_capacity: consumed.report(
            cx,
            Direction::Write,
            options.capacity,
            options.table.as_sent(),
            table,
        ),
        item_collection_metrics: collection_metrics(options.collections, written.collection.take()),
    };
    Ok((written, report))
}
