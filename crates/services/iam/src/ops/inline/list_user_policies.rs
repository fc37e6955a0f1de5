//! ListUserPolicies: the names of the inline policies of a user.

use crate::account::Owner;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{ListUserPolicies, ListUserPoliciesInput, ListUserPoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListUserPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListUserPoliciesInput> = Validation::MODEL;
    type Plan = ListUserPoliciesInput;

    fn check(input: ListUserPoliciesInput) -> Result<ListUserPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListUserPoliciesInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListUserPolicies", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListUserPoliciesInput) -> Result<ListUserPoliciesOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::User, text(&input.user_name))?;
        let names = entity.inline.keys().map(|name| (name.clone(), name.clone()));
        let page = Page::of(names, input.marker.as_deref(), input.max_items);
        Ok(ListUserPoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            policy_names: Some(page.items),
        })
    }
}
