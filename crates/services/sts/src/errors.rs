//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo, code};
use policy::Fault;

const fn code(name: &'static str, query: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.sts.v2011_06_15", name, 400).in_query(query, status)
}

/// A document is no policy.
pub const MALFORMED_POLICY: Code =
    Code::of(&code("MalformedPolicyDocumentException", "MalformedPolicyDocument", 400));
/// Policies and tags are too large together.
pub const PACKED_POLICY_TOO_LARGE: Code =
    Code::of(&code("PackedPolicyTooLargeException", "PackedPolicyTooLarge", 400));
/// A value that is not taken.
pub const INVALID_PARAMETER_VALUE: Code =
    Code::of(&code("InvalidParameterValue", "InvalidParameterValue", 400));
/// A message that was not encoded here.
pub const INVALID_AUTHORIZATION_MESSAGE: Code =
    Code::of(&code("InvalidAuthorizationMessageException", "InvalidAuthorizationMessageException", 400));

/// A document that is no policy.
pub fn malformed(fault: &Fault) -> ApiError {
    ApiError::new(MALFORMED_POLICY, fault.to_string())
}

/// Policies and tags that are too large together.
pub fn too_large(percent: usize) -> ApiError {
    let text = format!("Packed size of session tags consumes {percent}% of allotted space.");
    ApiError::new(PACKED_POLICY_TOO_LARGE, text)
}

/// An ARN that names no role.
pub fn invalid_arn(arn: &str) -> ApiError {
    ApiError::new(code::VALIDATION, format!("{arn} is invalid"))
}

/// Longer than the role's sessions may last.
pub fn longer_than_role() -> ApiError {
    let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    ApiError::new(code::VALIDATION, text)
}

/// Longer than a session made from a session may last.
pub fn longer_than_chained() -> ApiError {
    let text =
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
    ApiError::new(code::VALIDATION, text)
}

/// Two keys of tags that are the same.
pub fn same_tag_keys() -> ApiError {
    let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A transitive key without a tag.
pub fn no_such_transitive_tag() -> ApiError {
    let text = "The specified transitive tag key must be included in the requested tags.";
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A transitive key that the calling session has already.
pub fn inherited_tag() -> ApiError {
    let text = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag \
                key from the calling session.";
    ApiError::new(INVALID_PARAMETER_VALUE, text)
}

/// A session that asks for another.
pub fn not_with_session(operation: &str) -> ApiError {
    ApiError::new(code::ACCESS_DENIED, format!("Cannot call {operation} with session credentials"))
}

/// A message that was not encoded here.
pub fn invalid_message() -> ApiError {
    ApiError::new(INVALID_AUTHORIZATION_MESSAGE, "Message is not valid")
}

/// What is no access key.
pub fn invalid_key(id: &str) -> ApiError {
    ApiError::new(code::VALIDATION, format!("{id} is not a valid access key id"))
}

/// A token of an identity provider that is not taken.
pub const INVALID_IDENTITY_TOKEN: Code =
    Code::of(&code("InvalidIdentityTokenException", "InvalidIdentityToken", 400));
/// A token of an identity provider that has ended.
pub const EXPIRED_IDENTITY_TOKEN: Code =
    Code::of(&code("ExpiredTokenException", "ExpiredTokenException", 400));

/// A token that is not taken, and why.
pub fn invalid_token(why: &str) -> ApiError {
    ApiError::new(INVALID_IDENTITY_TOKEN, why.to_owned())
}

/// A token of somebody whom the account does not know.
pub fn no_provider(issuer: &str) -> ApiError {
    let text = format!("No OpenIDConnect provider found in your account for https://{issuer}");
    ApiError::new(INVALID_IDENTITY_TOKEN, text)
}

/// An issuer whose keys the server does not have.
pub fn no_keys() -> ApiError {
    let text = "Couldn't retrieve verification key from your identity provider, please reference \
                AssumeRoleWithWebIdentity documentation for requirements";
    ApiError::new(INVALID_IDENTITY_TOKEN, text)
}

/// A token that has ended.
pub fn expired_token() -> ApiError {
    ApiError::new(EXPIRED_IDENTITY_TOKEN, "Token expired")
}

/// A role that does not trust whom a provider vouches for.
pub fn not_authorized(action: &str) -> ApiError {
    ApiError::new(code::ACCESS_DENIED, format!("Not authorized to perform {action}"))
}
