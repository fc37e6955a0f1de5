//! Refused credentials as errors of the API: the one place where `identity`'s data gets its codes.

use identity::AuthError;
use model::{ApiError, Code, code};

/// The error that a client receives.
#[cold]
pub(crate) fn refusal(error: AuthError) -> ApiError {
    ApiError::new(code_of(&error), error.to_string())
}

fn code_of(error: &AuthError) -> Code {
    match error {
        AuthError::MissingToken => code::MISSING_AUTHENTICATION_TOKEN,
        AuthError::IncompleteHeader { .. }
        | AuthError::IncompleteQuery { .. }
        | AuthError::BadDate(_)
        | AuthError::UnsupportedAlgorithm(_)
        | AuthError::ScopeShape(_) => code::INCOMPLETE_SIGNATURE,
        AuthError::Expired { .. } | AuthError::NotYetCurrent { .. } => code::REQUEST_TIME_SKEWED,
        AuthError::UnknownKey | AuthError::InvalidSessionToken => code::UNRECOGNIZED_CLIENT,
        AuthError::ContentMismatch => code::CONTENT_MISMATCH,
        AuthError::BrokenChunks => code::INCOMPLETE_BODY,
        AuthError::TwoSignatures
        | AuthError::HostNotSigned
        | AuthError::Scope(_)
        | AuthError::SignatureMismatch => code::INVALID_SIGNATURE,
    }
}
