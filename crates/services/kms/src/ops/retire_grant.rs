//! RetireGrant: by whoever the grant names, with its token or with key and id.

use crate::errors;
use crate::grant::Grant;
use crate::key_ref::KeyRef;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{RetireGrant, RetireGrantInput, RetireGrantOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

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

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a RetireGrantInput) -> Access<'a> {
        let named = plan.key_id.as_deref().unwrap_or("*");
        Need::new("kms:RetireGrant", KeyRef::resource(named, &scope_of(cx.caller))).into()
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
        let dry_run = plan.dry_run == Some(true);
        let retire = |old: Option<Grant>| match old {
            None => Err(errors::no_grant(&grant_id)),
            Some(_) if dry_run => Err(errors::dry_run()),
            Some(_) => Ok((None, ())),
        };
        cx.service.keys.change_grant(&scope, &key_id, &grant_id, retire).await?;
        Ok(RetireGrantOutput {})
    }
}
