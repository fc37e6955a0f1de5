//! ListUsers: the users below a path, a page at a time, in the order of their names.

use crate::account::folded;
use crate::page::Page;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListUsers, ListUsersInput, ListUsersOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListUsers {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListUsersInput> = Validation::MODEL;
    type Plan = ListUsersInput;

    fn check(input: ListUsersInput) -> Result<ListUsersInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &ListUsersInput) -> Access<'static> {
        service::need_arn("iam:ListUsers", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListUsersInput) -> Result<ListUsersOutput, ApiError> {
        let account = service::account(cx);
        let found = account
            .users
            .values()
            .filter(|one| one.entity.path.starts_with(input.path_prefix.as_deref().unwrap_or("/")));
        let shown = found.map(|one| (folded(&one.entity.name), show::user_listed(one, &cx.caller.account)));
        let page = Page::of(shown, input.marker.as_deref(), input.max_items);
        Ok(ListUsersOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            users: Some(page.items),
        })
    }
}
