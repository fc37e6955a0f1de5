//! ListRoleTags: the tags of a role.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListRoleTags, ListRoleTagsInput, ListRoleTagsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListRoleTags {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListRoleTagsInput> = Validation::MODEL;
    type Plan = ListRoleTagsInput;

    fn check(input: ListRoleTagsInput) -> Result<ListRoleTagsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListRoleTagsInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListRoleTags", Owner::Role, text(&input.role_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListRoleTagsInput) -> Result<ListRoleTagsOutput, ApiError> {
        let account = service::account(cx);
        let entity = account.entity(Owner::Role, text(&input.role_name))?;
        let tags = show::tags(&entity.tags).unwrap_or_default();
        Ok(ListRoleTagsOutput { tags: Some(tags), is_truncated: Some(false), marker: None })
    }
}
