//! DeleteFunctionEventInvokeConfig: events are tried as often as those of every function again.
//!
//! Order of refusals: the model's constraints; no such function; that nothing was said.

use super::put_function_event_invoke_config::{named, resource};
use crate::errors;
use crate::event_invoke::kept_under;
use crate::function::Function;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    DeleteFunctionEventInvokeConfig, DeleteFunctionEventInvokeConfigInput,
    DeleteFunctionEventInvokeConfigOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for DeleteFunctionEventInvokeConfig {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteFunctionEventInvokeConfigInput> = Validation::MODEL;
    type Plan = DeleteFunctionEventInvokeConfigInput;

    fn check(input: DeleteFunctionEventInvokeConfigInput) -> Result<Self::Plan, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a Self::Plan) -> Access<'a> {
        let arn = resource(cx, input.function_name.as_deref(), input.qualifier.as_deref());
        Need::new("lambda:DeleteFunctionEventInvokeConfig", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: Self::Plan,
    ) -> Result<DeleteFunctionEventInvokeConfigOutput, ApiError> {
        let arn = named(cx, input.function_name.as_deref(), input.qualifier.as_deref())?;
        let kept = kept_under(arn.qualifier.as_deref());
        let change = |old: Option<Function>| {
            let mut function = old.ok_or_else(errors::no_function)?;
            match function.event_invoke_configs.remove(kept) {
                Some(_) => Ok((Some(function), ())),
                None => Err(errors::no_event_invoke_config(&arn.qualified(kept))),
            }
        };
        cx.service.functions.change(&arn, change).await?;
        Ok(DeleteFunctionEventInvokeConfigOutput {})
    }
}
