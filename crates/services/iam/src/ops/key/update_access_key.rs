//! UpdateAccessKey: makes an access key active or inactive; an inactive one signs nothing from the next request on.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{UpdateAccessKey, UpdateAccessKeyInput, UpdateAccessKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for UpdateAccessKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateAccessKeyInput> = Validation::MODEL;
    type Plan = UpdateAccessKeyInput;

    fn check(input: UpdateAccessKeyInput) -> Result<UpdateAccessKeyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &UpdateAccessKeyInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:UpdateAccessKey",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: UpdateAccessKeyInput) -> Result<UpdateAccessKeyOutput, ApiError> {
        let name = service::user_or_own(cx, input.user_name.as_deref())?;
        let (id, status) = (text(&input.access_key_id), text(&input.status));
        service::change(cx, |account| {
            let keys = &mut account.user_mut(&name)?.keys;
            let key = keys.iter_mut().find(|key| key.id == id).ok_or_else(|| errors::no_key(id))?;
            key.is_active = status == "Active";
            Ok(UpdateAccessKeyOutput {})
        })
        .await
    }
}
