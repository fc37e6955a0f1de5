//! UpdateKinesisStreamingDestination: how exact the times of records are.
//!
//! Order of refusals: constraints → nothing to change → no such table, or it is being created → no such destination →
//! it is not active → the precision is the same already.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::errors::table_keeps_changing;
use crate::kinesis_destination::{self, precision_name, precision_of};
use crate::service::DynamoDb;
use crate::table_change::{self, ATTEMPTS_MAX};
use engine::Table;
use engine::table::TimePrecision;
use model::ApiError;
use model::dynamodb::{
    UpdateKinesisStreamingConfiguration, UpdateKinesisStreamingDestination,
    UpdateKinesisStreamingDestinationInput, UpdateKinesisStreamingDestinationOutput,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// The plan of UpdateKinesisStreamingDestination.
pub struct Plan {
    table: TableRef,
    stream_arn: String,
    precision: TimePrecision,
}

impl Operation<DynamoDb> for UpdateKinesisStreamingDestination {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateKinesisStreamingDestinationInput> = Validation::Own;
    type Plan = Plan;

    fn check(input: UpdateKinesisStreamingDestinationInput) -> Result<Plan, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        let configuration = input.update_kinesis_streaming_configuration.unwrap_or_default();
        let precision = configuration.approximate_creation_date_time_precision.ok_or_else(|| {
            ApiError::validation(
                "Streaming destination cannot be updated with given parameters: \
                 UpdateKinesisStreamingConfiguration cannot be null or contain only null values",
            )
        })?;
        Ok(Plan {
            table: TableRef::of(input.table_name),
            stream_arn: input.stream_arn.unwrap_or_default(),
            precision: precision_of(&precision),
        })
    }

    fn access(cx: &Cx<'_, DynamoDb>, plan: &Plan) -> Access<'static> {
        crate::access::table(cx, "dynamodb:UpdateKinesisStreamingDestination", &plan.table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        Plan { table, stream_arn, precision }: Plan,
    ) -> Result<UpdateKinesisStreamingDestinationOutput, ApiError> {
        let (now, shows_until) = (cx.now_micros, cx.service.shows_until_micros(cx.now_micros));
        for _ in 0..ATTEMPTS_MAX {
            let found = control_table_name::find_created(cx, &table).await?;
            kinesis_destination::check_update(&found, &stream_arn, precision, now)?;
            let update = |table: &mut Table| {
                kinesis_destination::update(table, &stream_arn, precision, now, shows_until);
            };
            if table_change::attempt(cx, &found, update).await?.is_some() {
                return Ok(UpdateKinesisStreamingDestinationOutput {
                    table_name: Some(found.name.clone()),
                    stream_arn: Some(stream_arn),
                    destination_status: Some("UPDATING".into()),
                    update_kinesis_streaming_configuration: Some(UpdateKinesisStreamingConfiguration {
                        approximate_creation_date_time_precision: Some(precision_name(precision).into()),
                    }),
                });
            }
        }
        Err(table_keeps_changing())
    }
}
