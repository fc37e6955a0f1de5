//! GetFunctionConcurrency: what was reserved, if anything was.

use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{GetFunctionConcurrency, GetFunctionConcurrencyInput, GetFunctionConcurrencyOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetFunctionConcurrency {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFunctionConcurrencyInput> = Validation::MODEL;
    type Plan = GetFunctionConcurrencyInput;

    fn check(input: GetFunctionConcurrencyInput) -> Result<GetFunctionConcurrencyInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a GetFunctionConcurrencyInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:GetFunctionConcurrency", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: GetFunctionConcurrencyInput,
    ) -> Result<GetFunctionConcurrencyOutput, ApiError> {
        let function = cx.service.functions.function(&named(cx, &input)?).await?;
        let reserved = function.reserved_concurrency.map(|reserved| reserved as i64);
        Ok(GetFunctionConcurrencyOutput { reserved_concurrent_executions: reserved })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &GetFunctionConcurrencyInput) -> Result<Arn, ApiError> {
    let arn = Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), None)?;
    Ok(arn.unqualified())
}
