//! RevokeGrant: by whoever rules the key.

use crate::errors;
use crate::grant::Grant;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{RevokeGrant, RevokeGrantInput, RevokeGrantOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for RevokeGrant {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RevokeGrantInput> = Validation::MODEL;
    type Plan = RevokeGrantInput;

    fn check(input: RevokeGrantInput) -> Result<RevokeGrantInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a RevokeGrantInput) -> Access<'a> {
        Need::new(
            "kms:RevokeGrant",
            KeyRef::resource(plan.key_id.as_deref().unwrap_or_default(), &scope_of(cx.caller)),
        )
        .into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: RevokeGrantInput) -> Result<RevokeGrantOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
        let grant_id = plan.grant_id.unwrap_or_default();
        cx.service.keys.of_id(&scope, &id, cx.now_micros).await?;
        let dry_run = plan.dry_run == Some(true);
        let revoke = |old: Option<Grant>| match old {
            None => Err(errors::no_grant(&grant_id)),
            Some(_) if dry_run => Err(errors::dry_run()),
            Some(_) => Ok((None, ())),
        };
        cx.service.keys.change_grant(&scope, &id, &grant_id, revoke).await?;
        Ok(RevokeGrantOutput {})
    }
}
