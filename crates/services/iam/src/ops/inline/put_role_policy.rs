//! PutRolePolicy: an inline policy of a role: a new one, or in place of the one of its name.
//!
//! Order of refusals: the document, the role, the size of all its inline policies.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{PutRolePolicy, PutRolePolicyInput, PutRolePolicyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for PutRolePolicy {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutRolePolicyInput> = Validation::MODEL;
    type Plan = PutRolePolicyInput;

    fn check(input: PutRolePolicyInput) -> Result<PutRolePolicyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &PutRolePolicyInput) -> Access<'static> {
        service::need_entity(cx, "iam:PutRolePolicy", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: PutRolePolicyInput) -> Result<PutRolePolicyOutput, ApiError> {
        let document = text(&input.policy_document);
        rules::document(document)?;
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            rules::put_inline(entity, Owner::Role, text(&input.policy_name), document)?;
            Ok(PutRolePolicyOutput {})
        })
        .await
    }
}
