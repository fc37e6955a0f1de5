//! A mapping as answers show it.

use event_source::mapping::{LastResult, Mapping, NOTHING_PROCESSED};
use model::lambda::{DestinationConfig, EventSourceMappingConfiguration, Filter, FilterCriteria, OnFailure};

/// The states of a mapping. A change takes effect at once; that it is under way is told by its own answer alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Creating,
    Enabling,
    Disabling,
    Updating,
    Deleting,
    /// As it is.
    Settled,
}

impl State {
    fn name(self, mapping: &Mapping) -> &'static str {
        match self {
            State::Creating => "Creating",
            State::Enabling => "Enabling",
            State::Disabling => "Disabling",
            State::Updating => "Updating",
            State::Deleting => "Deleting",
            State::Settled if mapping.enabled => "Enabled",
            State::Settled => "Disabled",
        }
    }
}

/// A mapping with what became of its last batch.
pub(crate) fn configuration(
    mapping: &Mapping,
    result: Option<LastResult>,
    state: State,
) -> EventSourceMappingConfiguration {
    let settings = &mapping.settings;
    let patterns = mapping.filters.iter().map(|pattern| Filter { pattern: Some(pattern.clone()) });
    let or_without_end = |limit: Option<i64>| Some(limit.unwrap_or(-1));
    EventSourceMappingConfiguration {
        uuid: Some(mapping.uuid.clone()),
        event_source_mapping_arn: Some(mapping.arn()),
        event_source_arn: Some(mapping.event_source_arn.clone()),
        function_arn: Some(mapping.function_arn.clone()),
        starting_position: Some(mapping.starting_position.clone()),
        starting_position_timestamp: mapping.start_micros.map(|micros| micros as f64 / 1e6),
        batch_size: Some(settings.batch_size as i64),
        maximum_batching_window_in_seconds: Some(settings.maximum_batching_window_in_seconds as i64),
        parallelization_factor: Some(i64::from(settings.parallelization_factor)),
        maximum_record_age_in_seconds: or_without_end(
            settings.maximum_record_age_in_seconds.map(|age| age as i64),
        ),
        maximum_retry_attempts: or_without_end(settings.maximum_retry_attempts.map(i64::from)),
        bisect_batch_on_function_error: Some(settings.bisect_batch_on_function_error),
        tumbling_window_in_seconds: Some(settings.tumbling_window_in_seconds as i64),
        function_response_types: Some(response_types(mapping)),
        // There is one also where nobody is told.
        destination_config: Some(DestinationConfig {
            on_success: None,
            on_failure: Some(OnFailure { destination: mapping.on_failure.clone() }),
        }),
        filter_criteria: (!mapping.filters.is_empty())
            .then(|| FilterCriteria { filters: Some(patterns.collect()) }),
        last_modified: Some(mapping.modified_micros as f64 / 1e6),
        last_processing_result: Some(
            result.map_or_else(|| NOTHING_PROCESSED.to_owned(), |result| result.text),
        ),
        state: Some(state.name(mapping).to_owned()),
        state_transition_reason: Some("User action".to_owned()),
        ..EventSourceMappingConfiguration::default()
    }
}

fn response_types(mapping: &Mapping) -> Vec<String> {
    let reports = mapping.settings.report_batch_item_failures;
    reports.then(|| REPORT_BATCH_ITEM_FAILURES.to_owned()).into_iter().collect()
}

pub(super) const REPORT_BATCH_ITEM_FAILURES: &str = "ReportBatchItemFailures";
