//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo};

const fn code(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.cognito.identity.model", name, status)
}

/// What is named is not there.
pub const RESOURCE_NOT_FOUND: Code = Code::of(&code("ResourceNotFoundException", 400));
/// The pool does not let this in.
pub const NOT_AUTHORIZED: Code = Code::of(&code("NotAuthorizedException", 400));
/// It belongs to another identity.
pub const RESOURCE_CONFLICT: Code = Code::of(&code("ResourceConflictException", 400));
/// A value that is not taken.
pub const INVALID_PARAMETER: Code = Code::of(&code("InvalidParameterException", 400));
/// The pool's roles are not set, or do not trust it.
pub const INVALID_CONFIGURATION: Code = Code::of(&code("InvalidIdentityPoolConfigurationException", 400));
/// The developer's user has another identity.
pub const ALREADY_REGISTERED: Code = Code::of(&code("DeveloperUserAlreadyRegisteredException", 400));
/// Something broke on this side.
pub const INTERNAL_ERROR: Code = Code::of(&code("InternalErrorException", 500));

/// No such pool.
pub fn no_pool(id: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("IdentityPool '{id}' not found."))
}

/// No such identity.
pub fn no_identity(id: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Identity '{id}' not found."))
}

/// A pool without guests.
pub fn no_guests() -> ApiError {
    ApiError::new(NOT_AUTHORIZED, "Unauthenticated access is not supported for this identity pool.")
}

/// A pool whose tokens are not exchanged at STS.
pub fn no_classic_flow() -> ApiError {
    ApiError::new(NOT_AUTHORIZED, "Basic (classic) flow is not enabled, please use enhanced flow.")
}

/// Logins that are not those of the identity.
pub fn other_logins() -> ApiError {
    let text =
        "Logins don't match. Please include at least one valid login for this identity or identity pool.";
    ApiError::new(NOT_AUTHORIZED, text)
}

/// A login of a provider that the pool does not have.
pub fn unknown_provider() -> ApiError {
    ApiError::new(NOT_AUTHORIZED, "Token is not from a supported provider of this identity pool.")
}

/// A token that was not given here, or has ended.
pub fn invalid_token(why: &str) -> ApiError {
    ApiError::new(NOT_AUTHORIZED, format!("Invalid login token. {why}"))
}

/// No role to give, or none that trusts the pool.
pub fn invalid_configuration() -> ApiError {
    let text = "Invalid identity pool configuration. Check assigned IAM roles for this pool.";
    ApiError::new(INVALID_CONFIGURATION, text)
}

/// A value that is not taken.
pub fn invalid_parameter(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_PARAMETER, text.into())
}

/// A user of the developer who has another identity.
pub fn already_registered() -> ApiError {
    ApiError::new(ALREADY_REGISTERED, "The developer user identifier is already linked to another identity.")
}

/// The store failed.
pub fn store_error() -> ApiError {
    ApiError::silent(INTERNAL_ERROR)
}
