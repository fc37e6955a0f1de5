//! DescribeEndpoints: this server, as the client has reached it.

use crate::service::DynamoDb;
use model::ApiError;
use model::dynamodb::{DescribeEndpoints, DescribeEndpointsInput, DescribeEndpointsOutput, Endpoint};
use pipeline::{Access, Cx, Kind, Operation};

/// How long clients may remember the answer.
const CACHE_PERIOD_MINUTES: i64 = 1_440;

impl Operation<DynamoDb> for DescribeEndpoints {
    const KIND: Kind = Kind::Control;

    fn access(_: &Cx<'_, DynamoDb>, _: &DescribeEndpointsInput) -> Access {
        crate::access::everything("dynamodb:DescribeEndpoints")
    }

    async fn run(
        cx: &Cx<'_, DynamoDb>,
        _: DescribeEndpointsInput,
    ) -> Result<DescribeEndpointsOutput, ApiError> {
        let endpoint = Endpoint {
            address: Some(cx.host.to_owned()),
            cache_period_in_minutes: Some(CACHE_PERIOD_MINUTES),
        };
        Ok(DescribeEndpointsOutput { endpoints: Some(vec![endpoint]) })
    }
}
