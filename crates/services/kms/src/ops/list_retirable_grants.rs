//! ListRetirableGrants: the grants of all keys that somebody may retire.

use super::list_grants::{LIMIT, entry};
use crate::grant::Grant;
use crate::page::{self, Page};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{ListGrantsResponse, ListRetirableGrants, ListRetirableGrantsInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for ListRetirableGrants {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListRetirableGrantsInput> = Validation::MODEL;
    type Plan = ListRetirableGrantsInput;

    fn check(input: ListRetirableGrantsInput) -> Result<ListRetirableGrantsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a ListRetirableGrantsInput) -> Access<'a> {
        _ = (cx, plan);
        Need::new("kms:ListRetirableGrants", "*").into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListRetirableGrantsInput) -> Result<ListGrantsResponse, ApiError> {
        let scope = scope_of(cx.caller);
        let marker = page::marker(plan.marker.as_deref())?;
        let retiring = plan.retiring_principal.or(plan.retiring_service_principal);
        let mut grants = cx.service.keys.grants(&scope).await?;
        grants.retain(|grant| {
            retiring.is_some()
                && (grant.terms.retiring == retiring || grant.terms.retiring_service == retiring)
        });
        let place = |grant: &Grant| Grant::place(&grant.key_id, &grant.id);
        let page = Page::behind(grants, marker, page::limit(plan.limit, LIMIT), place);
        Ok(ListGrantsResponse {
            grants: Some(page.entries.into_iter().map(|grant| entry(&scope, grant)).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}
