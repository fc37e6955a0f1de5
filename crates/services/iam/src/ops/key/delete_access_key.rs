//! DeleteAccessKey: deletes an access key.

use crate::account::Owner;
use crate::errors;
use crate::rules::text;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{DeleteAccessKey, DeleteAccessKeyInput, DeleteAccessKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Iam> for DeleteAccessKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteAccessKeyInput> = Validation::MODEL;
    type Plan = DeleteAccessKeyInput;

    fn check(input: DeleteAccessKeyInput) -> Result<DeleteAccessKeyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &DeleteAccessKeyInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:DeleteAccessKey",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: DeleteAccessKeyInput) -> Result<DeleteAccessKeyOutput, ApiError> {
        let name = service::user_or_own(cx, input.user_name.as_deref())?;
        let id = text(&input.access_key_id);
        service::change(cx, |account| {
            let keys = &mut account.user_mut(&name)?.keys;
            let count = keys.len();
            keys.retain(|key| key.id != id);
            if keys.len() == count { Err(errors::no_key(id)) } else { Ok(DeleteAccessKeyOutput {}) }
        })
        .await
    }
}
