//! CreateIdentityPool: a pool.

use crate::errors;
use crate::pool::{self, Pool};
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{CreateIdentityPool, CreateIdentityPoolInput, CreateIdentityPoolOutput};
use pipeline::access::Tags;
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for CreateIdentityPool {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateIdentityPoolInput> = Validation::MODEL;
    type Plan = CreateIdentityPoolInput;

    fn check(input: CreateIdentityPoolInput) -> Result<CreateIdentityPoolInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &CreateIdentityPoolInput) -> Access<'static> {
        let tags = Tags::set(input.identity_pool_tags.clone().unwrap_or_default());
        service::need(cx, "cognito-identity:CreateIdentityPool", "*").tagged(tags)
    }

    async fn run(
        cx: &Call<'_>,
        input: CreateIdentityPoolInput,
    ) -> Result<CreateIdentityPoolOutput, ApiError> {
        let pool = Pool {
            account: cx.caller.account.to_string(),
            id: format!("{}:{}", cx.caller.region, cx.random.uuid()),
            name: input.identity_pool_name.unwrap_or_default(),
            has_guests: input.allow_unauthenticated_identities == Some(true),
            has_classic_flow: input.allow_classic_flow,
            developer_provider: input.developer_provider_name,
            login_providers: input.supported_login_providers.unwrap_or_default(),
            open_id_arns: input.open_id_connect_provider_ar_ns.unwrap_or_default(),
            tags: input.identity_pool_tags.unwrap_or_default(),
            ..Pool::default()
        };
        let key = pool::key(&pool.id);
        let kept =
            cx.service.documents.change(&key, |_: Option<Pool>| Ok::<_, ApiError>((Some(pool.clone()), ())));
        kept.await.map_err(|_| errors::store_error())??;
        Ok(pool.shown())
    }
}
