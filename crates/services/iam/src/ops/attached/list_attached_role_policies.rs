//! ListAttachedRolePolicies: the managed policies of a role, a page at a time, in the order of their names.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListAttachedRolePolicies, ListAttachedRolePoliciesInput, ListAttachedRolePoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListAttachedRolePolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAttachedRolePoliciesInput> = Validation::MODEL;
    type Plan = ListAttachedRolePoliciesInput;

    fn check(input: ListAttachedRolePoliciesInput) -> Result<ListAttachedRolePoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListAttachedRolePoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListAttachedRolePolicies", Owner::Role, text(&input.role_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListAttachedRolePoliciesInput,
    ) -> Result<ListAttachedRolePoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Role, text(&input.role_name))?;
        let page = Page::of(show::attached(entity), input.marker.as_deref(), input.max_items);
        Ok(ListAttachedRolePoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            attached_policies: Some(page.items),
        })
    }
}
