//! PutUserPolicy: an inline policy of a user: a new one, or in place of the one of its name.
//!
//! Order of refusals: the document, the user, the size of all its inline policies.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{PutUserPolicy, PutUserPolicyInput, PutUserPolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for PutUserPolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutUserPolicyInput> = Validation::MODEL;
    type Plan = PutUserPolicyInput;

    fn check(input: PutUserPolicyInput) -> Result<PutUserPolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &PutUserPolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:PutUserPolicy", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: PutUserPolicyInput) -> Result<PutUserPolicyOutput, ApiError> {
        let document = text(&input.policy_document);
        rules::document(document)?;
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            rules::put_inline(entity, Owner::User, text(&input.policy_name), document)?;
            Ok(PutUserPolicyOutput {})
        })
        .await
    }
}
