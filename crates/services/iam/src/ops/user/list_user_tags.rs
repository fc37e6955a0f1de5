//! ListUserTags: the tags of a user.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListUserTags, ListUserTagsInput, ListUserTagsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListUserTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListUserTagsInput> = Validation::MODEL;
    type Plan = ListUserTagsInput;

    fn check(input: ListUserTagsInput) -> Result<ListUserTagsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListUserTagsInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListUserTags", Owner::User, text(&input.user_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListUserTagsInput) -> Result<ListUserTagsOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::User, text(&input.user_name))?;
        let tags = show::tags(&entity.tags).unwrap_or_default();
        Ok(ListUserTagsOutput { tags: Some(tags), is_truncated: Some(false), marker: None })
    }
}
