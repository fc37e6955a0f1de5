//! GetOpenIdToken: a token for an identity, to be exchanged at STS for a session of a role that the application
//! chooses. Needs no credentials.
//!
//! Order of refusals: the identity, the flow, which the pool must allow, the logins.

use crate::service::{Call, CognitoIdentity};
use crate::{errors, identity, login, pool};
use model::ApiError;
use model::cognito_identity::{GetOpenIdToken, GetOpenIdTokenInput, GetOpenIdTokenOutput};
use pipeline::{Access, Kind, Operation, Validation};
use sts::own_token::OwnToken;

/// How long a token is good.
const TOKEN_SECONDS: u64 = 600;

impl Operation<CognitoIdentity> for GetOpenIdToken {
    const KIND: Kind = Kind::Control;
    const IS_OPEN: bool = true;
    const VALIDATION: Validation<GetOpenIdTokenInput> = Validation::MODEL;
    type Plan = GetOpenIdTokenInput;

    fn check(input: GetOpenIdTokenInput) -> Result<GetOpenIdTokenInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Call<'_>, _: &GetOpenIdTokenInput) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Call<'_>, input: GetOpenIdTokenInput) -> Result<GetOpenIdTokenOutput, ApiError> {
        let id = input.identity_id.unwrap_or_default();
        let identity = identity::find(cx.service, &id).await?;
        let pool = pool::find(cx.service, &identity.pool).await?;
        if pool.has_classic_flow != Some(true) {
            return Err(errors::no_classic_flow());
        }
        let login = login::proved(cx, &pool, &input.logins).await?;
        login.check(cx, &pool, &identity).await?;
        let ends = cx.now_micros / 1_000_000 + TOKEN_SECONDS;
        let token = OwnToken::of(&pool.id, &id, login.methods(), ends);
        let token = token.seal(cx.service.directory.sealing());
        Ok(GetOpenIdTokenOutput { identity_id: Some(id), token: Some(token) })
    }
}
