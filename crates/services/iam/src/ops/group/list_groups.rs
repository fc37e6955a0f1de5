//! ListGroups: the groups below a path, a page at a time, in the order of their names.

use crate::account::folded;
use crate::page::Page;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListGroups, ListGroupsInput, ListGroupsOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListGroups {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListGroupsInput> = Validation::MODEL;
    type Plan = ListGroupsInput;

    fn check(input: ListGroupsInput) -> Result<ListGroupsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Iam>, _: &ListGroupsInput) -> Access<'static> {
        service::need_arn("iam:ListGroups", "*")
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListGroupsInput) -> Result<ListGroupsOutput, ApiError> {
        let account = service::account(cx);
        let found = account
            .groups
            .values()
            .filter(|one| one.entity.path.starts_with(input.path_prefix.as_deref().unwrap_or("/")));
        let shown = found.map(|one| (folded(&one.entity.name), show::group(one, &cx.caller.account)));
        let page = Page::of(shown, input.marker.as_deref(), input.max_items);
        Ok(ListGroupsOutput {
            is_truncated: page.is_truncated(),
            marker: page.marker,
            groups: Some(page.items),
        })
    }
}
