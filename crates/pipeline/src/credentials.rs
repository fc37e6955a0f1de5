//! Refused credentials as errors of the API: the one place where `identity`'s data gets its codes.

use crate::protocol::Protocol;
use identity::AuthError;
use model::{ApiError, Code, code};

/// The error that a client receives.
#[cold]
pub(crate) fn refusal(error: AuthError) -> ApiError {
    ApiError::new(code_of(&error), error.to_string())
}

/// The same in a protocol: S3 has words of its own.
#[cold]
pub(crate) fn refusal_in(protocol: Protocol, error: AuthError) -> ApiError {
    match (protocol, s3_text(&error)) {
        (Protocol::RestXml, Some(text)) => ApiError::new(code_of(&error), text),
        _ => refusal(error),
    }
}

fn s3_text(error: &AuthError) -> Option<&'static str> {
    Some(match error {
        AuthError::MissingToken => "Access Denied",
        AuthError::UnknownKey => "The AWS Access Key Id you provided does not exist in our records.",
        AuthError::SignatureMismatch => {
            "The request signature we calculated does not match the signature you provided. Check your key and \
             signing method."
        }
        AuthError::Expired { .. } | AuthError::NotYetCurrent { .. } => {
            "The difference between the request time and the current time is too large."
        }
        _ => return None,
    })
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
        AuthError::SessionExpired => code::EXPIRED_TOKEN,
        AuthError::TooManyFailures => code::THROTTLING,
        AuthError::SourceUnavailable => code::SERVICE_UNAVAILABLE,
        AuthError::ContentMismatch => code::CONTENT_MISMATCH,
        AuthError::BrokenChunks => code::INCOMPLETE_BODY,
        AuthError::TwoSignatures
        | AuthError::HeaderNotSigned(_)
        | AuthError::Scope(_)
        | AuthError::SignatureMismatch => code::INVALID_SIGNATURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_protocol_has_its_code_and_words() {
        let json = refusal_in(Protocol::AwsJson10, AuthError::UnknownKey);
        let text = |error: &ApiError| error.message.clone().unwrap_or_default().into_owned();
        assert_eq!((json.code.name(), json.code.status()), ("UnrecognizedClientException", 400));
        assert_eq!(text(&json), "The security token included in the request is invalid.");
        let query = refusal_in(Protocol::Query, AuthError::SignatureMismatch).code.query();
        assert_eq!((query.code, query.status), ("SignatureDoesNotMatch", 403));
        let xml = refusal_in(Protocol::RestXml, AuthError::UnknownKey);
        assert_eq!((xml.code.rest_xml().code, xml.code.rest_xml().status), ("InvalidAccessKeyId", 403));
        assert!(text(&xml).starts_with("The AWS Access Key Id"));
        assert_eq!(refusal(AuthError::ContentMismatch).code.rest_xml().code, "XAmzContentSHA256Mismatch");
    }
}
