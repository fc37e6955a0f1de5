//! DeleteRole: a role without policies. Sessions of it end with it.
//!
//! Order of refusals: the role, that it is a service's, its policies.

use crate::account::{Owner, folded};
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteRole, DeleteRoleInput, DeleteRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteRoleInput> = Validation::MODEL;
    type Plan = DeleteRoleInput;

    fn check(input: DeleteRoleInput) -> Result<DeleteRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteRole", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteRoleInput) -> Result<DeleteRoleOutput, ApiError> {
        let name = text(&input.role_name);
        service::change(cx, |account| {
            let role = account.role_mut(name)?;
            rules::has_no_policies(&role.entity)?;
            account.roles.remove(&folded(name));
            Ok(DeleteRoleOutput {})
        })
        .await
    }
}
