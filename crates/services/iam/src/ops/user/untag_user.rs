//! UntagUser: takes tags from a user; keys that it does not have are passed over.

use crate::account::Owner;
use crate::rules;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UntagUser, UntagUserInput, UntagUserOutput};
use pipeline::access::Tags;
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UntagUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UntagUserInput> = Validation::MODEL;
    type Plan = UntagUserInput;

    fn check(input: UntagUserInput) -> Result<UntagUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UntagUserInput) -> Access<'static> {
        service::need_entity(cx, "iam:UntagUser", Owner::User, text(&input.user_name))
            .tagged(Tags::removed(input.tag_keys.iter().flatten().cloned()))
    }

    async fn run(cx: &Cx<'_, Iam>, input: UntagUserInput) -> Result<UntagUserOutput, ApiError> {
        service::change_entity(cx, Owner::User, text(&input.user_name), |entity| {
            rules::remove_tags(&mut entity.tags, &input.tag_keys);
            Ok(UntagUserOutput {})
        })
        .await
    }
}
