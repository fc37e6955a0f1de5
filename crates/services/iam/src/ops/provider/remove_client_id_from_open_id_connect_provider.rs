//! RemoveClientIDFromOpenIDConnectProvider: takes an audience from an identity provider; one that it does not have is
//! passed over.

use crate::providers;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    RemoveClientIDFromOpenIDConnectProvider, RemoveClientIDFromOpenIDConnectProviderInput,
    RemoveClientIDFromOpenIDConnectProviderOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for RemoveClientIDFromOpenIDConnectProvider {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RemoveClientIDFromOpenIDConnectProviderInput> = Validation::MODEL;
    type Plan = RemoveClientIDFromOpenIDConnectProviderInput;

    fn check(
        input: RemoveClientIDFromOpenIDConnectProviderInput,
    ) -> Result<RemoveClientIDFromOpenIDConnectProviderInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &RemoveClientIDFromOpenIDConnectProviderInput) -> Access<'static> {
        service::need_arn(
            "iam:RemoveClientIDFromOpenIDConnectProvider",
            text(&input.open_id_connect_provider_arn),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: RemoveClientIDFromOpenIDConnectProviderInput,
    ) -> Result<RemoveClientIDFromOpenIDConnectProviderOutput, ApiError> {
        let (arn, client) = (text(&input.open_id_connect_provider_arn), text(&input.client_id));
        service::change(cx, |account| {
            providers::find_mut(account, arn)?.clients.retain(|own| own != client);
            Ok(RemoveClientIDFromOpenIDConnectProviderOutput {})
        })
        .await
    }
}
