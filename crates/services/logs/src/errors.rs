//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo, code};
use store::StoreError;
use store::records::RecordError;

const fn info(name: &'static str) -> CodeInfo {
    CodeInfo::new("com.amazonaws.logs.v20140328", name, 400)
}

const INVALID_PARAMETER: Code = Code::of(&info("InvalidParameterException"));
const RESOURCE_NOT_FOUND: Code = Code::of(&info("ResourceNotFoundException"));
const RESOURCE_ALREADY_EXISTS: Code = Code::of(&info("ResourceAlreadyExistsException"));

/// A value that its parameter does not take.
pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_PARAMETER, text.into())
}

/// The model's constraints, which this service reports under a code of its own.
pub(crate) fn of_constraints(error: ApiError) -> ApiError {
    ApiError { code: INVALID_PARAMETER, ..error }
}

pub(crate) fn no_group() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The specified log group does not exist.")
}

pub(crate) fn no_stream() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The specified log stream does not exist.")
}

pub(crate) fn group_exists() -> ApiError {
    ApiError::new(RESOURCE_ALREADY_EXISTS, "The specified log group already exists")
}

pub(crate) fn stream_exists() -> ApiError {
    ApiError::new(RESOURCE_ALREADY_EXISTS, "The specified log stream already exists")
}

pub(crate) fn prefix_and_pattern() -> ApiError {
    invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
}

pub(crate) fn name_and_identifier() -> ApiError {
    ApiError::validation("LogGroup name and LogGroup ARN are mutually exclusive parameters.")
}

pub(crate) fn no_name() -> ApiError {
    invalid("Expecting one of logGroupName or logGroupIdentifier")
}

pub(crate) fn cannot_order_with_prefix() -> ApiError {
    invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
}

pub(crate) fn names_and_prefix() -> ApiError {
    invalid("Only one of logStreamNames or logStreamNamePrefixes can be provided.")
}

pub(crate) fn not_chronological() -> ApiError {
    invalid("Log events in a single PutLogEvents request must be in chronological order.")
}

pub(crate) fn batch_too_large() -> ApiError {
    invalid("Upload too large: 1048576 bytes is the limit, with 26 bytes for each event")
}

pub(crate) fn span_too_long() -> ApiError {
    invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
}

pub(crate) fn invalid_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

pub(crate) fn invalid_pattern(why: &str) -> ApiError {
    invalid(format!("Invalid filter pattern: {why}"))
}

pub(crate) fn too_many_tags() -> ApiError {
    invalid("A resource can have at most 50 tags")
}

pub(crate) fn invalid_retention() -> ApiError {
    let text = "1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: Member must \
                satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, \
                2192, 2557, 2922, 3288, 3653]";
    invalid(text)
}

/// The store's trouble.
pub(crate) fn store(error: &StoreError) -> ApiError {
    match error {
        StoreError::Unavailable(why) => ApiError::new(code::SERVICE_UNAVAILABLE, why.clone()),
        StoreError::Full(_) => ApiError::new(code::INTERNAL_FAILURE, "No space is left for this request"),
        StoreError::Corrupt(_) | StoreError::Locked(_) | StoreError::Poisoned(_) => {
            tracing::error!(%error, "a request of Logs failed");
            ApiError::silent(code::INTERNAL_FAILURE)
        }
    }
}

/// The same behind a document.
pub(crate) fn record(error: RecordError) -> ApiError {
    match error {
        RecordError::Store(error) => store(&error),
        error => {
            tracing::error!(%error, "a document of Logs cannot be read");
            ApiError::silent(code::INTERNAL_FAILURE)
        }
    }
}
