//! DeleteAlias: the key stays.

use crate::alias::{self, Alias};
use crate::authorize::Asked;
use crate::errors;
use crate::service::Kms;
use crate::service::scope_of;
use model::ApiError;
use model::kms::{DeleteAlias, DeleteAliasInput, DeleteAliasOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Kms> for DeleteAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteAliasInput> = Validation::MODEL;
    type Plan = DeleteAliasInput;

    fn check(input: DeleteAliasInput) -> Result<DeleteAliasInput, ApiError> {
        alias::check_name(input.alias_name.as_deref().unwrap_or_default())?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Kms>, plan: &'a DeleteAliasInput) -> Access<'a> {
        let scope = scope_of(cx.caller);
        let alias = alias::arn(&scope, plan.alias_name.as_deref().unwrap_or_default());
        Need::new("kms:DeleteAlias", alias).into()
    }

    async fn run(cx: &Cx<'_, Kms>, plan: DeleteAliasInput) -> Result<DeleteAliasOutput, ApiError> {
        let (scope, name) = (scope_of(cx.caller), plan.alias_name.unwrap_or_default());
        cx.service.keys.permit_by_alias(cx, Asked::new("kms:DeleteAlias", &name)).await?;
        let delete = |old: Option<Alias>| match old {
            Some(_) => Ok(None),
            None => Err(errors::no_alias(&alias::arn(&scope, &name))),
        };
        cx.service.keys.change_alias(&scope, &name, delete).await?;
        Ok(DeleteAliasOutput {})
    }
}
