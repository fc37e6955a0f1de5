//! UntagPolicy: takes tags from a managed policy; keys that it does not have are passed over.

use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UntagPolicy, UntagPolicyInput, UntagPolicyOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UntagPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagPolicyInput> = Validation::MODEL;
    type Plan = UntagPolicyInput;

    fn check(input: UntagPolicyInput) -> Result<UntagPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, input: &UntagPolicyInput) -> Access<'static> {
        service::need_arn("iam:UntagPolicy", text(&input.policy_arn))
            .tagged(Tags::removed(input.tag_keys.iter().flatten().cloned()))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UntagPolicyInput) -> Result<UntagPolicyOutput, ApiError> {
        service::change(cx, |account| {
            rules::remove_tags(&mut account.policy_mut(text(&input.policy_arn))?.tags, &input.tag_keys);
            Ok(UntagPolicyOutput {})
        })
        .await
    }
}
