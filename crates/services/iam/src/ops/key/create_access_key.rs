//! CreateAccessKey: an access key. Its secret is shown once, here; two keys a user.

use crate::account::{AccessKey, Owner};
use crate::errors;
use crate::ids;
use crate::service::{self, Iam};
use model::ApiError;
use model::iam::{CreateAccessKey, CreateAccessKeyInput, CreateAccessKeyOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

/// Access keys of one user.
const KEYS_MAX: usize = 2;

impl Operation<Iam> for CreateAccessKey {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateAccessKeyInput> = Validation::MODEL;
    type Plan = CreateAccessKeyInput;

    fn check(input: CreateAccessKeyInput) -> Result<CreateAccessKeyInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Iam>, input: &CreateAccessKeyInput) -> Access<'static> {
        service::need_entity(
            cx,
            "iam:CreateAccessKey",
            Owner::User,
            &service::user_or_own(cx, input.user_name.as_deref()).unwrap_or_default(),
        )
    }

    async fn run(cx: &Cx<'_, Iam>, input: CreateAccessKeyInput) -> Result<CreateAccessKeyOutput, ApiError> {
        let name = service::user_or_own(cx, input.user_name.as_deref())?;
        let id = ids::draw_key_id("AKIA", &cx.caller.account, cx.random);
        let secret = ids::draw_secret();
        let sealed = cx.service.directory.sealed_secret(&id, &secret);
        let created = service::seconds(cx);
        let name = service::change(cx, |account| {
            let user = account.user_mut(&name)?;
            if user.keys.len() >= KEYS_MAX {
                return Err(errors::quota("AccessKeysPerUser", KEYS_MAX));
            }
            user.keys.push(AccessKey { id: id.clone(), sealed: sealed.clone(), is_active: true, created });
            Ok(user.entity.name.clone())
        });
        let key = model::iam::AccessKey {
            user_name: Some(name.await?),
            access_key_id: Some(id.clone()),
            status: Some("Active".to_owned()),
            secret_access_key: Some(secret),
            create_date: Some(created as f64),
        };
        Ok(CreateAccessKeyOutput { access_key: Some(key) })
    }
}
