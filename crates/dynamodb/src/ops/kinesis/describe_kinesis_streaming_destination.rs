//! DescribeKinesisStreamingDestination: the destinations of a table, and those it had lately.
//!
//! Order of refusals: constraints → no such table, or it is being created.

use crate::checks::control_table_name;
use crate::checks::table_ref::TableRef;
use crate::kinesis_destination::{self, precision_name};
use crate::service::DynamoDb;
use engine::table::{DestinationState, KinesisDestination};
use model::ApiError;
use model::dynamodb::{
    DescribeKinesisStreamingDestination, DescribeKinesisStreamingDestinationInput,
    DescribeKinesisStreamingDestinationOutput, KinesisDataStreamDestination,
};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeKinesisStreamingDestination {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeKinesisStreamingDestinationInput> = Validation::Own;
    type Plan = TableRef;

    fn check(input: DescribeKinesisStreamingDestinationInput) -> Result<TableRef, ApiError> {
        refuse(&control_table_name::all_violations(input.table_name.as_deref(), &input)?)?;
        Ok(TableRef::of(input.table_name))
    }

    fn access(cx: &Cx<'_, DynamoDb>, table: &TableRef) -> Access<'static> {
        crate::access::table(cx, "dynamodb:DescribeKinesisStreamingDestination", table)
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        table: TableRef,
    ) -> Result<DescribeKinesisStreamingDestinationOutput, ApiError> {
        let table = control_table_name::find_created(cx, &table).await?;
        let listed = kinesis_destination::listed(&table, cx.now_micros);
        Ok(DescribeKinesisStreamingDestinationOutput {
            table_name: Some(table.name.clone()),
            kinesis_data_stream_destinations: Some(listed.map(|one| shown(one, cx.now_micros)).collect()),
        })
    }
}

fn shown(destination: &KinesisDestination, now_micros: u64) -> KinesisDataStreamDestination {
    let description = match &destination.state {
        DestinationState::Failed { description } => Some(description.clone()),
        _ => None,
    };
    KinesisDataStreamDestination {
        stream_arn: Some(destination.stream_arn.clone()),
        destination_status: Some(kinesis_destination::status(destination, now_micros).into()),
        destination_status_description: description,
        approximate_creation_date_time_precision: destination.precision.map(|one| precision_name(one).into()),
    }
}
