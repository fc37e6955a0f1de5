//! UpdateIdentityPool: other settings for a pool; its identities and roles stay.
//!
//! Order of refusals: the pool, its developer provider, which cannot change once it is set.

use crate::errors;
use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{UpdateIdentityPool, UpdateIdentityPoolInput, UpdateIdentityPoolOutput};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for UpdateIdentityPool {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateIdentityPoolInput> = Validation::MODEL;
    type Plan = UpdateIdentityPoolInput;

    fn check(input: UpdateIdentityPoolInput) -> Result<UpdateIdentityPoolInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &UpdateIdentityPoolInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:UpdateIdentityPool",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(
        cx: &Call<'_>,
        input: UpdateIdentityPoolInput,
    ) -> Result<UpdateIdentityPoolOutput, ApiError> {
        let id = input.identity_pool_id.clone().unwrap_or_default();
        let old = pool::own(cx, &id).await?;
        if old.developer_provider.is_some() && old.developer_provider != input.developer_provider_name {
            return Err(errors::invalid_parameter("Developer provider name cannot be changed"));
        }
        let changed = pool::change(cx, &id, |pool| {
            pool.name = input.identity_pool_name.clone().unwrap_or_default();
            pool.has_guests = input.allow_unauthenticated_identities == Some(true);
            pool.has_classic_flow = input.allow_classic_flow;
            pool.developer_provider = input.developer_provider_name.clone();
            pool.login_providers = input.supported_login_providers.clone().unwrap_or_default();
            pool.open_id_arns = input.open_id_connect_provider_ar_ns.clone().unwrap_or_default();
            pool.tags = input.identity_pool_tags.clone().unwrap_or_default();
        });
        Ok(changed.await?.shown())
    }
}
