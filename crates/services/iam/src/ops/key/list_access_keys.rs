//! ListAccessKeys: the access keys of a user, without their secrets.

use crate::account::Owner;
use crate::service::{self, Iam};
use crate::show;
use model::ApiError;
use model::iam::{ListAccessKeys, ListAccessKeysInput, ListAccessKeysOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for ListAccessKeys {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListAccessKeysInput> = Validation::MODEL;
    type Plan = ListAccessKeysInput;

    fn check(input: ListAccessKeysInput) -> Result<ListAccessKeysInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &ListAccessKeysInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:ListAccessKeys",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: ListAccessKeysInput) -> Result<ListAccessKeysOutput, ApiError> {
        let account = service::account(cx);
        let name = service::user_or_own(cx, input.user_name.as_deref())?;
        let user = account.user(&name)?;
        let keys = user.keys.iter().map(|key| show::key(key, &user.entity.name)).collect();
        Ok(ListAccessKeysOutput { access_key_metadata: Some(keys), is_truncated: Some(false), marker: None })
    }
}
