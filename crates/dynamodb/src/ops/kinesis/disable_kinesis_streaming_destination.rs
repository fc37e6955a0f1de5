//! DisableKinesisStreamingDestination: no further change goes to the stream; those before still do.
//!
//! Order of refusals: constraints → a configuration → no such table, or it is being created → the destination is not
//! active.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::table_keeps_changing;
use crate::kinesis_destination;
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use model::ApiError;
use model::dynamodb::{
    DisableKinesisStreamingDestination, KinesisStreamingDestinationInput, KinesisStreamingDestinationOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The plan of DisableKinesisStreamingDestination.
pub struct Plan {
    table: TableRef,
    stream_arn: String,
}

impl Operation<DynamoDb> for DisableKinesisStreamingDestination {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<KinesisStreamingDestinationInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: KinesisStreamingDestinationInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        let configuration = input.enable_kinesis_streaming_configuration;
        if configuration.is_some_and(|one| one.approximate_creation_date_time_precision.is_some()) {
            return Err(ApiError::validation(
                "Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters",
            ));
        }
        let table = TableRef::of(input.table_name);
        Ok(Plan { table, stream_arn: input.stream_arn.unwrap_or_default() })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DisableKinesisStreamingDestination", &plan.table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        Plan { table, stream_arn }: Plan,
    ) -> Result<KinesisStreamingDestinationOutput, ApiError> {
        for _ in 0..ATTEMPTS_MAX {
            let found = control_table_name::find_created(cx, &table).await?;
            kinesis_destination::check_disable(&found, &stream_arn, cx.now_micros)?;
            let disable = |table: &mut Table| kinesis_destination::disable(table, &stream_arn, cx.now_micros);
            if table_change::attempt(cx, &found, disable).await?.is_some() {
                return Ok(KinesisStreamingDestinationOutput {
                    table_name: Some(found.name.clone()),
                    stream_arn: Some(stream_arn),
                    destination_status: Some("DISABLING".into()),
                    enable_kinesis_streaming_configuration: None,
                });
            }
        }
        Err(table_keeps_changing())
    }
}
