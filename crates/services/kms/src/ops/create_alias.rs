//! CreateAlias: a name for a key.

use crate::alias::{self, Alias};
use crate::authorize::Asked;
use crate::errors;
use crate::key_ref::ALIAS_PREFIX;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{CreateAlias, CreateAliasInput, CreateAliasOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for CreateAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateAliasInput> = Validation::MODEL;
    type Plan = CreateAliasInput;

    fn check(input: CreateAliasInput) -> Result<CreateAliasInput, ApiError> {
        let name = input.alias_name.as_deref().unwrap_or_default();
        alias::check_name(name)?;
        if input.target_key_id.as_deref().is_some_and(|target| target.starts_with(ALIAS_PREFIX)) {
            return Err(errors::alias_of_alias());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a CreateAliasInput) -> Access<'a> {
        let scope = scope_of(cx.caller);
        let alias = alias::arn(&scope, plan.alias_name.as_deref().unwrap_or_default());
        Need::new("kms:CreateAlias", alias).into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: CreateAliasInput) -> Result<CreateAliasOutput, ApiError> {
        let (scope, name) = (scope_of(cx.caller), plan.alias_name.unwrap_or_default());
        let asked = Asked::new("kms:CreateAlias", plan.target_key_id.as_deref().unwrap_or_default());
        let key = cx.service.keys.permitted_id(cx, asked).await?;
        key.check_not_pending()?;
        let create = |old: Option<Alias>| match old {
            Some(_) => Err(errors::alias_exists(&scope, &name)),
            None => Ok(Some(Alias {
                name: name.clone(),
                key_id: key.id.clone(),
                created_micros: cx.now_micros,
                updated_micros: cx.now_micros,
            })),
        };
        cx.service.keys.change_alias(&scope, &name, create).await?;
        Ok(CreateAliasOutput {})
    }
}
