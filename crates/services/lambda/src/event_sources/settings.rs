//! What requests say about batches, failures, filters and destinations.

use super::describe::REPORT_BATCH_ITEM_FAILURES;
use crate::destinations;
use crate::errors;
use event_source::{Pattern, Settings};
use model::ApiError;
use model::lambda::{
    CreateEventSourceMappingInput, DestinationConfig, FilterCriteria, UpdateEventSourceMappingInput,
};

/// Patterns of a mapping.
const FILTERS_MAX: usize = 5;
/// The youngest age that records can be given up at, in seconds.
const RECORD_AGE_MIN: i64 = 60;

/// The members that both creation and update have. `None` leaves a setting as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsChange {
    batch_size: Option<i64>,
    maximum_batching_window_in_seconds: Option<i64>,
    parallelization_factor: Option<i64>,
    maximum_record_age_in_seconds: Option<i64>,
    maximum_retry_attempts: Option<i64>,
    bisect_batch_on_function_error: Option<bool>,
    tumbling_window_in_seconds: Option<i64>,
    function_response_types: Option<Vec<String>>,
}

macro_rules! settings_change {
    ($input:expr) => {
        SettingsChange {
            batch_size: $input.batch_size,
            maximum_batching_window_in_seconds: $input.maximum_batching_window_in_seconds,
            parallelization_factor: $input.parallelization_factor,
            maximum_record_age_in_seconds: $input.maximum_record_age_in_seconds,
            maximum_retry_attempts: $input.maximum_retry_attempts,
            bisect_batch_on_function_error: $input.bisect_batch_on_function_error,
            tumbling_window_in_seconds: $input.tumbling_window_in_seconds,
            function_response_types: $input.function_response_types.clone(),
        }
    };
}

impl SettingsChange {
    /// Of a new mapping.
    pub(crate) fn of_creation(input: &CreateEventSourceMappingInput) -> Result<SettingsChange, ApiError> {
        settings_change!(input).checked()
    }

    /// Of a change.
    pub(crate) fn of_update(input: &UpdateEventSourceMappingInput) -> Result<SettingsChange, ApiError> {
        settings_change!(input).checked()
    }

    fn checked(self) -> Result<SettingsChange, ApiError> {
        match self.maximum_record_age_in_seconds {
            Some(age) if (0..RECORD_AGE_MIN).contains(&age) => Err(errors::record_age_too_low(age)),
            _ => Ok(self),
        }
    }

    /// The settings with the change.
    pub(crate) fn applied(&self, old: &Settings) -> Result<Settings, ApiError> {
        let or = |new: Option<i64>, old: u64| new.map_or(old, |new| new as u64);
        let without_end = |new: Option<i64>, old: Option<u64>| new.map_or(old, |new| u64::try_from(new).ok());
        let retries = without_end(self.maximum_retry_attempts, old.maximum_retry_attempts.map(u64::from));
        let reports = |types: &Vec<String>| types.iter().any(|name| name == REPORT_BATCH_ITEM_FAILURES);
        let new = Settings {
            batch_size: or(self.batch_size, old.batch_size as u64) as usize,
            maximum_batching_window_in_seconds: or(
                self.maximum_batching_window_in_seconds,
                old.maximum_batching_window_in_seconds,
            ),
            parallelization_factor: or(self.parallelization_factor, old.parallelization_factor.into()) as u32,
            maximum_record_age_in_seconds: without_end(
                self.maximum_record_age_in_seconds,
                old.maximum_record_age_in_seconds,
            ),
            maximum_retry_attempts: retries.map(|retries| retries as u32),
            bisect_batch_on_function_error: self
                .bisect_batch_on_function_error
                .unwrap_or(old.bisect_batch_on_function_error),
            report_batch_item_failures: self
                .function_response_types
                .as_ref()
                .map_or(old.report_batch_item_failures, reports),
            tumbling_window_in_seconds: or(self.tumbling_window_in_seconds, old.tumbling_window_in_seconds),
        };
        match new.tumbling_window_in_seconds > 0 && new.parallelization_factor > 1 {
            true => Err(errors::window_with_lanes()),
            false => Ok(new),
        }
    }
}

/// The patterns of a request; `None` where it says nothing of filters. An empty list removes them.
pub(crate) fn filters(criteria: Option<&FilterCriteria>) -> Result<Option<Vec<String>>, ApiError> {
    let Some(criteria) = criteria else { return Ok(None) };
    let patterns = criteria.filters.iter().flatten().filter_map(|filter| filter.pattern.clone());
    let patterns: Vec<_> = patterns.collect();
    if patterns.len() > FILTERS_MAX {
        return Err(errors::too_many_filters(FILTERS_MAX));
    }
    for pattern in &patterns {
        if let Err(error) = Pattern::read(pattern) {
            tracing::debug!(%error, pattern, "a filter is no pattern");
            return Err(errors::invalid_filter_pattern());
        }
    }
    Ok(Some(patterns))
}

/// Who is told of records that are given up: a bucket, as the service takes queues and topics, too, of which there are
/// none here. `None` where the request says nothing of it.
pub(crate) fn on_failure(config: Option<&DestinationConfig>) -> Result<Option<Option<String>>, ApiError> {
    let Some(config) = config else { return Ok(None) };
    if config.on_success.as_ref().is_some_and(|success| success.destination.is_some()) {
        return Err(errors::unsupported_destination());
    }
    let destination = config.on_failure.as_ref().and_then(|failure| failure.destination.clone());
    let destination = destination.filter(|destination| !destination.is_empty());
    match destination.as_deref().map(|arn| (service_of(arn), arn)) {
        Some((service @ ("sqs" | "sns"), arn)) => Err(errors::no_destination(service, arn)),
        Some((_, arn)) if destinations::bucket(arn).is_none() => Err(errors::invalid_destination(arn)),
        _ => Ok(Some(destination)),
    }
}

/// The service that an ARN names; empty where it is none.
pub(super) fn service_of(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_stays_as_it_is() {
        let old = Settings {
            maximum_retry_attempts: Some(3),
            maximum_record_age_in_seconds: Some(60),
            report_batch_item_failures: true,
            ..Settings::default()
        };
        assert_eq!(SettingsChange::default().applied(&old).unwrap(), old);
        let change = SettingsChange {
            maximum_retry_attempts: Some(-1),
            maximum_record_age_in_seconds: Some(-1),
            function_response_types: Some(Vec::new()),
            ..SettingsChange::default()
        };
        assert_eq!(change.applied(&old).unwrap(), Settings::default());
    }

    #[test]
    fn a_window_has_one_lane() {
        let change = SettingsChange { tumbling_window_in_seconds: Some(60), ..SettingsChange::default() };
        assert!(change.applied(&Settings::default()).is_ok());
        assert!(change.applied(&Settings { parallelization_factor: 2, ..Settings::default() }).is_err());
    }
}
