//! GetUser: one user; without a name the one who calls.

use crate::account::Owner;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{GetUser, GetUserInput, GetUserOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for GetUser {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetUserInput> = Validation::MODEL;
    type Plan = GetUserInput;

    fn check(input: GetUserInput) -> Result<GetUserInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &GetUserInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:GetUser",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: GetUserInput) -> Result<GetUserOutput, ApiError> {
        let account = service::account(cx);
        if input.user_name.is_none() && cx.caller.principal.is_root() {
            return Ok(GetUserOutput { user: Some(root(&cx.caller.account, cx.now_micros)) });
        }
        let user = account.user(&service::user_or_own(cx, input.user_name.as_deref())?)?;
        Ok(GetUserOutput { user: Some(show::user(user, &cx.caller.account)) })
    }
}

/// The account itself has no path and no name.
fn root(account: &str, now_micros: u64) -> model::iam::User {
    model::iam::User {
        user_id: Some(account.to_owned()),
        arn: Some(format!("arn:aws:iam::{account}:root")),
        create_date: Some((now_micros / 1_000_000) as f64),
        ..model::iam::User::default()
    }
}
