//! AddUserToGroup: puts a user into a group; ten groups a user.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{AddUserToGroup, AddUserToGroupInput, AddUserToGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Groups of one user.
const GROUPS_MAX: usize = 10;

impl Operation<Iam> for AddUserToGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<AddUserToGroupInput> = Validation::MODEL;
    type Plan = AddUserToGroupInput;

    fn check(input: AddUserToGroupInput) -> Result<AddUserToGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &AddUserToGroupInput) -> Access<'static> {
        service::need_entity(cx, "iam:AddUserToGroup", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: AddUserToGroupInput) -> Result<AddUserToGroupOutput, ApiError> {
        let (group, user) = (text(&input.group_name), text(&input.user_name));
        service::change(cx, |account| {
            account.group(group)?;
            let groups = &mut account.user_mut(user)?.groups;
            groups.insert(folded(group));
            let fits = groups.len() <= GROUPS_MAX;
            if fits { Ok(AddUserToGroupOutput {}) } else { Err(errors::quota("GroupsPerUser", GROUPS_MAX)) }
        })
        .await
    }
}
