//! GetAlias.

use crate::errors;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{AliasConfiguration, GetAlias, GetAliasInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetAliasInput> = Validation::MODEL;
    type Plan = GetAliasInput;

    fn check(input: GetAliasInput) -> Result<GetAliasInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a GetAliasInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.unqualified().to_string());
        Need::new("lambda:GetAlias", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: GetAliasInput) -> Result<AliasConfiguration, ApiError> {
        let arn = named(cx, &input)?;
        let function = cx.service.functions.function(&arn.unqualified()).await?;
        let alias = function.aliases.get(arn.qualifier.as_deref().unwrap_or_default());
        Ok(alias.ok_or_else(|| errors::alias_not_found(&arn))?.configuration(&arn))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetAliasInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.qualified(input.name.as_deref().unwrap_or_default()))
}
