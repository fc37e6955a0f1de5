//! CreateGroup: a group.

use crate::account::{Entity, Group, folded};
use crate::errors;
use crate::ids;
use crate::rules::{path, text};
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{CreateGroup, CreateGroupInput, CreateGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for CreateGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateGroupInput> = Validation::MODEL;
    type Plan = CreateGroupInput;

    fn check(input: CreateGroupInput) -> Result<CreateGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateGroupInput) -> Access<'static> {
        service::need(
            cx,
            "iam:CreateGroup",
            &format!("group{}{}", path(&input.path), text(&input.group_name)),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: CreateGroupInput) -> Result<CreateGroupOutput, ApiError> {
        let (name, id) = (text(&input.group_name), ids::draw_unique_id("AGPA", cx.random));
        let group = service::change(cx, |account| {
            if account.groups.contains_key(&folded(name)) {
                return Err(errors::exists("Group", name));
            }
            let entity = Entity {
                path: path(&input.path),
                name: name.to_owned(),
                id: id.clone(),
                created: service::seconds(cx),
                ..Entity::default()
            };
            account.groups.insert(folded(name), Group { entity: entity.clone() });
            Ok(Group { entity })
        });
        Ok(CreateGroupOutput { group: Some(show::group(&group.await?, &cx.caller.account)) })
    }
}
