//! GetEventSourceMapping: a mapping by its id, with what became of its last batch.
//!
//! Order of refusals: the model's constraints; there is no such mapping.

use crate::errors;
use crate::event_sources::describe::{State, configuration};
use crate::service::Lambda;
use event_source::Mapping;
use event_source::mapping::LastResult;
use model::ApiError;
use model::lambda::{EventSourceMappingConfiguration, GetEventSourceMapping, GetEventSourceMappingInput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for GetEventSourceMapping {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetEventSourceMappingInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: GetEventSourceMappingInput) -> Result<String, ApiError> {
        Ok(input.uuid.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, uuid: &'a String) -> Access<'a> {
        Need::new("lambda:GetEventSourceMapping", resource(cx, uuid)).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, uuid: String) -> Result<EventSourceMappingConfiguration, ApiError> {
        let (mapping, result) = find(cx, &uuid).await?;
        Ok(configuration(&mapping, result, State::Settled))
    }
}

/// A mapping of the caller.
pub(super) async fn find(cx: &Cx<'_, Lambda>, uuid: &str) -> Result<(Mapping, Option<LastResult>), ApiError> {
    let mappings = &cx.service.event_sources.mappings;
    let found = mappings.get(&cx.caller.account, &cx.caller.region, uuid).await.map_err(errors::record)?;
    found.ok_or_else(errors::mapping_not_found)
}

/// The ARN of a mapping of the caller.
pub(super) fn resource(cx: &Cx<'_, Lambda>, uuid: &str) -> String {
    format!("arn:aws:lambda:{}:{}:event-source-mapping:{uuid}", cx.caller.region, cx.caller.account)
}
