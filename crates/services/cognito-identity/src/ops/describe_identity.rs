//! DescribeIdentity: one identity.

use crate::service::{self, Call, CognitoIdentity};
use crate::{errors, identity, pool};
use model::ApiError;
use model::cognito_identity::{DescribeIdentity, DescribeIdentityInput, DescribeIdentityOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for DescribeIdentity {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeIdentityInput> = Validation::MODEL;
    type Plan = DescribeIdentityInput;

    fn check(input: DescribeIdentityInput) -> Result<DescribeIdentityInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, _: &DescribeIdentityInput) -> Access<'static> {
        service::need(cx, "cognito-identity:DescribeIdentity", "*")
    }

    async fn run(cx: &Call<'_>, input: DescribeIdentityInput) -> Result<DescribeIdentityOutput, ApiError> {
        let id = input.identity_id.unwrap_or_default();
        let identity = identity::find(cx.service, &id).await?;
        let pool = pool::own(cx, &identity.pool).await.map_err(|_| errors::no_identity(&id))?;
        Ok(DescribeIdentityOutput {
            identity_id: Some(id),
            logins: identity.providers(pool.developer_provider.as_ref()),
            creation_date: Some(identity.created as f64),
            last_modified_date: Some(identity.modified as f64),
        })
    }
}
