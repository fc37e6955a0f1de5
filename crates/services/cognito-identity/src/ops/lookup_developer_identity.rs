//! LookupDeveloperIdentity: the identity of a user of the developer, or the users of an identity.
//!
//! Order of refusals: the pool, which of both is requested, the requested value.

use crate::service::{self, Call, CognitoIdentity};
use crate::{errors, identity, pool};
use model::ApiError;
use model::cognito_identity::{
    LookupDeveloperIdentity, LookupDeveloperIdentityInput, LookupDeveloperIdentityOutput,
};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for LookupDeveloperIdentity {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<LookupDeveloperIdentityInput> = Validation::MODEL;
    type Plan = LookupDeveloperIdentityInput;

    fn check(input: LookupDeveloperIdentityInput) -> Result<LookupDeveloperIdentityInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &LookupDeveloperIdentityInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:LookupDeveloperIdentity",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: LookupDeveloperIdentityInput,
    ) -> Result<LookupDeveloperIdentityOutput, ApiError> {
        let pool = pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        let id = match (input.identity_id, input.developer_user_identifier) {
            (Some(id), _) => id,
            (None, Some(user)) => {
                let found = identity::of_user(cx.service, &pool.id, &user).await?;
                found.ok_or_else(|| errors::no_identity(&user))?
            }
            (None, None) => {
                return Err(errors::invalid_parameter(
                    "Either an IdentityId or a DeveloperUserIdentifier must be given",
                ));
            }
        };
        let identity = identity::find(cx.service, &id).await?;
        let is_own = identity.pool == pool.id;
        let identity = is_own.then_some(identity).ok_or_else(|| errors::no_identity(&id))?;
        Ok(LookupDeveloperIdentityOutput {
            identity_id: Some(id),
            developer_user_identifier_list: Some(identity.users),
            next_token: None,
        })
    }
}
