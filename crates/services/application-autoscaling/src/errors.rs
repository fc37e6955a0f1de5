//! The codes and texts of this service.

use crate::target::Place;
use model::{ApiError, Code, CodeInfo};
use store::records::RecordError;

const fn code(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("", name, status).with_message_in("Message")
}

const VALIDATION: Code = Code::of(&code("ValidationException", 400));
const OBJECT_NOT_FOUND: Code = Code::of(&code("ObjectNotFoundException", 400));
const LIMIT_EXCEEDED: Code = Code::of(&code("LimitExceededException", 400));
const INVALID_NEXT_TOKEN: Code = Code::of(&code("InvalidNextTokenException", 400));
const RESOURCE_NOT_FOUND: Code = Code::of(&code("ResourceNotFoundException", 400));
const TOO_MANY_TAGS: Code = Code::of(&code("TooManyTagsException", 400));
/// Something broke on this side.
pub const INTERNAL_SERVICE: Code = Code::of(&code("InternalServiceException", 500));

/// A rule of the service is broken.
pub fn validation(text: impl Into<std::borrow::Cow<'static, str>>) -> ApiError {
    ApiError::new(VALIDATION, text)
}

/// Nobody has registered it.
pub fn no_target(place: &Place) -> ApiError {
    ApiError::new(OBJECT_NOT_FOUND, format!("No scalable target found for {}", named(place)))
}

/// A policy or a schedule needs a target.
pub fn no_registered_target(place: &Place) -> ApiError {
    ApiError::new(OBJECT_NOT_FOUND, format!("No scalable target registered for {}", named(place)))
}

/// No policy has the name.
pub fn no_policy(place: &Place, name: &str) -> ApiError {
    ApiError::new(
        OBJECT_NOT_FOUND,
        format!("No scaling policy found for {}, policy name: {name}", named(place)),
    )
}

/// No scheduled action has the name.
pub fn no_scheduled_action(place: &Place, name: &str) -> ApiError {
    let text = format!("No scheduled action found for {}, scheduled action name: {name}", named(place));
    ApiError::new(OBJECT_NOT_FOUND, text)
}

fn named(place: &Place) -> String {
    format!(
        "service namespace: dynamodb, resource ID: {}, scalable dimension: {}",
        place.resource_id(),
        place.dimension.name()
    )
}

/// More than a target may have.
pub fn too_many(what: &str, limit: usize) -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, format!("A scalable target can have at most {limit} {what}."))
}

/// A token that no page ended with.
pub fn invalid_next_token() -> ApiError {
    ApiError::new(INVALID_NEXT_TOKEN, "The next token is invalid")
}

/// Nothing has the ARN.
pub fn no_resource(arn: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("The resource {arn} does not exist."))
}

/// More tags than a target may have.
pub fn too_many_tags(limit: usize) -> ApiError {
    ApiError::new(TOO_MANY_TAGS, format!("A scalable target can have at most {limit} tags."))
}

/// The store cannot read or write a document.
pub fn record(error: RecordError) -> ApiError {
    tracing::error!(%error, "a scalable target cannot be read or written");
    ApiError::silent(INTERNAL_SERVICE)
}
