//! SetIdentityPoolRoles: the roles that a pool gives its guests and its users. Mappings of roles are not taken yet.

use crate::errors;
use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{SetIdentityPoolRoles, SetIdentityPoolRolesInput, SetIdentityPoolRolesOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for SetIdentityPoolRoles {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<SetIdentityPoolRolesInput> = Validation::MODEL;
    type Plan = SetIdentityPoolRolesInput;

    fn check(input: SetIdentityPoolRolesInput) -> Result<SetIdentityPoolRolesInput, ApiError> {
        if input.role_mappings.as_ref().is_some_and(|mappings| !mappings.is_empty()) {
            return Err(errors::invalid_parameter("RoleMappings are planned in Stator and not built yet"));
        }
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &SetIdentityPoolRolesInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:SetIdentityPoolRoles",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: SetIdentityPoolRolesInput,
    ) -> Result<SetIdentityPoolRolesOutput, ApiError> {
        let roles = input.roles.unwrap_or_default();
        pool::change(cx, input.identity_pool_id.as_deref().unwrap_or_default(), |pool| {
            pool.roles = roles.clone();
        })
        .await?;
        Ok(SetIdentityPoolRolesOutput {})
    }
}
