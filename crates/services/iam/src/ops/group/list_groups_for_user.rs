//! ListGroupsForUser: the groups of a user.

use crate::account::Owner;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListGroupsForUser, ListGroupsForUserInput, ListGroupsForUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListGroupsForUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGroupsForUserInput> = Validation::MODEL;
    type Plan = ListGroupsForUserInput;

    fn check(input: ListGroupsForUserInput) -> Result<ListGroupsForUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListGroupsForUserInput) -> Access<'static> {
        service::need_entity(cx, "iam:ListGroupsForUser", Owner::User, text(&input.user_name))
    }

    async fn run(
        cx: &Cx<'_, Iam>,
        input: ListGroupsForUserInput,
    ) -> Result<ListGroupsForUserOutput, ApiError> {
        let account = service::account(cx);
        let user = account.user(text(&input.user_name))?;
        let groups = account.groups_of(user).map(|group| show::group(group, &cx.caller.account)).collect();
        Ok(ListGroupsForUserOutput { groups: Some(groups), is_truncated: Some(false), marker: None })
    }
}
