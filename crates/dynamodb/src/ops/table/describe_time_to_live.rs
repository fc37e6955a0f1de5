//! DescribeTimeToLive.
//!
//! Order of refusals: the name → no such table.

use crate::checks::control_table_name;
use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{
    DescribeTimeToLive, DescribeTimeToLiveInput, DescribeTimeToLiveOutput, TimeToLiveDescription,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<DynamoDb> for DescribeTimeToLive {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeTimeToLiveInput> = Validation::Own;
    type Plan = DescribeTimeToLiveInput;

    fn check(input: DescribeTimeToLiveInput) -> Result<DescribeTimeToLiveInput, ApiError> {
        control_table_name::check(input.table_name.as_deref())?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDb>, input: &DescribeTimeToLiveInput) -> Access {
        crate::access::table(cx, "dynamodb:DescribeTimeToLive", input.table_name.as_deref())
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        input: DescribeTimeToLiveInput,
    ) -> Result<DescribeTimeToLiveOutput, ApiError> {
        control_table_name::find(cx, input.table_name.as_deref())?;
        let description =
            TimeToLiveDescription { time_to_live_status: Some("DISABLED".into()), attribute_name: None };
        Ok(DescribeTimeToLiveOutput { time_to_live_description: Some(description) })
    }
}
