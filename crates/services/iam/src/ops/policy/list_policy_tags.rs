//! ListPolicyTags: the tags of a managed policy.

use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListPolicyTags, ListPolicyTagsInput, ListPolicyTagsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListPolicyTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListPolicyTagsInput> = Validation::MODEL;
    type Plan = ListPolicyTagsInput;

    fn check(input: ListPolicyTagsInput) -> Result<ListPolicyTagsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &ListPolicyTagsInput) -> Access<'static> {
        service::need_arn("iam:ListPolicyTags", text(&input.policy_arn))
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListPolicyTagsInput) -> Result<ListPolicyTagsOutput, ApiError> {
        let (account, arn) = (service::account(cx), text(&input.policy_arn));
        let policy = account.policy(arn).ok_or_else(|| errors::no_policy(arn))?;
        let tags = show::tags(&policy.tags).unwrap_or_default();
        Ok(ListPolicyTagsOutput { tags: Some(tags), is_truncated: Some(false), marker: None })
    }
}
