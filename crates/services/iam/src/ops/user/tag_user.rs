//! TagUser: tags for a user; one with the same key is replaced.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{TagUser, TagUserInput, TagUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for TagUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<TagUserInput> = Validation::MODEL;
    type Plan = TagUserInput;

    fn check(input: TagUserInput) -> Result<TagUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &TagUserInput) -> Access<'static> {
        service::need_entity(cx, "iam:TagUser", Owner::User, text(&input.user_name))
            .tagged(service::tags(&input.tags))
    }

    async fn run(cx: &Cx<'_, Iam>, input: TagUserInput) -> Result<TagUserOutput, ApiError> {
        let tags = rules::tags(&input.tags)?;
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            rules::add_tags(&mut entity.tags, &tags)?;
            Ok(TagUserOutput {})
        })
        .await
    }
}
