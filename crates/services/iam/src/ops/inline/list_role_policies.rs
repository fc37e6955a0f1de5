//! ListRolePolicies: the names of the inline policies of a role.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListRolePolicies, ListRolePoliciesInput, ListRolePoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListRolePolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListRolePoliciesInput> = Validation::MODEL;
    type Plan = ListRolePoliciesInput;

    fn check(input: ListRolePoliciesInput) -> Result<ListRolePoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListRolePoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListRolePolicies", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListRolePoliciesInput) -> Result<ListRolePoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Role, text(&input.role_name))?;
        let names = entity.inline.keys().map(|name| (name.clone(), name.clone()));
        let page = Page::of(names, input.marker.as_deref(), input.max_items);
        Ok(ListRolePoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            policy_names: Some(page.items),
        })
    }
}
