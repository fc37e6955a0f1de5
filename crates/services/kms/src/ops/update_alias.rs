//! UpdateAlias: the name means another key from now on.

use crate::alias::{self, Alias};
use crate::authorize::Asked;
use crate::errors;
use crate::key_ref::ALIAS_PREFIX;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{UpdateAlias, UpdateAliasInput, UpdateAliasOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for UpdateAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateAliasInput> = Validation::MODEL;
    type Plan = UpdateAliasInput;

    fn check(input: UpdateAliasInput) -> Result<UpdateAliasInput, ApiError> {
        let name = input.alias_name.as_deref().unwrap_or_default();
        alias::check_name(name)?;
        if input.target_key_id.as_deref().is_some_and(|target| target.starts_with(ALIAS_PREFIX)) {
            return Err(errors::alias_of_alias());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a UpdateAliasInput) -> Access<'a> {
        let scope = scope_of(cx.caller);
        let alias = alias::arn(&scope, plan.alias_name.as_deref().unwrap_or_default());
        Need::new("kms:UpdateAlias", alias).into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: UpdateAliasInput) -> Result<UpdateAliasOutput, ApiError> {
        let (scope, name) = (scope_of(cx.caller), plan.alias_name.unwrap_or_default());
        let asked = Asked::new("kms:UpdateAlias", plan.target_key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
        key.check_not_pending()?;
        cx.service.keys.permit_by_alias(cx, Asked::new("kms:UpdateAlias", &name)).await?;
        let update = |old: Option<Alias>| {
            let old = old.ok_or_else(|| errors::no_alias(&alias::arn(&scope, &name)))?;
            Ok(Some(Alias { key_id: key.id.clone(), updated_micros: cx.now_micros, ..old }))
        };
        cx.service.keys.change_alias(&scope, &name, update).await?;
        Ok(UpdateAliasOutput {})
    }
}
