//! GetGroup: a group with its users.

use crate::account::{Owner, folded};
use crate::page::Page;
use crate::rules::text;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetGroup, GetGroupInput, GetGroupOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetGroup {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetGroupInput> = Validation::MODEL;
    type Plan = GetGroupInput;

    fn check(input: GetGroupInput) -> Result<GetGroupInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetGroupInput) -> Access<'static> {
        service::need_entity(cx, "iam:GetGroup", Owner::Group, text(&input.group_name))
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetGroupInput) -> Result<GetGroupOutput, ApiError> {
        let account = service::account(cx);
        let group = account.group(text(&input.group_name))?;
        let key = folded(&group.entity.name);
        let members = account.users.values().filter(|user| user.groups.contains(&key));
        let shown =
            members.map(|user| (folded(&user.entity.name), show::user_listed(user, &cx.caller.account)));
        let page = Page::of(shown, input.marker.as_deref(), input.max_items);
        Ok(GetGroupOutput {
            group: Some(show::group(group, &cx.caller.account)),
            is_truncated: page.is_truncated(),
            marker: page.marker,
            users: Some(page.items),
        })
    }
}
