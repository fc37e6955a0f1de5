//! CancelKeyDeletion: the key stays, and is disabled.

use crate::authorize::Asked;
use crate::errors;
use crate::key::{Key, State};
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CancelKeyDeletion, CancelKeyDeletionInput, CancelKeyDeletionOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for CancelKeyDeletion {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CancelKeyDeletionInput> = Validation::MODEL;
    type Plan = CancelKeyDeletionInput;

    fn check(input: CancelKeyDeletionInput) -> Result<CancelKeyDeletionInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a CancelKeyDeletionInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(
        cx: &Cx<'_, Kms>,
        plan: CancelKeyDeletionInput,
    ) -> Result<CancelKeyDeletionOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:CancelKeyDeletion", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
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
