//! RevokeGrant: by whoever rules the key.

use crate::authorize::Asked;
use crate::errors;
use crate::grant::Grant;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{RevokeGrant, RevokeGrantInput, RevokeGrantOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for RevokeGrant {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RevokeGrantInput> = Validation::MODEL;
    type Plan = RevokeGrantInput;

    fn check(input: RevokeGrantInput) -> Result<RevokeGrantInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a RevokeGrantInput) -> Access<'a> {
        Access::default() // asked of the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: RevokeGrantInput) -> Result<RevokeGrantOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let asked = Asked::new("kms:RevokeGrant", plan.key_id.as_deref().unwrap_or_default());
        let id = cx.service.keys.permitted_id(cx, asked).await?.id;
        let grant_id = plan.grant_id.unwrap_or_default();
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
