//! UpdateFunctionEventInvokeConfig: what a request does not name stays as it is.
//!
//! Order of refusals: as for PutFunctionEventInvokeConfig; then that nothing was said before.

use super::put_function_event_invoke_config::{change, named, resource};
use crate::errors;
use crate::event_invoke::{EventInvokeChange, kept_under};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    FunctionEventInvokeConfig, UpdateFunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigInput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// What a request wants.
#[derive(Debug)]
pub struct Plan {
    function_name: Option<String>,
    qualifier: Option<String>,
    change: EventInvokeChange,
}

impl Operation<Lambda> for UpdateFunctionEventInvokeConfig {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateFunctionEventInvokeConfigInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: UpdateFunctionEventInvokeConfigInput) -> Result<Plan, ApiError> {
        let change = EventInvokeChange {
            maximum_retry_attempts: input.maximum_retry_attempts,
            maximum_event_age_in_seconds: input.maximum_event_age_in_seconds,
            destinations: input.destination_config,
        };
        Ok(Plan { function_name: input.function_name, qualifier: input.qualifier, change: change.checked()? })
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, plan: &'a Plan) -> Access<'a> {
        let arn = resource(cx, plan.function_name.as_deref(), plan.qualifier.as_deref());
        Need::new("lambda:UpdateFunctionEventInvokeConfig", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, plan: Plan) -> Result<FunctionEventInvokeConfig, ApiError> {
        let arn = named(cx, plan.function_name.as_deref(), plan.qualifier.as_deref())?;
        let kept = kept_under(arn.qualifier.as_deref());
        let missing = || errors::no_event_invoke_config(&arn.qualified(kept));
        change(cx, &arn, &plan.change, |function| {
            function.event_invoke_configs.get(kept).cloned().ok_or_else(missing)
        })
        .await
    }
}
