//! ListGrants: of a key, page by page.

use super::metadata::seconds;
use crate::authorize::Asked;
use crate::grant::Grant;
use crate::key;
use crate::page::{self, Page};
use crate::service::Kms;
use crate::service::scope_of;
use engine::Scope;
use model::ApiError;
use model::kms::{GrantConstraints, GrantListEntry};
use model::kms::{ListGrants, ListGrantsInput, ListGrantsResponse};
use pipeline::{Access, Cx, Kind, Operation, Validation};

pub(super) const LIMIT: usize = 50;

impl Operation<Kms> for ListGrants {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGrantsInput> = Validation::MODEL;
    type Plan = ListGrantsInput;

    fn check(input: ListGrantsInput) -> Result<ListGrantsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a ListGrantsInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: ListGrantsInput) -> Result<ListGrantsResponse, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:ListGrants", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let marker = page::marker(plan.marker.as_deref())?;
        let is_asked_for = |grant: &Grant| {
            grant.key_id == id
                && plan.grant_id.as_ref().is_none_or(|wanted| grant.id == *wanted)
                && plan
                    .grantee_principal
                    .as_ref()
                    .is_none_or(|wanted| grant.terms.grantee.as_ref() == Some(wanted))
        };
        let mut grants = cx.service.keys.grants(&scope).await?;
        grants.retain(is_asked_for);
        let page = Page::behind(grants, marker, page::limit(plan.limit, LIMIT), |grant| grant.id.clone());
        Ok(ListGrantsResponse {
            grants: Some(page.entries.into_iter().map(|grant| entry(&scope, grant)).collect()),
            next_marker: page.next_marker,
            truncated: Some(page.truncated),
        })
    }
}

pub(super) fn entry(scope: &Scope, grant: Grant) -> GrantListEntry {
    let Grant { id, key_id, created_micros, terms } = grant;
    let constraints = GrantConstraints {
        encryption_context_subset: terms.context_subset,
        encryption_context_equals: terms.context_equals,
        source_arn: terms.source_arn,
    };
    GrantListEntry {
        key_id: Some(key::arn(&scope.account, &scope.region, &key_id)),
        grant_id: Some(id),
        name: terms.name,
        creation_date: Some(seconds(created_micros)),
        grantee_principal: terms.grantee,
        retiring_principal: terms.retiring,
        issuing_account: Some(format!("arn:aws:iam::{}:root", scope.account)),
        operations: Some(terms.operations),
        constraints: (constraints != GrantConstraints::default()).then_some(constraints),
        grantee_service_principal: terms.grantee_service,
        retiring_service_principal: terms.retiring_service,
    }
}
