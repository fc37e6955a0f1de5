//! The codes and texts of this service.

use crate::math::MathError;
use model::{ApiError, Code, CodeInfo};
use store::StoreError;
use store::records::RecordError;

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
/// One thing too many.
pub const LIMIT_EXCEEDED: Code = Code::of(&code("LimitExceededFault", 400, "LimitExceeded"));
/// No alarm has the name.
pub const RESOURCE_NOT_FOUND: Code = Code::of(&code("ResourceNotFound", 404, "ResourceNotFound"));
/// Nothing has the ARN.
pub const RESOURCE_NOT_FOUND_EXCEPTION: Code =
    Code::of(&code("ResourceNotFoundException", 404, "ResourceNotFoundException"));
/// No dashboard has the name.
pub const DASHBOARD_NOT_FOUND: Code = Code::of(&code("DashboardNotFoundError", 404, "ResourceNotFound"));
/// The body of a dashboard is none.
pub const DASHBOARD_INVALID: Code =
    Code::of(&code("DashboardInvalidInputError", 400, "InvalidParameterInput"));
/// A text that is not in its format.
pub const INVALID_FORMAT: Code = Code::of(&code("InvalidFormatFault", 400, "InvalidFormat"));
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
/// A range without a second.
pub fn start_equals_end() -> ApiError {
    ApiError::new(INVALID_PARAMETER_VALUE, "The parameter StartTime must not equal parameter EndTime.")
}

/// A query that asks for nothing.
pub fn missing_query(parameter: &str) -> ApiError {
    ApiError::validation(format!("The parameter {parameter} is required.\n"))
}

/// An id that expressions could not name.
pub fn invalid_id(id: &str, parameter: &str) -> ApiError {
    let text = format!(
        "The value {id} for parameter {parameter} is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
    );
    ApiError::validation(text)
}

/// Two queries of one id.
pub fn duplicate_id(id: &str) -> ApiError {
    ApiError::validation(format!("The parameter MetricDataQueries has duplicate id {id}."))
}

/// No query returns data.
pub fn nothing_returned() -> ApiError {
    ApiError::validation("At least one of the queries must have ReturnData set to true.")
}

/// Longer than a list may be.
pub fn too_many(parameter: &str, limit: usize) -> ApiError {
    let text = format!("The collection {parameter} must not have a size greater than {limit}.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A widget that cannot be drawn.
pub fn invalid_widget(why: &str) -> ApiError {
    ApiError::validation(format!("Invalid metric widget: {why}."))
}

/// Drawing went wrong.
pub fn not_drawn(why: &str) -> ApiError {
    ApiError::new(INTERNAL_SERVICE, format!("The widget was not drawn: {why}."))
}

/// An expression that cannot be computed.
pub fn expression(id: &str, error: &MathError) -> ApiError {
    ApiError::validation(format!("Error in expression '{id}': {error}."))
}

/// An expression that comes to a number.
pub fn not_a_series(id: &str) -> ApiError {
    ApiError::validation(format!(
        "Error in expression '{id}': the result must be a time series or a list of them."
    ))
}

/// A member of a kind of alarm that is not built.
pub fn not_supported(member: &str) -> ApiError {
    ApiError::validation(format!("The parameter {member} is not supported."))
}

/// Which statistic is not said.
pub fn no_alarm_statistic() -> ApiError {
    let text = "Exactly one of the parameters Statistic and ExtendedStatistic must be specified.";
    ApiError::new(INVALID_PARAMETER_COMBINATION, text)
}

/// Periods that together are longer than is evaluated.
pub fn too_long_a_time(seconds: u64) -> ApiError {
    let text = format!(
        "Metrics cannot be checked across more than {seconds} seconds (EvaluationPeriods * Period must be <= {seconds})."
    );
    ApiError::validation(text)
}

/// More points must breach than are looked at.
pub fn more_datapoints_than_periods() -> ApiError {
    ApiError::validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods.")
}

/// A comparison with the band of an anomaly detector.
pub fn no_bands(comparison: &str) -> ApiError {
    ApiError::validation(format!(
        "ComparisonOperator {comparison} needs an anomaly detection band, which is not supported."
    ))
}

/// A word that an option does not take.
pub fn no_such_option(given: &str, parameter: &str, supported: &str) -> ApiError {
    let text = format!(
        "Option {given} is not supported. Supported options for parameter {parameter} are {supported}."
    );
    ApiError::validation(text)
}

/// An alarm watches one series.
pub fn several_returned() -> ApiError {
    ApiError::validation("Exactly one element of the metrics list should return data.")
}

/// An alarm has one period.
pub fn different_periods() -> ApiError {
    ApiError::validation("Metrics of an alarm must all have the same period, and one at least must be given.")
}

/// The rule of a composite alarm is none.
pub fn invalid_rule(rule: &str) -> ApiError {
    ApiError::validation(format!("Error in AlarmRule: {rule} is not a valid rule."))
}

/// One alarm too many.
pub fn too_many_alarms(limit: usize) -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, format!("The account has reached its limit of {limit} alarms."))
}

/// No alarm has the name; the service sends no text.
pub fn no_alarm() -> ApiError {
    ApiError::silent(RESOURCE_NOT_FOUND)
}

/// Nothing has the ARN.
pub fn no_resource() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND_EXCEPTION, "Unknown resource.")
}

/// The reason is not JSON.
pub fn invalid_format() -> ApiError {
    ApiError::new(INVALID_FORMAT, "The parameter StateReasonData must be a valid JSON string.")
}

/// The store cannot read or write a document.
pub fn record(error: RecordError) -> ApiError {
    tracing::error!(%error, "an alarm cannot be read or written");
    ApiError::silent(INTERNAL_SERVICE)
}

/// No rule has the name.
pub fn no_insight_rule() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND_EXCEPTION, "The specified Contributor Insights rule does not exist.")
}

/// A report of more time than counts are kept for.
pub fn too_long_a_report(hours: u64) -> ApiError {
    let text = format!("The time range of a report must not be longer than {hours} hours.");
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A name that no dashboard may have.
pub fn invalid_dashboard_name() -> ApiError {
    let text = "The value for field DashboardName contains invalid characters. It can only contain alphanumerics, \
                dash (-) and underscore (_).\n";
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// The body of a dashboard is none.
pub fn invalid_dashboard(problems: &str) -> ApiError {
    ApiError::new(DASHBOARD_INVALID, format!("The dashboard body is invalid: {problems}"))
}

/// No dashboard has the name.
pub fn no_dashboard(name: &str) -> ApiError {
    ApiError::new(DASHBOARD_NOT_FOUND, format!("Dashboard {name} does not exist"))
}
