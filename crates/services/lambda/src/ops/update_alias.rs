//! UpdateAlias: what is given replaces what the alias has.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{AliasConfiguration, UpdateAlias, UpdateAliasInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for UpdateAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateAliasInput> = Validation::MODEL;
    type Plan = UpdateAliasInput;

    fn check(input: UpdateAliasInput) -> Result<UpdateAliasInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a UpdateAliasInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.unqualified().to_string());
        Need::new("lambda:UpdateAlias", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: UpdateAliasInput) -> Result<AliasConfiguration, ApiError> {
        let functions = &cx.service.functions;
        let (arn, revision_id) = (named(cx, &input)?, functions.draw_uuid());
        let name = arn.qualifier.clone().unwrap_or_default();
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn.unqualified()))?;
            let mut alias =
                function.aliases.get(&name).cloned().ok_or_else(|| errors::alias_not_found(&arn))?;
            alias.check_revision(input.revision_id.as_deref())?;
            alias.set(&function, &arn, input.function_version.as_ref(), input.routing_config.as_ref())?;
            input.description.iter().for_each(|description| alias.description.clone_from(description));
            alias.revision_id.clone_from(&revision_id);
            function.aliases.insert(name.clone(), alias.clone());
            Ok((Some(function), alias))
        };
        Ok(functions.change(&arn, change).await?.configuration(&arn))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &UpdateAliasInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.qualified(input.name.as_deref().unwrap_or_default()))
}
