//! UpdateEventSourceMapping: what a request does not name stays as it is. The function, enabled or not, goes on from
//! where the mapping is; a call that is under way ends first.
//!
//! Order of refusals: the model's constraints, all together; a destination for successes; the age of records; then
//! whether there is the mapping, the function, whether its role may read the stream, filters, windows, and another
//! mapping of the pair.

use super::get_event_source_mapping::{find, resource};
use crate::errors;
use crate::event_sources::describe::{State, configuration};
use crate::event_sources::settings::{SettingsChange, filters, on_failure};
use crate::event_sources::target;
use crate::name::Arn;
use crate::service::Lambda;
use event_source::Mapping;
use event_source::mappings::Refused;
use model::ApiError;
use model::lambda::{
    EventSourceMappingConfiguration, UpdateEventSourceMapping, UpdateEventSourceMappingInput,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// Changes of one mapping at the same time are made one after the other.
const TRIES_MAX: usize = 8;

/// What a request wants.
#[derive(Debug)]
pub struct Plan {
    input: UpdateEventSourceMappingInput,
    settings: SettingsChange,
    on_failure: Option<Option<String>>,
}

impl Operation<Lambda> for UpdateEventSourceMapping {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<UpdateEventSourceMappingInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: UpdateEventSourceMappingInput) -> Result<Plan, ApiError> {
        let on_failure = on_failure(input.destination_config.as_ref())?;
        let settings = SettingsChange::of_update(&input)?;
        Ok(Plan { input, settings, on_failure })
    }

    fn access<'a>(cx: &'a Cx<'_, Lambda>, plan: &'a Plan) -> Access<'a> {
        let uuid = plan.input.uuid.as_deref().unwrap_or_default();
        Need::new("lambda:UpdateEventSourceMapping", resource(cx, uuid)).into()
    }

    async fn run(cx: &Cx<'_, Lambda>, plan: Plan) -> Result<EventSourceMappingConfiguration, ApiError> {
        let uuid = plan.input.uuid.as_deref().unwrap_or_default();
        let (mut old, mut result) = find(cx, uuid).await?;
        cx.service.functions.check_execution()?;
        let function = match plan.input.function_name.as_deref() {
            Some(name) => Some(target::named(cx, name).await?),
            None => None,
        };
        let identity = match &function {
            Some(function) => Some(target::role(cx, function).await),
            None => None,
        };
        if let Some(function) = &function {
            target::check_reads(cx, function, &old.event_source_arn).await?;
        }
        if function.is_some() || plan.on_failure.is_some() {
            let function_arn = function.as_ref().map_or_else(|| old.function_arn.clone(), Arn::to_string);
            let on_failure = plan.on_failure.as_ref().unwrap_or(&old.on_failure);
            cx.service.event_sources.destinations.check(&function_arn, on_failure.as_deref()).await?;
        }
        for _ in 0..TRIES_MAX {
            let mut new = changed(&plan, function.as_ref(), &old, cx.now_micros)?;
            new.invoke_identity_arn = identity.clone().unwrap_or(new.invoke_identity_arn);
            let mappings = &cx.service.event_sources.mappings;
            match mappings.replace(&old, &new).await.map_err(errors::record)? {
                Ok(()) => return Ok(configuration(&new, result, state(&old, &new))),
                Err(Refused::NotFound) => (old, result) = find(cx, uuid).await?,
                Err(Refused::PairExists(other)) => {
                    let name = function.as_ref().map(target::shown).unwrap_or_default();
                    return Err(errors::mapping_exists(&new.event_source_arn, &name, &other));
                }
            }
        }
        Err(errors::mapping_in_use())
    }
}

fn changed(plan: &Plan, function: Option<&Arn>, old: &Mapping, now_micros: u64) -> Result<Mapping, ApiError> {
    let mut new = old.clone();
    if let Some(function) = function {
        new.function_arn = function.to_string();
    }
    if let Some(filters) = filters(plan.input.filter_criteria.as_ref())? {
        new.filters = filters;
    }
    if let Some(on_failure) = &plan.on_failure {
        new.on_failure.clone_from(on_failure);
    }
    new.settings = plan.settings.applied(&old.settings)?;
    new.enabled = plan.input.enabled.unwrap_or(old.enabled);
    new.modified_micros = now_micros;
    Ok(new)
}

fn state(old: &Mapping, new: &Mapping) -> State {
    match (old.enabled, new.enabled) {
        (true, false) => State::Disabling,
        (false, true) => State::Enabling,
        _ => State::Updating,
    }
}
