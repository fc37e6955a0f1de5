//! TagRole: tags for a role; one with the same key is replaced.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{TagRole, TagRoleInput, TagRoleOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for TagRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagRoleInput> = Validation::MODEL;
    type Plan = TagRoleInput;

    fn check(input: TagRoleInput) -> Result<TagRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &TagRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:TagRole", Owner::Role, text(&input.role_name))
            .tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: TagRoleInput) -> Result<TagRoleOutput, ApiError> {
        let tags = rules::tags(&input.tags)?;
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            rules::add_tags(&mut entity.tags, &tags)?;
            Ok(TagRoleOutput {})
        })
        .await
    }
}
