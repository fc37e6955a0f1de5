//! UntagRole: takes tags from a role; keys that it does not have are passed over.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UntagRole, UntagRoleInput, UntagRoleOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UntagRole {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagRoleInput> = Validation::MODEL;
    type Plan = UntagRoleInput;

    fn check(input: UntagRoleInput) -> Result<UntagRoleInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UntagRoleInput) -> Access<'static> {
        service::need_entity(cx, "iam:UntagRole", Owner::Role, text(&input.role_name))
            .tagged(Tags::removed(input.tag_keys.iter().flatten().cloned()))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UntagRoleInput) -> Result<UntagRoleOutput, ApiError> {
        service::change_entity(cx, Owner::Role, text(&input.role_name), |entity| {
            rules::remove_tags(&mut entity.tags, &input.tag_keys);
            Ok(UntagRoleOutput {})
        })
        .await
    }
}
