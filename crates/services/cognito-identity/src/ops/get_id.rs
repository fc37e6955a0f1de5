//! GetId: an identity of a pool: a new guest, or the one that the logins are of. Needs no credentials.
//!
//! Order of refusals: the pool, its guests, the logins.

use crate::identity::{self, Identity};
use crate::service::{Call, CognitoIdentity};
use crate::{login, pool};
use model::ApiError;
use model::cognito_identity::{GetId, GetIdInput, GetIdOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for GetId {
    const KIND: Kind = Kind::Control;
    const IS_OPEN: bool = true;
    const VALIDATION: Validation<GetIdInput> = Validation::MODEL;
    type Plan = GetIdInput;

    fn check(input: GetIdInput) -> Result<GetIdInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Call<'_>, _: &GetIdInput) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Call<'_>, input: GetIdInput) -> Result<GetIdOutput, ApiError> {
        let pool = pool::find(cx.service, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        if let Some(token) = login::proved(cx, &pool, &input.logins)? {
            return Ok(GetIdOutput { identity_id: Some(token.identity) });
        }
        let now = cx.now_micros / 1_000_000;
        let region = pool.id.split(':').next().unwrap_or_default();
        let identity = Identity {
            id: format!("{region}:{}", cx.random.uuid()),
            pool: pool.id.clone(),
            users: Vec::new(),
            created: now,
            modified: now,
        };
        identity::keep(cx.service, &identity).await?;
        Ok(GetIdOutput { identity_id: Some(identity.id) })
    }
}
