//! GetCallerIdentity: who calls. Needs no permission, and no policy can deny it.

use crate::service::Sts;
use model::ApiError;
use model::sts::{GetCallerIdentity, GetCallerIdentityInput, GetCallerIdentityOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Sts> for GetCallerIdentity {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetCallerIdentityInput> = Validation::MODEL;
    type Plan = ();

    fn check(_: GetCallerIdentityInput) -> Result<(), ApiError> {
        Ok(())
    }

    fn access(_: &Cx<'_, Sts>, (): &()) -> Access<'static> {
        Access::default()
    }

    async fn run(cx: &Cx<'_, Sts>, (): ()) -> Result<GetCallerIdentityOutput, ApiError> {
        Ok(GetCallerIdentityOutput {
            user_id: Some(cx.caller.user_id()),
            account: Some(cx.caller.account.to_string()),
            arn: Some(cx.caller.arn()),
        })
    }
}
