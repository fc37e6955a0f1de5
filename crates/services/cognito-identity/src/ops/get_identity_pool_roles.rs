//! GetIdentityPoolRoles: the roles of a pool.

use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{GetIdentityPoolRoles, GetIdentityPoolRolesInput, GetIdentityPoolRolesOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for GetIdentityPoolRoles {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetIdentityPoolRolesInput> = Validation::MODEL;
    type Plan = GetIdentityPoolRolesInput;

    fn check(input: GetIdentityPoolRolesInput) -> Result<GetIdentityPoolRolesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &GetIdentityPoolRolesInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:GetIdentityPoolRoles",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: GetIdentityPoolRolesInput,
    ) -> Result<GetIdentityPoolRolesOutput, ApiError> {
        let pool = pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        Ok(GetIdentityPoolRolesOutput {
            identity_pool_id: Some(pool.id),
            roles: Some(pool.roles).filter(|roles| !roles.is_empty()),
            role_mappings: None,
        })
    }
}
