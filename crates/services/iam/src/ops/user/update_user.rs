//! UpdateUser: another name or path for a user; its id, groups and keys stay.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UpdateUser, UpdateUserInput, UpdateUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateUserInput> = Validation::MODEL;
    type Plan = UpdateUserInput;

    fn check(input: UpdateUserInput) -> Result<UpdateUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateUserInput) -> Access<'static> {
        service::need_entity(cx, "iam:UpdateUser", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UpdateUserInput) -> Result<UpdateUserOutput, ApiError> {
        let name = text(&input.user_name);
        service::change(cx, |account| {
            let mut user = account.user(name)?.clone();
            let new_name = input.new_user_name.as_deref().unwrap_or(name);
            if folded(new_name) != folded(name) && account.users.contains_key(&folded(new_name)) {
                return Err(errors::exists("User", new_name));
            }
            account.users.remove(&folded(name));
            user.entity.name = input.new_user_name.clone().unwrap_or(user.entity.name);
            user.entity.path = input.new_path.clone().unwrap_or(user.entity.path);
            account.users.insert(folded(new_name), user);
            Ok(UpdateUserOutput {})
        })
        .await
    }
}
