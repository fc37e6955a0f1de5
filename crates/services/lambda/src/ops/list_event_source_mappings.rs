//! ListEventSourceMappings: the mappings of a region, of one source or function where the request names them, 100 a
//! page. A function that does not exist has those that were left behind.
//!
//! Order of refusals: the model's constraints; the marker.

use crate::errors;
use crate::event_sources::describe::{State, configuration};
use crate::name::Arn;
use crate::service::Lambda;
use event_source::Mapping;
use model::ApiError;
use model::lambda::{ListEventSourceMappings, ListEventSourceMappingsInput, ListEventSourceMappingsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 100;
/// What a marker begins with; behind it is the last id of the page before.
const MARKER: &str = "1:";

impl Operation<Lambda> for ListEventSourceMappings {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListEventSourceMappingsInput> = Validation::MODEL;
    type Plan = ListEventSourceMappingsInput;

    fn check(input: ListEventSourceMappingsInput) -> Result<ListEventSourceMappingsInput, ApiError> {
        Ok(input)
    }

    fn access<'a>(_: &'a Cx<'_, Lambda>, _: &'a ListEventSourceMappingsInput) -> Access<'a> {
        Need::new("lambda:ListEventSourceMappings", "*").into()
    }

    async fn run(
        cx: &Cx<'_, Lambda>,
        input: ListEventSourceMappingsInput,
    ) -> Result<ListEventSourceMappingsOutput, ApiError> {
        let after = input.marker.as_deref().map(last_uuid).transpose()?;
        let limit = input.max_items.unwrap_or(PAGE_MAX).min(PAGE_MAX) as usize;
        let mut found = wanted(cx, &input, after, limit + 1).await?;
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next_marker = last.map(|mapping| format!("{MARKER}{}", mapping.uuid));
        let mut shown = Vec::with_capacity(found.len());
        for mapping in &found {
            let result = cx.service.event_sources.mappings.last_result(mapping).await;
            shown.push(configuration(mapping, result.map_err(errors::record)?, State::Settled));
        }
        Ok(ListEventSourceMappingsOutput { next_marker, event_source_mappings: Some(shown) })
    }
}

fn last_uuid(marker: &str) -> Result<&str, ApiError> {
    marker.strip_prefix(MARKER).ok_or_else(errors::invalid_marker)
}

/// The first mappings behind an id that the request asks for.
async fn wanted(
    cx: &Cx<'_, Lambda>,
    input: &ListEventSourceMappingsInput,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Mapping>, ApiError> {
    let function = match input.function_name.as_deref() {
        Some(name) => Some(Arn::named(cx.caller, name, None)?.to_string()),
        None => None,
    };
    let is_wanted = |mapping: &Mapping| {
        function.as_ref().is_none_or(|function| *function == mapping.function_arn)
            && input.event_source_arn.as_ref().is_none_or(|source| *source == mapping.event_source_arn)
    };
    let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
    loop {
        let (mappings, caller) = (&cx.service.event_sources.mappings, cx.caller);
        let page = mappings.list(&caller.account, &caller.region, after.as_deref(), PAGE_MAX as usize).await;
        let page = page.map_err(errors::record)?;
        let is_last = page.len() < PAGE_MAX as usize;
        after = page.last().map(|mapping| mapping.uuid.clone());
        found.extend(page.into_iter().filter(is_wanted));
        if is_last || found.len() >= limit {
            found.truncate(limit);
            return Ok(found);
        }
    }
}
