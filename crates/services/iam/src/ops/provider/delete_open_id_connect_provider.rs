//! DeleteOpenIDConnectProvider: deletes an identity provider; one that is not there is deleted already.

use crate::providers;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    DeleteOpenIDConnectProvider, DeleteOpenIDConnectProviderInput, DeleteOpenIDConnectProviderOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteOpenIDConnectProvider {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteOpenIDConnectProviderInput> = Validation::MODEL;
    type Plan = DeleteOpenIDConnectProviderInput;

    fn check(input: DeleteOpenIDConnectProviderInput) -> Result<DeleteOpenIDConnectProviderInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &DeleteOpenIDConnectProviderInput) -> Access<'static> {
        service::need_arn("iam:DeleteOpenIDConnectProvider", text(&input.open_id_connect_provider_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: DeleteOpenIDConnectProviderInput,
    ) -> Result<DeleteOpenIDConnectProviderOutput, ApiError> {
        let arn = text(&input.open_id_connect_provider_arn);
        service::change(cx, |account| {
            account.providers.retain(|key, _| providers::arn(key, &cx.caller.account) != arn);
            Ok(DeleteOpenIDConnectProviderOutput {})
        })
        .await
    }
}
