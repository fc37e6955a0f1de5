//! ListFunctionEventInvokeConfigs: what is said of the events of a function, by version and alias, 50 a page.
//!
//! Order of refusals: the model's constraints; no such function.

use super::put_function_event_invoke_config::{named, resource};
use crate::errors;
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    ListFunctionEventInvokeConfigs, ListFunctionEventInvokeConfigsInput, ListFunctionEventInvokeConfigsOutput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;

impl Operation<Lambda> for ListFunctionEventInvokeConfigs {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListFunctionEventInvokeConfigsInput> = Validation::MODEL;
    type Plan = ListFunctionEventInvokeConfigsInput;

    fn check(input: ListFunctionEventInvokeConfigsInput) -> Result<Self::Plan, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a Self::Plan) -> Access<'a> {
        let arn = resource(cx, input.function_name.as_deref(), None);
        Need::new("lambda:ListFunctionEventInvokeConfigs", arn).into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: Self::Plan,
    ) -> Result<ListFunctionEventInvokeConfigsOutput, ApiError> {
        let arn = named(cx, input.function_name.as_deref(), None)?.unqualified();
        let found = cx.service.functions.function(&arn).await;
        let missing = |error| if errors::is_not_found(&error) { errors::no_function() } else { error };
        let configs = found.map_err(missing)?.event_invoke_configs;
        let limit = input.max_items.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
        let is_asked = |kept: &&String| input.marker.as_ref().is_none_or(|marker| *kept >= marker);
        let mut kept = configs.keys().filter(is_asked);
        let shown = kept.by_ref().take(limit).map(|kept| configs[kept].shown(&arn, kept)).collect();
        let next_marker = kept.next().cloned();
        Ok(ListFunctionEventInvokeConfigsOutput { function_event_invoke_configs: Some(shown), next_marker })
    }
}
