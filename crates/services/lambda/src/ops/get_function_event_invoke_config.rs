//! GetFunctionEventInvokeConfig.
//!
//! Order of refusals: the model's constraints; that nothing was said, which also stands for a function that is not
//! there.

use super::put_function_event_invoke_config::{named, resource};
use crate::errors;
use crate::event_invoke::kept_under;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    FunctionEventInvokeConfig, GetFunctionEventInvokeConfig, GetFunctionEventInvokeConfigInput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetFunctionEventInvokeConfig {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetFunctionEventInvokeConfigInput> = Validation::MODEL;
    type Plan = GetFunctionEventInvokeConfigInput;

    fn check(input: GetFunctionEventInvokeConfigInput) -> Result<Self::Plan, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a Self::Plan) -> Access<'a> {
        let arn = resource(cx, input.function_name.as_deref(), input.qualifier.as_deref());
        Need::new("lambda:GetFunctionEventInvokeConfig", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: Self::Plan) -> Result<FunctionEventInvokeConfig, ApiError> {
        let arn = named(cx, input.function_name.as_deref(), input.qualifier.as_deref())?;
        let kept = kept_under(arn.qualifier.as_deref());
        let missing = || errors::no_event_invoke_config(&arn.qualified(kept));
        let found = cx.service.functions.function(&arn).await;
        let function = found.map_err(|error| if errors::is_not_found(&error) { missing() } else { error })?;
        Ok(function.event_invoke_configs.get(kept).ok_or_else(missing)?.shown(&arn, kept))
    }
}
