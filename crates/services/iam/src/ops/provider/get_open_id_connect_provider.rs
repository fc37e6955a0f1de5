//! GetOpenIDConnectProvider: one identity provider.

use crate::providers;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetOpenIDConnectProvider, GetOpenIDConnectProviderInput, GetOpenIDConnectProviderOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetOpenIDConnectProvider {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetOpenIDConnectProviderInput> = Validation::MODEL;
    type Plan = GetOpenIDConnectProviderInput;

    fn check(input: GetOpenIDConnectProviderInput) -> Result<GetOpenIDConnectProviderInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &GetOpenIDConnectProviderInput) -> Access<'static> {
        service::need_arn("iam:GetOpenIDConnectProvider", text(&input.open_id_connect_provider_arn))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: GetOpenIDConnectProviderInput,
    ) -> Result<GetOpenIDConnectProviderOutput, ApiError> {
        let (account, arn) = (service::account(cx), text(&input.open_id_connect_provider_arn));
        let (url, provider) = providers::find(&account, arn)?;
        Ok(GetOpenIDConnectProviderOutput {
            url: Some(url.to_owned()),
            client_id_list: Some(provider.clients.clone()),
            thumbprint_list: Some(provider.thumbprints.clone()),
            create_date: Some(provider.created as f64),
            tags: show::tags(&provider.tags),
            ..GetOpenIDConnectProviderOutput::default()
        })
    }
}
