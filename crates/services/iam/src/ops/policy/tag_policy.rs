//! TagPolicy: tags for a managed policy; one with the same key is replaced.

use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{TagPolicy, TagPolicyInput, TagPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for TagPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagPolicyInput> = Validation::MODEL;
    type Plan = TagPolicyInput;

    fn check(input: TagPolicyInput) -> Result<TagPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &TagPolicyInput) -> Access<'static> {
        service::need_arn("iam:TagPolicy", text(&input.policy_arn)).tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: TagPolicyInput) -> Result<TagPolicyOutput, ApiError> {
        let tags = rules::tags(&input.tags)?;
        service::change(cx, |account| {
            rules::add_tags(&mut account.policy_mut(text(&input.policy_arn))?.tags, &tags)?;
            Ok(TagPolicyOutput {})
        })
        .await
    }
}
