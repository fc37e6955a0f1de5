//! EnableKinesisStreamingDestination: changes of the table go to a Kinesis data stream from now on.
//!
//! Whether there is such a stream is looked at now, but told later: the answer is ENABLING, and what is described then
//! is ACTIVE or ENABLE_FAILED.
//!
//! Order of refusals: constraints → no such table, or it is being created → a destination is live already.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::{store_error, table_keeps_changing};
use crate::kinesis_destination::{self, NewDestination, precision_of};
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    EnableKinesisStreamingConfiguration, EnableKinesisStreamingDestination, KinesisStreamingDestinationInput,
    KinesisStreamingDestinationOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The plan of EnableKinesisStreamingDestination.
pub struct Plan {
    table: TableRef,
    stream_arn: String,
    configuration: EnableKinesisStreamingConfiguration,
}

impl Operation<DynamoDb> for EnableKinesisStreamingDestination {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<KinesisStreamingDestinationInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: KinesisStreamingDestinationInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        Ok(Plan {
            table: TableRef::of(input.table_name),
            stream_arn: input.stream_arn.unwrap_or_default(),
            configuration: input.enable_kinesis_streaming_configuration.unwrap_or_default(),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:EnableKinesisStreamingDestination", &plan.table)
    }

    async fn run(cx: &Cx<'_, DynamoDb>, plan: Plan) -> Result<KinesisStreamingDestinationOutput, ApiError> {
        let table_name = enable(cx, &plan).await?;
        Ok(KinesisStreamingDestinationOutput {
            table_name: Some(table_name),
            stream_arn: Some(plan.stream_arn),
            destination_status: Some("ENABLING".into()),
            enable_kinesis_streaming_configuration: Some(plan.configuration),
        })
    }
}

/// Changes the table, and returns its name.
async fn enable(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Result<String, ApiError> {
    for _ in 0..ATTEMPTS_MAX {
        let table = control_table_name::find_created(cx, &plan.table).await?;
        kinesis_destination::check_enable(&table)?;
        let new = destination(cx, &table, plan).await?;
        let shows_until = cx.service.shows_until_micros(cx.now_micros);
        let enable = |table: &mut Table| kinesis_destination::enable(table, &new, cx.now_micros, shows_until);
        if table_change::attempt(cx, &table, enable).await?.is_some() {
            return Ok(table.name.clone());
        }
    }
    Err(table_keeps_changing())
}

async fn destination(cx: &Cx<'_, DynamoDb>, table: &Table, plan: &Plan) -> Result<NewDestination, ApiError> {
    let failure = kinesis_destination::failure(&cx.service.kinesis, &table.scope, &plan.stream_arn).await;
    let precision = plan.configuration.approximate_creation_date_time_precision.as_deref();
    Ok(NewDestination {
        stream_arn: plan.stream_arn.clone(),
        precision: precision.map(precision_of),
        failure: failure.map_err(|error| store_error(&error))?,
        since_position: cx.service.engine.store().durable().position.0,
    })
}
