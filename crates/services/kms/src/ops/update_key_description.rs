//! UpdateKeyDescription: the text of a key for people.

use crate::authorize::Asked;
use crate::key::Key;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{UpdateKeyDescription, UpdateKeyDescriptionInput, UpdateKeyDescriptionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for UpdateKeyDescription {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateKeyDescriptionInput> = Validation::MODEL;
    type Plan = UpdateKeyDescriptionInput;

    fn check(input: UpdateKeyDescriptionInput) -> Result<UpdateKeyDescriptionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a UpdateKeyDescriptionInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: UpdateKeyDescriptionInput,
    ) -> Result<UpdateKeyDescriptionOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:UpdateKeyDescription", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let change = |key: &mut Key| {
            key.check_not_pending()?;
            key.description = plan.description.clone().unwrap_or_default();
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, change).await?;
        Ok(UpdateKeyDescriptionOutput {})
    }
}
