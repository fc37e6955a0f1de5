//! DeleteIdentityPool: deletes a pool with its identities.

use crate::errors;
use crate::identity;
use crate::pool::{self, Pool};
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{DeleteIdentityPool, DeleteIdentityPoolInput, DeleteIdentityPoolOutput};
use pipeline::{Access, Kind, Operation, Validation};

/// Identities that are read at a time.
const LOT: usize = 100;

impl Operation<CognitoIdentity> for DeleteIdentityPool {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteIdentityPoolInput> = Validation::MODEL;
    type Plan = DeleteIdentityPoolInput;

    fn check(input: DeleteIdentityPoolInput) -> Result<DeleteIdentityPoolInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &DeleteIdentityPoolInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:DeleteIdentityPool",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: DeleteIdentityPoolInput,
    ) -> Result<DeleteIdentityPoolOutput, ApiError> {
        let pool = pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        let key = pool::key(&pool.id);
        let deleted = cx.service.documents.change(&key, |_: Option<Pool>| Ok::<_, ApiError>((None, ())));
        deleted.await.map_err(|_| errors::store_error())??;
        loop {
            let some = identity::of_pool(cx.service, &pool.id, None, LOT).await?;
            if some.is_empty() {
                return Ok(DeleteIdentityPoolOutput {});
            }
            for identity in &some {
                identity::delete(cx.service, identity).await?;
            }
        }
    }
}
