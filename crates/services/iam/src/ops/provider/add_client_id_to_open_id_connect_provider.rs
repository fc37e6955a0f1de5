//! AddClientIDToOpenIDConnectProvider: another audience for an identity provider.

use crate::providers;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    AddClientIDToOpenIDConnectProvider, AddClientIDToOpenIDConnectProviderInput,
    AddClientIDToOpenIDConnectProviderOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for AddClientIDToOpenIDConnectProvider {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AddClientIDToOpenIDConnectProviderInput> = Validation::MODEL;
    type Plan = AddClientIDToOpenIDConnectProviderInput;

    fn check(
        input: AddClientIDToOpenIDConnectProviderInput,
    ) -> Result<AddClientIDToOpenIDConnectProviderInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &AddClientIDToOpenIDConnectProviderInput) -> Access<'static> {
        service::need_arn("iam:AddClientIDToOpenIDConnectProvider", text(&input.open_id_connect_provider_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: AddClientIDToOpenIDConnectProviderInput,
    ) -> Result<AddClientIDToOpenIDConnectProviderOutput, ApiError> {
        let (arn, client) = (text(&input.open_id_connect_provider_arn), text(&input.client_id));
        service::change(cx, |account| {
            let provider = providers::find_mut(account, arn)?;
            if !provider.clients.iter().any(|own| own == client) {
                provider.clients.push(client.to_owned());
            }
            Ok(AddClientIDToOpenIDConnectProviderOutput {})
        })
        .await
    }
}
