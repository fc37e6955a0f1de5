//! DeleteFunctionConcurrency: as many calls of a function may run at a time as there is room for.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    DeleteFunctionConcurrency, DeleteFunctionConcurrencyInput, DeleteFunctionConcurrencyOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for DeleteFunctionConcurrency {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteFunctionConcurrencyInput> = Validation::MODEL;
    type Plan = DeleteFunctionConcurrencyInput;

    fn check(input: DeleteFunctionConcurrencyInput) -> Result<DeleteFunctionConcurrencyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a DeleteFunctionConcurrencyInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:DeleteFunctionConcurrency", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: DeleteFunctionConcurrencyInput,
    ) -> Result<DeleteFunctionConcurrencyOutput, ApiError> {
        let arn = named(cx, &input)?;
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.reserved_concurrency = None;
            Ok((Some(function), ()))
        };
        cx.service.functions.change(&arn, change).await?;
        Ok(DeleteFunctionConcurrencyOutput {})
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &DeleteFunctionConcurrencyInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
