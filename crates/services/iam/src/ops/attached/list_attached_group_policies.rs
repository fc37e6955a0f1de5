//! ListAttachedGroupPolicies: the managed policies of a group, a page at a time, in the order of their names.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{
    ListAttachedGroupPolicies, ListAttachedGroupPoliciesInput, ListAttachedGroupPoliciesOutput,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListAttachedGroupPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAttachedGroupPoliciesInput> = Validation::MODEL;
    type Plan = ListAttachedGroupPoliciesInput;

    fn check(input: ListAttachedGroupPoliciesInput) -> Result<ListAttachedGroupPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListAttachedGroupPoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListAttachedGroupPolicies", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListAttachedGroupPoliciesInput,
    ) -> Result<ListAttachedGroupPoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Group, text(&input.group_name))?;
        let page = Page::of(show::attached(entity), input.marker.as_deref(), input.max_items);
        Ok(ListAttachedGroupPoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            attached_policies: Some(page.items),
        })
    }
}
