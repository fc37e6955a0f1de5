//! ListPolicies: managed policies of the account, of AWS, or both, a page at a time.

use crate::account::folded;
use crate::managed::Managed;
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListPolicies, ListPoliciesInput, ListPoliciesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListPolicies {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListPoliciesInput> = Validation::MODEL;
    type Plan = ListPoliciesInput;

    fn check(input: ListPoliciesInput) -> Result<ListPoliciesInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &ListPoliciesInput) -> Access<'static> {
        service::need_arn("iam:ListPolicies", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListPoliciesInput) -> Result<ListPoliciesOutput, ApiError> {
        let account = service::account(cx);
        let scope = input.scope.as_deref().unwrap_or("All");
        let own = account.policies.values().filter(|_| scope != "AWS");
        let own = own.map(|policy| show::policy_listed(policy, &account, &cx.caller.account));
        let of_aws =
            Managed::all().filter(|_| scope != "Local").map(|policy| show::aws_policy(policy, &account));
        let mut found: Vec<_> = own.chain(of_aws).filter(|policy| is_asked_for(&input, policy)).collect();
        found.sort_by_key(name);
        let page = Page::of(
            found.into_iter().map(|one| (name(&one), one)),
            input.marker.as_deref(),
            input.max_items,
        );
        Ok(ListPoliciesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            policies: Some(page.items),
        })
    }
}

fn name(policy: &model::iam::Policy) -> String {
    folded(text(&policy.policy_name))
}

fn is_asked_for(input: &ListPoliciesInput, policy: &model::iam::Policy) -> bool {
    let uses = match input.policy_usage_filter.as_deref() {
        Some("PermissionsBoundary") => policy.permissions_boundary_usage_count,
        _ => policy.attachment_count,
    };
    let is_below = text(&policy.path).starts_with(input.path_prefix.as_deref().unwrap_or("/"));
    is_below && (input.only_attached != Some(true) || uses > Some(0))
}
