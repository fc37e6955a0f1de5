//! PutGroupPolicy: an inline policy of a group: a new one, or in place of the one of its name.
//!
//! Order of refusals: the document, the group, the size of all its inline policies.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{PutGroupPolicy, PutGroupPolicyInput, PutGroupPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for PutGroupPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutGroupPolicyInput> = Validation::MODEL;
    type Plan = PutGroupPolicyInput;

    fn check(input: PutGroupPolicyInput) -> Result<PutGroupPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &PutGroupPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:PutGroupPolicy", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: PutGroupPolicyInput) -> Result<PutGroupPolicyOutput, ApiError> {
        let document = text(&input.policy_document);
        rules::document(document)?;
        service::change_entity(cx, Owner::Group, text(&input.group_name), |entity| {
            rules::put_inline(entity, Owner::Group, text(&input.policy_name), document)?;
            Ok(PutGroupPolicyOutput {})
        })
        .await
    }
}
