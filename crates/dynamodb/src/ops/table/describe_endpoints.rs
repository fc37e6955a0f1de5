//! DescribeEndpoints: this server, as the client has reached it.

use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeEndpoints, DescribeEndpointsInput, DescribeEndpointsOutput, Endpoint};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// How long clients may cache the answer.
const CACHE_PERIOD_MINUTES: i64 = 1_440;

impl Operation<DynamoDb> for DescribeEndpoints {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeEndpointsInput> = Validation::MODEL;
    type Plan = DescribeEndpointsInput;

    fn check(input: DescribeEndpointsInput) -> Result<DescribeEndpointsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDb>, _: &DescribeEndpointsInput) -> Access<'static> {
        crate::access::everything("dynamodb:DescribeEndpoints")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        _: DescribeEndpointsInput,
    ) -> Result<DescribeEndpointsOutput, ApiError> {
        let endpoint = Endpoint {
            address: Some(cx.host.name().to_owned()),
            cache_period_in_minutes: Some(CACHE_PERIOD_MINUTES),
        };
        Ok(DescribeEndpointsOutput { endpoints: Some(vec![endpoint]) })
    }
}
