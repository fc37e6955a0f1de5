//! DeleteAlias: an alias that is not there is deleted already.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{DeleteAlias, DeleteAliasInput, DeleteAliasOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for DeleteAlias {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteAliasInput> = Validation::MODEL;
    type Plan = DeleteAliasInput;

    fn check(input: DeleteAliasInput) -> Result<DeleteAliasInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a DeleteAliasInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:DeleteAlias", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: DeleteAliasInput) -> Result<DeleteAliasOutput, ApiError> {
        let arn = named(cx, &input)?;
        let name = input.name.as_deref().unwrap_or_default();
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.aliases.remove(name);
            function.policies.remove(name);
            function.event_invoke_configs.remove(name);
            Ok((Some(function), ()))
        };
        cx.service.functions.change(&arn, change).await?;
        Ok(DeleteAliasOutput {})
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &DeleteAliasInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
