//! CancelKeyDeletion: the key stays, and is disabled.

use crate::errors;
use crate::key::{Key, State};
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CancelKeyDeletion, CancelKeyDeletionInput, CancelKeyDeletionOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for CancelKeyDeletion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CancelKeyDeletionInput> = Validation::MODEL;
    type Plan = CancelKeyDeletionInput;

    fn check(input: CancelKeyDeletionInput) -> Result<CancelKeyDeletionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a CancelKeyDeletionInput) -> Access<'a> {
        Need::new(
            "kms:CancelKeyDeletion",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: CancelKeyDeletionInput,
    ) -> Result<CancelKeyDeletionOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let cancel = |key: &mut Key| match key.state {
            State::PendingDeletion { .. } => {
                key.state = State::Disabled;
                Ok(())
            }
            _ => Err(errors::not_pending_deletion(&key.arn())),
        };
        let (key, ()) = cx.service.keys.change(&scope, &id, cx.now_micros, cancel).await?;
        Ok(CancelKeyDeletionOutput { key_id: Some(key.arn()) })
    }
}
