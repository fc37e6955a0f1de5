//! UpdateGroup: another name or path for a group; its users and policies stay.

use crate::account::{Owner, folded};
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UpdateGroup, UpdateGroupInput, UpdateGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateGroupInput> = Validation::MODEL;
    type Plan = UpdateGroupInput;

    fn check(input: UpdateGroupInput) -> Result<UpdateGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateGroupInput) -> Access<'static> {
        service::need_entity(cx, "iam:UpdateGroup", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UpdateGroupInput) -> Result<UpdateGroupOutput, ApiError> {
        let name = text(&input.group_name);
        service::change(cx, |account| {
            let mut group = account.group(name)?.clone();
            let new_name = input.new_group_name.as_deref().unwrap_or(name);
            let (old_key, new_key) = (folded(name), folded(new_name));
            if new_key != old_key && account.groups.contains_key(&new_key) {
                return Err(errors::exists("Group", new_name));
            }
            account.groups.remove(&old_key);
            group.entity.name = input.new_group_name.clone().unwrap_or(group.entity.name);
            group.entity.path = input.new_path.clone().unwrap_or(group.entity.path);
            account.groups.insert(new_key.clone(), group);
            for user in account.users.values_mut() {
                if user.groups.remove(&old_key) {
                    user.groups.insert(new_key.clone());
                }
            }
            Ok(UpdateGroupOutput {})
        })
        .await
    }
}
