//! ListIdentities: the identities of a pool, a page at a time, in the order of their ids.

use crate::service::{self, Call, CognitoIdentity};
use crate::{identity, pool};
use model::ApiError;
use model::cognito_identity::{
    DescribeIdentityOutput as IdentityShown, ListIdentities, ListIdentitiesInput, ListIdentitiesOutput,
};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for ListIdentities {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListIdentitiesInput> = Validation::MODEL;
    type Plan = ListIdentitiesInput;

    fn check(input: ListIdentitiesInput) -> Result<ListIdentitiesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, input: &ListIdentitiesInput) -> Access<'static> {
        service::need(
            cx,
            "cognito-identity:ListIdentities",
            input.identity_pool_id.as_deref().unwrap_or_default(),
        )
    }

    async fn run(cx: &Call<'_>, input: ListIdentitiesInput) -> Result<ListIdentitiesOutput, ApiError> {
        let pool = pool::own(cx, input.identity_pool_id.as_deref().unwrap_or_default()).await?;
        let limit = input.max_results.unwrap_or(1).max(1) as usize;
        let mut found =
            identity::of_pool(cx.service, &pool.id, input.next_token.as_deref(), limit + 1).await?;
        let is_truncated = found.len() > limit;
        found.truncate(limit);
        let next_token = found.last().map(|identity| identity.id.clone()).filter(|_| is_truncated);
        let shown = |identity: identity::Identity| IdentityShown {
            logins: identity.providers(pool.developer_provider.as_ref()),
            identity_id: Some(identity.id),
            creation_date: Some(identity.created as f64),
            last_modified_date: Some(identity.modified as f64),
        };
        Ok(ListIdentitiesOutput {
            identities: Some(found.into_iter().map(shown).collect()),
            identity_pool_id: Some(pool.id.clone()),
            next_token,
        })
    }
}
