//! RetireGrant: by whoever the grant names, with its token or with key and id.

use crate::errors;
use crate::grant::Grant;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{RetireGrant, RetireGrantInput, RetireGrantOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

impl Operation<Kms> for RetireGrant {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<RetireGrantInput> = Validation::MODEL;
    type Plan = RetireGrantInput;

    fn check(input: RetireGrantInput) -> Result<RetireGrantInput, ApiError> {
        match (&input.grant_token, &input.key_id, &input.grant_id) {
            (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(input),
            _ => Err(errors::no_grant_named()),
        }
    }

    fn access<'a>(_: &'a Cx<'_, Kms>, _: &'a RetireGrantInput) -> Access<'a> {
        Access::default() // asked of the grant and the key's policy
    }

    async fn run(cx: &Cx<'_, Kms>, plan: RetireGrantInput) -> Result<RetireGrantOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let (key_id, grant_id) = match &plan.grant_token {
            Some(token) => Grant::of_token(token).ok_or_else(errors::invalid_grant_token)?,
            None => {
                let key_id = KeyRef::parse_id(plan.key_id.as_deref().unwrap_or_default(), &scope)?;
                (key_id, plan.grant_id.unwrap_or_default())
            }
        };
        let keys = &cx.service.keys;
        let grant = keys.grant(&scope, &key_id, &grant_id).await?;
        let grant = grant.ok_or_else(|| errors::no_grant(&grant_id))?;
        let key = keys.of_id(&scope, &key_id, cx.now_micros).await?;
        keys.permit_to_retire(cx, &key, &grant).await?;
        let dry_run = plan.dry_run == Some(true);
        let retire = |old: Option<Grant>| match old {
            None => Err(errors::no_grant(&grant_id)),
            Some(_) if dry_run => Err(errors::dry_run()),
            Some(_) => Ok((None, ())),
        };
        keys.change_grant(&scope, &key_id, &grant_id, retire).await?;
        Ok(RetireGrantOutput {})
    }
}
