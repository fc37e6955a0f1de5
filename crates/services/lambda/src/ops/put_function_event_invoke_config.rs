//! PutFunctionEventInvokeConfig: how often and for how long events of a version or alias are tried, and which
//! functions or buckets are told of them. What was said before is forgotten.
//!
//! Order of refusals: the model's constraints; a request that says nothing; a destination that is neither another
//! function nor a bucket; no such function, version or alias; a destination that is not there, or that the function's
//! role may tell nothing.

use crate::errors;
use crate::event_invoke::{EventInvokeChange, EventInvokeConfig, Target, kept_under};
use crate::function::Function;
use crate::name::Arn;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    FunctionEventInvokeConfig, PutFunctionEventInvokeConfig, PutFunctionEventInvokeConfigInput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// What a request wants.
#[derive(Debug)]
pub struct Plan {
    function_name: Option<String>,
    qualifier: Option<String>,
    change: EventInvokeChange,
}

impl Operation<Lambda> for PutFunctionEventInvokeConfig {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutFunctionEventInvokeConfigInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: PutFunctionEventInvokeConfigInput) -> Result<Plan, ApiError> {
        let change = EventInvokeChange {
            maximum_retry_attempts: input.maximum_retry_attempts,
            maximum_event_age_in_seconds: input.maximum_event_age_in_seconds,
            destinations: input.destination_config,
        };
        Ok(Plan { function_name: input.function_name, qualifier: input.qualifier, change: change.checked()? })
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, plan: &'a Plan) -> Access<'a> {
        let arn = resource(cx, plan.function_name.as_deref(), plan.qualifier.as_deref());
        Need::new("lambda:PutFunctionEventInvokeConfig", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, plan: Plan) -> Result<FunctionEventInvokeConfig, ApiError> {
        let arn = named(cx, plan.function_name.as_deref(), plan.qualifier.as_deref())?;
        change(cx, &arn, &plan.change, |_| Ok(EventInvokeConfig::default())).await
    }
}

/// The version or alias that a request means.
pub(super) fn named(
    cx: &Cx<'_, Lambda>,
    name: Option<&str>,
    qualifier: Option<&str>,
) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, name.unwrap_or_default(), qualifier)
}

/// The same for permissions.
pub(super) fn resource(cx: &Cx<'_, Lambda>, name: Option<&str>, qualifier: Option<&str>) -> String {
    named(cx, name, qualifier).map_or_else(|_| "*".to_owned(), |arn| arn.to_string())
}

/// Makes a configuration of the one that `old` finds.
pub(super) async fn change(
    cx: &Cx<'_, Lambda>,
    arn: &Arn,
    change: &EventInvokeChange,
    old: impl Fn(&Function) -> Result<EventInvokeConfig, ApiError> + Send + Sync,
) -> Result<FunctionEventInvokeConfig, ApiError> {
    let (functions, kept) = (&cx.service.functions, kept_under(arn.qualifier.as_deref()));
    let targets = change.targets(cx.caller, arn)?;
    let changed = |function: Option<Function>| {
        let mut function = function.ok_or_else(errors::no_function)?;
        if !function.has(kept) {
            return Err(errors::no_function());
        }
        let config = change.applied(old(&function)?, cx.now_micros);
        let shown = config.shown(arn, kept);
        function.event_invoke_configs.insert(kept.to_owned(), config);
        Ok((Some(function), shown))
    };
    let function = functions.resolve(arn.clone()).await;
    function.map_err(|_| errors::no_function())?;
    for target in &targets {
        check_target(cx, arn, target).await?;
    }
    functions.change(arn, changed).await
}

async fn check_target(cx: &Cx<'_, Lambda>, arn: &Arn, target: &Target) -> Result<(), ApiError> {
    let functions = &cx.service.functions;
    match target {
        Target::Bucket(bucket) => functions.destinations().check(&arn.to_string(), Some(bucket)).await,
        Target::Function(target) => {
            let found = functions.resolve(target.clone()).await;
            found.map_err(|_| errors::unknown_destination(&target.to_string()))?;
            functions.destinations().check_call(arn, target, cx.now_micros).await
        }
    }
}
