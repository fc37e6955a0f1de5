//! ListAttachedUserPolicies: the managed policies of a user, a page at a time, in the order of their names.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListAttachedUserPolicies, ListAttachedUserPoliciesInput, ListAttachedUserPoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListAttachedUserPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAttachedUserPoliciesInput> = Validation::MODEL;
    type Plan = ListAttachedUserPoliciesInput;

    fn check(input: ListAttachedUserPoliciesInput) -> Result<ListAttachedUserPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListAttachedUserPoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListAttachedUserPolicies", Owner::User, text(&input.user_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListAttachedUserPoliciesInput,
    ) -> Result<ListAttachedUserPoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::User, text(&input.user_name))?;
        let page = Page::of(show::attached(entity), input.marker.as_deref(), input.max_items);
        Ok(ListAttachedUserPoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            attached_policies: Some(page.items),
        })
    }
}
