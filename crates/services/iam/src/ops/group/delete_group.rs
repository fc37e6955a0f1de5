//! DeleteGroup: a group without users and policies.
//!
//! Order of refusals: the group, its users, its policies.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteGroup, DeleteGroupInput, DeleteGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteGroupInput> = Validation::MODEL;
    type Plan = DeleteGroupInput;

    fn check(input: DeleteGroupInput) -> Result<DeleteGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteGroupInput) -> Access<'static> {
        service::need_entity(cx, "iam:DeleteGroup", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteGroupInput) -> Result<DeleteGroupOutput, ApiError> {
        let name = text(&input.group_name);
        service::change(cx, |account| {
            let group = account.group(name)?;
            if account.users.values().any(|user| user.groups.contains(&folded(name))) {
                return Err(errors::delete_conflict("remove users from group"));
            }
            rules::has_no_policies(&group.entity)?;
            account.groups.remove(&folded(name));
            Ok(DeleteGroupOutput {})
        })
        .await
    }
}
