//! RemoveUserFromGroup: takes a user out of a group.

use crate::account::{Owner, folded};
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{RemoveUserFromGroup, RemoveUserFromGroupInput, RemoveUserFromGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for RemoveUserFromGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RemoveUserFromGroupInput> = Validation::MODEL;
    type Plan = RemoveUserFromGroupInput;

    fn check(input: RemoveUserFromGroupInput) -> Result<RemoveUserFromGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &RemoveUserFromGroupInput) -> Access<'static> {
        service::need_entity(cx, "iam:RemoveUserFromGroup", Owner::Group, text(&input.group_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: RemoveUserFromGroupInput,
    ) -> Result<RemoveUserFromGroupOutput, ApiError> {
        let (group, user) = (text(&input.group_name), text(&input.user_name));
        service::change(cx, |account| {
            account.group(group)?;
            account.user_mut(user)?.groups.remove(&folded(group));
            Ok(RemoveUserFromGroupOutput {})
        })
        .await
    }
}
