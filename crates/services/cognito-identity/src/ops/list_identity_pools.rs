//! ListIdentityPools: the pools of the account, a page at a time, in the order of their ids.

use crate::pool;
use crate::service::{self, Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity::{
    IdentityPoolShortDescription, ListIdentityPools, ListIdentityPoolsInput, ListIdentityPoolsOutput,
};
use pipeline::{Access, Kind, Operation, Validation};

impl Operation<CognitoIdentity> for ListIdentityPools {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListIdentityPoolsInput> = Validation::MODEL;
    type Plan = ListIdentityPoolsInput;

    fn check(input: ListIdentityPoolsInput) -> Result<ListIdentityPoolsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Call<'_>, _: &ListIdentityPoolsInput) -> Access<'static> {
        service::need(cx, "cognito-identity:ListIdentityPools", "*")
    }

    async fn run(cx: &Call<'_>, input: ListIdentityPoolsInput) -> Result<ListIdentityPoolsOutput, ApiError> {
        let limit = input.max_results.unwrap_or(1).max(1) as usize;
        let mut pools = pool::all(cx).await?;
        pools.retain(|pool| input.next_token.as_ref().is_none_or(|token| pool.id > *token));
        let is_truncated = pools.len() > limit;
        pools.truncate(limit);
        let next_token = pools.last().map(|pool| pool.id.clone()).filter(|_| is_truncated);
        let shown = |pool: pool::Pool| IdentityPoolShortDescription {
            identity_pool_id: Some(pool.id),
            identity_pool_name: Some(pool.name),
        };
        Ok(ListIdentityPoolsOutput {
            identity_pools: Some(pools.into_iter().map(shown).collect()),
            next_token,
        })
    }
}
