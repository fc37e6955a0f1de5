//! ListRoles: the roles below a path, a page at a time, in the order of their names.

use crate::account::folded;
use crate::page::Page;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListRoles, ListRolesInput, ListRolesOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListRoles {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListRolesInput> = Validation::MODEL;
    type Plan = ListRolesInput;

    fn check(input: ListRolesInput) -> Result<ListRolesInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &ListRolesInput) -> Access<'static> {
        service::need_arn("iam:ListRoles", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListRolesInput) -> Result<ListRolesOutput, ApiError> {
        let account = service::account(cx);
        let found = account
            .roles
            .values()
            .filter(|one| one.entity.path.starts_with(input.path_prefix.as_deref().unwrap_or("/")));
        let shown = found.map(|one| (folded(&one.entity.name), show::role_listed(one, &cx.caller.account)));
        let page = Page::of(shown, input.marker.as_deref(), input.max_items);
        Ok(ListRolesOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            roles: Some(page.items),
        })
    }
}
