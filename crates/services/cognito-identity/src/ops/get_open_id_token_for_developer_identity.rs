//! GetOpenIdTokenForDeveloperIdentity: a token for a user of the developer, and the identity of it: the one it has,
//! the one that is named, or a new one.
//!
//! Order of refusals: the pool, the login, the identity, whose another user may be.

use crate::errors;
use crate::identity::{self, Identity};
use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{
    GetOpenIdTokenForDeveloperIdentity, GetOpenIdTokenForDeveloperIdentityInput,
    GetOpenIdTokenForDeveloperIdentityOutput,
};
use pipeline::{Access, Kind, Operation, Validation};
use sts::own_token::OwnToken;

/// How long a token is good where nothing is said.
const TOKEN_SECONDS: u64 = 900;

impl Operation<CognitoIdentity> for GetOpenIdTokenForDeveloperIdentity {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetOpenIdTokenForDeveloperIdentityInput> = Validation::MODEL;
    type Plan = GetOpenIdTokenForDeveloperIdentityInput;

    fn check(
        input: GetOpenIdTokenForDeveloperIdentityInput,
    ) -> Result<GetOpenIdTokenForDeveloperIdentityInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &GetOpenIdTokenForDeveloperIdentityInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: GetOpenIdTokenForDeveloperIdentityInput,
    ) -> Result<GetOpenIdTokenForDeveloperIdentityOutput, ApiError> {
        let pool = pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        let mut logins = input.logins.iter().flatten();
        let (provider, user) = logins.next().ok_or_else(errors::unknown_provider)?;
        if pool.developer_provider.as_ref() != Some(provider) || logins.next().is_some() {
            return Err(errors::invalid_parameter(
                "Please provide exactly one login of the developer provider",
            ));
        }
        let now = cx.now_micros / 1_000_000;
        let identity = match &input.identity_id {
            Some(id) => {
                let found = identity::find(cx.service, id).await?;
                let is_own = found.pool == pool.id;
                is_own.then_some(found).ok_or_else(|| errors::no_identity(id))?
            }
            None => Identity {
                id: format!("{}:{}", cx.caller.region, cx.random.uuid()),
                pool: pool.id.clone(),
                created: now,
                ..Identity::default()
            },
        };
        let identity = Identity { modified: now, ..identity };
        let id = identity::link(cx.service, user, &identity, input.identity_id.is_some()).await?;
        let seconds = input.token_duration.map_or(TOKEN_SECONDS, |seconds| seconds as u64);
        let methods = vec!["authenticated".to_owned(), provider.clone()];
        let token = OwnToken::of(&pool.id, &id, methods, now + seconds);
        let token = token.seal(cx.service.directory.sealing());
        Ok(GetOpenIdTokenForDeveloperIdentityOutput { identity_id: Some(id), token: Some(token) })
    }
}
