//! ListOpenIDConnectProviders: the ARNs of the identity providers.

use crate::providers;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{
    ListOpenIDConnectProviders, ListOpenIDConnectProvidersInput, ListOpenIDConnectProvidersOutput,
    OpenIDConnectProviderListEntry,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListOpenIDConnectProviders {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListOpenIDConnectProvidersInput> = Validation::MODEL;
    type Plan = ();

    fn check(_: ListOpenIDConnectProvidersInput) -> Result<(), ApiError> {
        Ok(())
    }

    fn access(_: &Cx<'_, Iam>, (): &()) -> Access<'static> {
        service::need_arn("iam:ListOpenIDConnectProviders", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, (): ()) -> Result<ListOpenIDConnectProvidersOutput, ApiError> {
        let account = service::account(cx);
        let arns = account.providers.keys().map(|key| Some(providers::arn(key, &cx.caller.account)));
        let entries = arns
            .map(|arn| OpenIDConnectProviderListEntry { arn, ..OpenIDConnectProviderListEntry::default() })
            .collect();
        Ok(ListOpenIDConnectProvidersOutput { open_id_connect_provider_list: Some(entries) })
    }
}
