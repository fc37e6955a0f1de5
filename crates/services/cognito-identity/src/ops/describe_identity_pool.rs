//! DescribeIdentityPool: a pool.

use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{DescribeIdentityPool, DescribeIdentityPoolInput, DescribeIdentityPoolOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for DescribeIdentityPool {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeIdentityPoolInput> = Validation::MODEL;
    type Plan = DescribeIdentityPoolInput;

    fn check(input: DescribeIdentityPoolInput) -> Result<DescribeIdentityPoolInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &DescribeIdentityPoolInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:DescribeIdentityPool",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: DescribeIdentityPoolInput,
    ) -> Result<DescribeIdentityPoolOutput, ApiError> {
        Ok(pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?.shown())
    }
}
