//! UpdateKeyDescription: the text of a key for people.

use crate::key::Key;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{UpdateKeyDescription, UpdateKeyDescriptionInput, UpdateKeyDescriptionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for UpdateKeyDescription {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateKeyDescriptionInput> = Validation::MODEL;
    type Plan = UpdateKeyDescriptionInput;

    fn check(input: UpdateKeyDescriptionInput) -> Result<UpdateKeyDescriptionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a UpdateKeyDescriptionInput) -> Access<'a> {
        Need::new(
            "kms:UpdateKeyDescription",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: UpdateKeyDescriptionInput,
    ) -> Result<UpdateKeyDescriptionOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let change = |key: &mut Key| {
            key.check_not_pending()?;
            key.description = plan.description.clone().unwrap_or_default();
            Ok(())
        };
        cx.service.keys.change(&scope, &id, cx.now_micros, change).await?;
        Ok(UpdateKeyDescriptionOutput {})
    }
}
