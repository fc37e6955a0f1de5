//! CreateEventSourceMapping: calls a function with the records of a stream from now on.
//!
//! Order of refusals: the model's constraints, all together; a destination for successes; the source; the age of
//! records; then the function, the starting position, filters, windows, whether the function's role may read the
//! stream and write to the destination, the stream itself, and another mapping of the pair.

use crate::errors;
use crate::event_sources::describe::{State, configuration};
use crate::event_sources::settings::{SettingsChange, filters, on_failure};
use crate::event_sources::{source, target};
use crate::service::Lambda;
use event_source::mappings::Refused;
use event_source::{Mapping, Settings};
use model::ApiError;
use model::lambda::{
    CreateEventSourceMapping, CreateEventSourceMappingInput, EventSourceMappingConfiguration,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

/// What a request wants.
#[derive(Debug)]
pub struct Plan {
    input: CreateEventSourceMappingInput,
    source_arn: String,
    settings: SettingsChange,
    on_failure: Option<String>,
}

impl Operation<Lambda> for CreateEventSourceMapping {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<CreateEventSourceMappingInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: CreateEventSourceMappingInput) -> Result<Plan, ApiError> {
        let on_failure = on_failure(input.destination_config.as_ref())?.flatten();
        let source_arn = source::check(input.event_source_arn.as_deref())?.to_owned();
        let settings = SettingsChange::of_creation(&input)?;
        Ok(Plan { input, source_arn, settings, on_failure })
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, _: &'a Plan) -> Access<'a> {
        Need::new("lambda:CreateEventSourceMapping", "*").into()
    }

    async fn run(cx: &Cx<'_, Lambda>, plan: Plan) -> Result<EventSourceMappingConfiguration, ApiError> {
        let Plan { input, source_arn, settings, on_failure } = plan;
        let (service, caller) = (cx.service, cx.caller);
        service.functions.check_execution()?;
        let function = target::named(cx, input.function_name.as_deref().unwrap_or_default()).await?;
        let (position, timestamp) = (input.starting_position.as_deref(), input.starting_position_timestamp);
        let begin = source::check_position(position, timestamp, &source_arn, cx.now_micros)?;
        let filters = filters(input.filter_criteria.as_ref())?.unwrap_or_default();
        let settings = settings.applied(&Settings::default())?;
        target::check_reads(cx, &function, &source_arn).await?;
        let destinations = &service.event_sources.destinations;
        destinations.check(&function.to_string(), on_failure.as_deref()).await?;
        let start =
            source::start(&service.event_sources, caller, &source_arn, &begin.position, cx.now_micros)
                .await?;
        let mapping = Mapping {
            uuid: cx.random.uuid(),
            account: caller.account.to_string(),
            region: caller.region.to_string(),
            function_arn: function.to_string(),
            event_source_arn: source_arn,
            starting_position: begin.position,
            start_micros: begin.micros,
            start,
            invoke_identity_arn: target::role(cx, &function).await,
            settings,
            filters,
            on_failure,
            enabled: input.enabled != Some(false),
            modified_micros: cx.now_micros,
            tags: input.tags.unwrap_or_default(),
        };
        match service.event_sources.mappings.create(&mapping).await.map_err(errors::record)? {
            Ok(()) => Ok(configuration(&mapping, None, State::Creating)),
            Err(Refused::PairExists(uuid)) => {
                Err(errors::mapping_exists(&mapping.event_source_arn, &target::shown(&function), &uuid))
            }
            Err(Refused::NotFound) => Err(errors::mapping_not_found()),
        }
    }
}
