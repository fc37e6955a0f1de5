//! DeleteEventSourceMapping: the function is called no more, and how far the mapping has come is forgotten.
//!
//! Order of refusals: the model's constraints; there is no such mapping.

use super::get_event_source_mapping::{find, resource};
use crate::errors;
use crate::event_sources::describe::{State, configuration};
use crate::service::Lambda;
use model::ApiError;
use model::lambda::{
    DeleteEventSourceMapping, DeleteEventSourceMappingInput, EventSourceMappingConfiguration,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

impl Operation<Lambda> for DeleteEventSourceMapping {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DeleteEventSourceMappingInput> = Validation::MODEL;
    type Plan = String;

    fn check(input: DeleteEventSourceMappingInput) -> Result<String, ApiError> {
        Ok(input.uuid.unwrap_or_default())
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, uuid: &'a String) -> Access<'a> {
        Need::new("lambda:DeleteEventSourceMapping", resource(cx, uuid)).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, uuid: String) -> Result<EventSourceMappingConfiguration, ApiError> {
        let (mapping, result) = find(cx, &uuid).await?;
        cx.service.event_sources.mappings.delete(&mapping).await.map_err(errors::record)?;
        Ok(configuration(&mapping, result, State::Deleting))
    }
}
