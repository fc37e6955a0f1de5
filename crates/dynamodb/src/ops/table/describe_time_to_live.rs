//! DescribeTimeToLive.
//!
//! Order of refusals: the name → no such table → it is being created.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::service::DynamoDb;
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    DescribeTimeToLive, DescribeTimeToLiveInput, DescribeTimeToLiveOutput, TimeToLiveDescription,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeTimeToLive {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeTimeToLiveInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DescribeTimeToLiveInput) -> Result<TableRef, ApiError> {
        control_table_name::check(input.table_name)
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeTimeToLive", table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, table: TableRef) -> Result<DescribeTimeToLiveOutput, ApiError> {
        let table = control_table_name::find(cx, &table).await?;
        if table.settings.is_creating(cx.now_micros) {
            return Err(ApiError::validation(
                "Cannot describe time to live while table is in CREATING state: Current table state is CREATING",
            ));
        }
        Ok(DescribeTimeToLiveOutput { time_to_live_description: Some(description(&table)) })
    }
}

/// A change takes effect at once: nothing is ever ENABLING or DISABLING.
fn description(table: &Table) -> TimeToLiveDescription {
    let attribute_name = table.settings.time_to_live.as_ref().map(|on| on.attribute.clone());
    let status = if attribute_name.is_some() { "ENABLED" } else { "DISABLED" };
    TimeToLiveDescription { time_to_live_status: Some(status.into()), attribute_name }
}
