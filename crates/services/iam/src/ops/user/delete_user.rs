//! DeleteUser: a user without policies, keys and groups.
//!
//! Order of refusals: the user, its policies, its keys, its groups.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteUser, DeleteUserInput, DeleteUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteUserInput> = Validation::MODEL;
    type Plan = DeleteUserInput;

    fn check(input: DeleteUserInput) -> Result<DeleteUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteUserInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteUser", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteUserInput) -> Result<DeleteUserOutput, ApiError> {
        let name = text(&input.user_name);
        service::change(cx, |account| {
            let user = account.user(name)?;
            rules::has_no_policies(&user.entity)?;
            if !user.keys.is_empty() {
                return Err(errors::delete_conflict("delete access keys"));
            }
            if !user.groups.is_empty() {
                return Err(errors::delete_conflict("remove users from group"));
            }
            account.users.remove(&folded(name));
            Ok(DeleteUserOutput {})
        })
        .await
    }
}
