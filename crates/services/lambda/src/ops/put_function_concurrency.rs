//! PutFunctionConcurrency: how many calls of a function may run at a time; 0 stops it.

use crate::errors;
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{Concurrency, PutFunctionConcurrency, PutFunctionConcurrencyInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for PutFunctionConcurrency {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutFunctionConcurrencyInput> = Validation::MODEL;
    type Plan = PutFunctionConcurrencyInput;

    fn check(input: PutFunctionConcurrencyInput) -> Result<PutFunctionConcurrencyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a PutFunctionConcurrencyInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:PutFunctionConcurrency", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: PutFunctionConcurrencyInput) -> Result<Concurrency, ApiError> {
        let (arn, reserved) = (named(cx, &input)?, input.reserved_concurrent_executions.unwrap_or_default());
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(|| errors::function_not_found(&arn))?;
            function.reserved_concurrency = Some(reserved as u64);
            Ok((Some(function), ()))
        };
        cx.service.functions.change(&arn, change).await?;
        Ok(Concurrency { reserved_concurrent_executions: Some(reserved) })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &PutFunctionConcurrencyInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
