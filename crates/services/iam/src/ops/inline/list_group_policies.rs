//! ListGroupPolicies: the names of the inline policies of a group.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListGroupPolicies, ListGroupPoliciesInput, ListGroupPoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListGroupPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGroupPoliciesInput> = Validation::MODEL;
    type Plan = ListGroupPoliciesInput;

    fn check(input: ListGroupPoliciesInput) -> Result<ListGroupPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListGroupPoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListGroupPolicies", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListGroupPoliciesInput,
    ) -> Result<ListGroupPoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Group, text(&input.group_name))?;
        let names = entity.inline.keys().map(|name| (name.clone(), name.clone()));
        let page = Page::of(names, input.marker.as_deref(), input.max_items);
        Ok(ListGroupPoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            policy_names: Some(page.items),
        })
    }
}
