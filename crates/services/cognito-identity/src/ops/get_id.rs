//! GetId: an identity of a pool: a new guest, or the one that the logins are of. Needs no credentials.
//!
//! Order of refusals: the pool, its guests, the logins.

use crate::identity::{self, Identity};
use crate::login::{self, Login};
use crate::pool;
use crate::service::{Call, CognitoIdentity};
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
        let login = login::proved(cx, &pool, &input.logins).await?;
        if let Some(known) = login.identity(cx, &pool).await? {
            return Ok(GetIdOutput { identity_id: Some(known) });
        }
        let now = cx.now_micros / 1_000_000;
        let region = pool.id.split(':').next().unwrap_or_default();
        let identity = Identity {
            id: format!("{region}:{}", cx.random.uuid()),
            pool: pool.id.clone(),
            created: now,
            modified: now,
            ..Identity::default()
        };
        let id = match &login {
            Login::External { provider, subject } => {
                identity::link_external(cx.service, (provider, subject), &identity).await?
            }
            _ => {
                identity::keep(cx.service, &identity).await?;
                identity.id
            }
        };
        Ok(GetIdOutput { identity_id: Some(id) })
    }
}
