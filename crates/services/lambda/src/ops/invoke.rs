//! Invoke: a function is called, now or soon, or it is only checked whether it could be.
//!
//! Order of refusals: the model's constraints; functions that are switched off; the payload; the function.

use crate::functions::InvocationType;
use crate::name::Arn;
use crate::service::Lambda;
use bytes::Bytes;
use model::ApiError;
use model::lambda::{Invoke, InvokeInput, InvokeOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use wire::document::Blob;

impl Operation<Lambda> for Invoke {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<InvokeInput> = Validation::MODEL;
    type Plan = InvokeInput;

    fn check(input: InvokeInput) -> Result<InvokeInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, input: &'a InvokeInput) -> Access<'a> {
        let arn = named(cx, input).map_or_else(|_| "*".to_owned(), |arn| arn.to_string());
        Need::new("lambda:InvokeFunction", arn).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, input: InvokeInput) -> Result<InvokeOutput, ApiError> {
        let functions = &cx.service.functions;
        let (arn, kind) = (named(cx, &input)?, kind(&input));
        let payload = Bytes::from(input.payload.map(|payload| payload.0).unwrap_or_default());
        let request_id = functions.draw_uuid();
        let invoked = functions.call(arn, payload, kind, request_id, input.client_context).await?;
        let wants_log = input.log_type.as_deref() == Some("Tail") && kind == InvocationType::RequestResponse;
        let has_answer = kind == InvocationType::RequestResponse;
        Ok(InvokeOutput {
            status_code: Some(invoked.status.into()),
            function_error: invoked.function_error.map(str::to_owned),
            log_result: wants_log.then(|| wire::json::base64_text(&invoked.log_tail)),
            payload: has_answer.then(|| Blob(invoked.payload.to_vec())),
            executed_version: has_answer.then_some(invoked.executed_version),
            ..InvokeOutput::default()
        })
    }
}

fn named(cx: &Cx<'_, Lambda>, input: &InvokeInput) -> Result<Arn, ApiError> {
    Arn::named(cx.caller, input.function_name.as_deref().unwrap_or_default(), input.qualifier.as_deref())
}

fn kind(input: &InvokeInput) -> InvocationType {
    match input.invocation_type.as_deref() {
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        _ => InvocationType::RequestResponse,
    }
}
