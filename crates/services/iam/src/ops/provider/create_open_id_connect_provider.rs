//! CreateOpenIDConnectProvider: an identity provider by its URL, with the audiences that are taken.
//!
//! Order of refusals: tags, the URL, the provider being there.

use crate::account::Provider;
use crate::errors;
use crate::providers;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{
    CreateOpenIDConnectProvider, CreateOpenIDConnectProviderInput, CreateOpenIDConnectProviderOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for CreateOpenIDConnectProvider {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateOpenIDConnectProviderInput> = Validation::MODEL;
    type Plan = CreateOpenIDConnectProviderInput;

    fn check(input: CreateOpenIDConnectProviderInput) -> Result<CreateOpenIDConnectProviderInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateOpenIDConnectProviderInput) -> Access<'static> {
        service::need(
            cx,
            "iam:CreateOpenIDConnectProvider",
            &format!("oidc-provider/{}", providers::key(text(&input.url)).unwrap_or_default()),
        )
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: CreateOpenIDConnectProviderInput,
    ) -> Result<CreateOpenIDConnectProviderOutput, ApiError> {
        let tags = rules::tags(&input.tags)?;
        let key = providers::key(text(&input.url)).ok_or_else(errors::invalid_url)?;
        service::change(cx, |account| {
            if account.providers.contains_key(&key) {
                return Err(errors::provider_exists(text(&input.url)));
            }
            let provider = Provider {
                clients: input.client_id_list.clone().unwrap_or_default(),
                thumbprints: input.thumbprint_list.clone().unwrap_or_default(),
                created: service::seconds(cx),
                tags: tags.clone(),
            };
            account.providers.insert(key.clone(), provider);
            Ok(CreateOpenIDConnectProviderOutput {
                open_id_connect_provider_arn: Some(providers::arn(&key, &cx.caller.account)),
                tags: show::tags(&tags),
            })
        })
        .await
    }
}
