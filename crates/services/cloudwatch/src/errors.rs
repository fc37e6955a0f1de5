//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo};
use store::StoreError;

const fn code(name: &'static str, status: u16, query: &'static str) -> CodeInfo {
    CodeInfo::new("com.amazonaws.cloudwatch.v2010_08_01", name, status).in_query(query, status)
}

/// A value that its parameter does not take.
pub const INVALID_PARAMETER_VALUE: Code =
    Code::of(&code("InvalidParameterValueException", 400, "InvalidParameterValue"));
/// Parameters that exclude each other.
pub const INVALID_PARAMETER_COMBINATION: Code =
    Code::of(&code("InvalidParameterCombinationException", 400, "InvalidParameterCombination"));
/// A parameter that is not there.
pub const MISSING_PARAMETER: Code =
    Code::of(&code("MissingRequiredParameterException", 400, "MissingParameter"));
/// Something broke on this side.
pub const INTERNAL_SERVICE: Code = Code::of(&code("InternalServiceFault", 500, "InternalServiceError"));

/// A token that no page ended with.
pub fn invalid_next_token() -> ApiError {
    ApiError::new(INVALID_PARAMETER_VALUE, "Request parameter NextToken is invalid")
}

/// Metrics are asked of or put into no time.
pub fn start_not_before_end() -> ApiError {
    let text = "The parameter StartTime must be less than the parameter EndTime.";
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A parameter that must be there.
pub fn missing(parameter: &str) -> ApiError {
    ApiError::new(MISSING_PARAMETER, format!("The parameter {parameter} is required."))
}

/// A value that its parameter does not take.
pub fn invalid_value(value: impl std::fmt::Display, parameter: &str) -> ApiError {
    let text = format!("The value {value} for parameter {parameter} is invalid.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A name that is no extended statistic.
pub fn no_statistic(name: &str) -> ApiError {
    let text = format!("The value {name} for parameter ExtendedStatistic is not supported.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// Two parameters of which one may be given.
pub fn mutually_exclusive(one: &str, other: &str) -> ApiError {
    let text =
        format!("The parameters {one} and {other} are mutually exclusive and you have specified both.");
    ApiError::new(INVALID_PARAMETER_COMBINATION, text)
}

/// Lists that belong together and are of different lengths.
pub fn different_sizes(one: &str, other: &str) -> ApiError {
    ApiError::new(
        INVALID_PARAMETER_VALUE,
        format!("The parameters {one} and {other} must be of the same size."),
    )
}

/// Neither kind of statistics is asked for.
pub fn no_statistics() -> ApiError {
    ApiError::new(INVALID_PARAMETER_COMBINATION, "Must specify either Statistics or ExtendedStatistics")
}

/// More points than an answer takes.
pub fn too_many_datapoints(points: u64, limit: u64) -> ApiError {
    let text = format!(
        "You have requested up to {points} datapoints, which exceeds the limit of {limit}. You may reduce the \
         datapoints requested by increasing Period, or decreasing the time range."
    );
    ApiError::new(INVALID_PARAMETER_COMBINATION, text)
}

/// A period that is none, or finer than points of that age are kept.
pub fn invalid_period(period: i64, multiple_of: u64) -> ApiError {
    let text = format!(
        "The value {period} for parameter Period is invalid. It must be a multiple of {multiple_of}."
    );
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// More data than a request takes.
pub fn too_many_data(limit: usize) -> ApiError {
    let text = format!("The collection MetricData must not have a size greater than {limit}.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// More values than a datum takes.
pub fn too_many_values(parameter: &str, limit: usize) -> ApiError {
    let text = format!("The collection {parameter} must not have a size greater than {limit}.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A statistic set that no values have.
pub fn minimum_above_maximum(parameter: &str) -> ApiError {
    let text =
        format!("The parameter {parameter}.Minimum must be less than or equal to {parameter}.Maximum.");
    ApiError::new(INVALID_PARAMETER_COMBINATION, text)
}

/// A time too long ago or too far ahead.
pub fn time_out_of_range(parameter: &str) -> ApiError {
    let text = format!(
        "The parameter {parameter} must specify a time within the past two weeks and no more than two hours in \
         the future."
    );
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// The store cannot read or write.
pub fn unavailable(error: &StoreError) -> ApiError {
    tracing::error!(%error, "metrics cannot be read or written");
    ApiError::silent(INTERNAL_SERVICE)
}
