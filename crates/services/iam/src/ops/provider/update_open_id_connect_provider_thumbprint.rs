//! UpdateOpenIDConnectProviderThumbprint: other thumbprints for an identity provider.

use crate::providers;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    UpdateOpenIDConnectProviderThumbprint, UpdateOpenIDConnectProviderThumbprintInput,
    UpdateOpenIDConnectProviderThumbprintOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateOpenIDConnectProviderThumbprint {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateOpenIDConnectProviderThumbprintInput> = Validation::MODEL;
    type Plan = UpdateOpenIDConnectProviderThumbprintInput;

    fn check(
        input: UpdateOpenIDConnectProviderThumbprintInput,
    ) -> Result<UpdateOpenIDConnectProviderThumbprintInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &UpdateOpenIDConnectProviderThumbprintInput) -> Access<'static> {
        service::need_arn(
            "iam:UpdateOpenIDConnectProviderThumbprint",
            text(&input.open_id_connect_provider_arn),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: UpdateOpenIDConnectProviderThumbprintInput,
    ) -> Result<UpdateOpenIDConnectProviderThumbprintOutput, ApiError> {
        let arn = text(&input.open_id_connect_provider_arn);
        service::change(cx, |account| {
            providers::find_mut(account, arn)?.thumbprints =
                input.thumbprint_list.clone().unwrap_or_default();
            Ok(UpdateOpenIDConnectProviderThumbprintOutput {})
        })
        .await
    }
}
