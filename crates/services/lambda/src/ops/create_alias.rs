//! CreateAlias: a name for a version.

use crate::alias::Alias;
use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{AliasConfiguration, CreateAlias, CreateAliasInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for CreateAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateAliasInput> = Validation::MODEL;
    type Plan = CreateAliasInput;

    fn check(input: CreateAliasInput) -> Result<CreateAliasInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a CreateAliasInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.unqualified().to_string());
        Need::new("lambda:CreateAlias", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: CreateAliasInput) -> Result<AliasConfiguration, ApiError> {
        let functions = &cx.service.functions;
        let (arn, revision_id) = (named(cx, &input)?, functions.draw_uuid());
        let name = arn.qualifier.clone().unwrap_or_default();
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn.unqualified()))?;
            if function.aliases.contains_key(&name) {
                return Err(errors::alias_exists(&arn));
            }
            let description = input.description.clone().unwrap_or_default();
            let mut alias = Alias {
                version: String::new(),
                description,
                revision_id: revision_id.clone(),
                additional: None,
            };
            alias.set(&function, &arn, input.function_version.as_ref(), input.routing_config.as_ref())?;
            function.aliases.insert(name.clone(), alias.clone());
            Ok((Some(function), alias))
        };
        Ok(functions.change(&arn, change).await?.configuration(&arn))
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &CreateAliasInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.qualified(input.name.as_deref().unwrap_or_default()))
}
