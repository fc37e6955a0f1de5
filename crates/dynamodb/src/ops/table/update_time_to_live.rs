//! UpdateTimeToLive.
//!
//! Order of refusals: the constraints of the model, all together → no such table, or it is being created → what does
//! not fit the setting as it is. DynamoDB also refuses a second change within half an hour; this server does not.

use crate::checks::table_ref::TableRef;
use crate::checks::{control_table_name, encryption};
use crate::errors::{self, codes, table_keeps_changing};
use crate::global_table;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    TimeToLiveSpecification, UpdateTimeToLive, UpdateTimeToLiveInput, UpdateTimeToLiveOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::sync::Arc;

/// The checked request.
pub struct Plan {
    table: TableRef,
    attribute: String,
    enabled: bool,
}

impl Operation<DynamoDb> for UpdateTimeToLive {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateTimeToLiveInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UpdateTimeToLiveInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        let TimeToLiveSpecification { enabled, attribute_name } =
            input.time_to_live_specification.unwrap_or_default();
        let (enabled, attribute) = (enabled == Some(true), attribute_name.unwrap_or_default());
        Ok(Plan { table: TableRef::of(input.table_name), attribute, enabled })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:UpdateTimeToLive", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<UpdateTimeToLiveOutput, ApiError> {
        alter(cx, &plan).await?;
        let Plan { attribute, enabled, .. } = plan;
        let specification =
            TimeToLiveSpecification { enabled: Some(enabled), attribute_name: Some(attribute) };
        Ok(UpdateTimeToLiveOutput { time_to_live_specification: Some(specification) })
    }
}

async fn alter(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Result<(), ApiError> {
    for _ in 0..ATTEMPTS_MAX {
        let table = control_table_name::find(cx, &plan.table).await?;
        if table.settings.is_creating(cx.now_micros) {
            return Err(ApiError::new(
                codes::RESOURCE_IN_USE,
                format!("Table {} is being created", table.name),
            ));
        }
        if table.is_strong() {
            return Err(errors::no_time_to_live());
        }
        fits(&table, plan)?;
        encryption::check_unlocked(&cx.service.engine, &table)?;
        let switch = |table: &mut Table| match plan.enabled {
            true => table.switch_on_time_to_live(plan.attribute.clone()),
            false => table.settings.time_to_live = None,
        };
        let changed = match table.global() {
            Some(_) if !table.is_legacy_replica() => {
                global_table::attempt(cx, &members(cx, &table)?, |_, table| switch(table)).await?
            }
            _ => table_change::attempt(cx, &table, switch).await?,
        };
        if changed.is_some() {
            return Ok(());
        }
    }
    Err(table_keeps_changing())
}

/// All replicas, of which none is being added or taken away.
fn members(cx: &Cx<'_, DynamoDb>, table: &Arc<Table>) -> Result<Vec<Arc<Table>>, ApiError> {
    let members = cx.service.engine.replicas_of(table).ok_or_else(global_table::in_use)?;
    let changing = members.iter().find(|member| global_table::is_changing(member, cx.now_micros));
    match changing {
        Some(member) => Err(ApiError::validation(format!(
            "Create/Update/Delete of replica is not allowed while the replica is being added to table with name: \
             \u{2018}{}\u{2019} in region: \u{2018}{}\u{2019}.",
            member.name, member.scope.region
        ))),
        None => Ok(members),
    }
}

/// Another attribute than the current one is named before anything else is judged.
fn fits(table: &Table, plan: &Plan) -> Result<(), ApiError> {
    let current = table.settings.time_to_live.as_ref().map(|time_to_live| &time_to_live.attribute);
    match (current, plan.enabled) {
        (Some(current), _) if *current != plan.attribute => Err(ApiError::validation(format!(
            "TimeToLive is active on a different AttributeName: current AttributeName is {current}"
        ))),
        (Some(_), true) => Err(ApiError::validation("TimeToLive is already enabled")),
        (None, false) => Err(ApiError::validation("TimeToLive is already disabled")),
        _ => Ok(()),
    }
}
