//! The texts of refused credentials. One constructor per refusal.

use model::{ApiError, Code};

/// A signature in the header and another in the query string.
pub(crate) fn two_signatures() -> ApiError {
    ApiError::new(
        Code::InvalidSignature,
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
}

/// No credentials at all.
pub fn missing_token() -> ApiError {
    ApiError::new(Code::MissingAuthenticationToken, "Request is missing Authentication Token")
}

/// An Authorization header without all of its parts.
pub(crate) fn incomplete_header(missing: &[&str], has_date: bool, header: &str) -> ApiError {
    let mut text = String::new();
    for part in missing {
        text.push_str(&format!("Authorization header requires '{part}' parameter. "));
    }
    if !has_date {
        text.push_str(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        );
    }
    ApiError::new(Code::IncompleteSignature, format!("{text}Authorization={header}"))
}

/// Query-string credentials without all of their parts.
pub(crate) fn incomplete_query(missing: &[&str]) -> ApiError {
    let mut text = String::new();
    for part in missing {
        text.push_str(&format!("AWS query-string parameters must include '{part}'. "));
    }
    ApiError::new(Code::IncompleteSignature, text + "Re-examine the query-string parameters.")
}

/// A date that is none.
pub(crate) fn bad_date(date: &str) -> ApiError {
    let text = format!(
        "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
    );
    ApiError::new(Code::IncompleteSignature, text)
}

/// Signed too long ago.
pub(crate) fn expired(signed: &str, limit: &str, now: &str, minutes: u64) -> ApiError {
    let text = format!("Signature expired: {signed} is now earlier than {limit} ({now} - {minutes} min.)");
    ApiError::new(Code::InvalidSignature, text)
}

/// Signed in the future.
pub(crate) fn not_yet_current(signed: &str, limit: &str, now: &str, minutes: u64) -> ApiError {
    let text =
        format!("Signature not yet current: {signed} is still later than {limit} ({now} + {minutes} min.)");
    ApiError::new(Code::InvalidSignature, text)
}

/// The host is not covered by the signature.
pub(crate) fn host_not_signed() -> ApiError {
    ApiError::new(Code::InvalidSignature, "'Host' must be a 'SignedHeader' in the AWS Authorization.")
}

/// Another algorithm than the one there is.
pub(crate) fn unsupported_algorithm(algorithm: &str) -> ApiError {
    let text = format!("Unsupported AWS 'algorithm': '{algorithm}' (only AWS4-HMAC-SHA256 for now). ");
    ApiError::new(Code::IncompleteSignature, text)
}

/// A credential of another number of elements.
pub(crate) fn scope_shape(credential: &str) -> ApiError {
    let text = format!(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, \
         got '{credential}'"
    );
    ApiError::new(Code::IncompleteSignature, text)
}

/// A scope for something else; the sentences of all its faults.
pub(crate) fn scope_content(sentences: String) -> ApiError {
    ApiError::new(Code::InvalidSignature, sentences)
}

/// An access key nobody has.
pub(crate) fn unknown_key() -> ApiError {
    ApiError::new(Code::UnrecognizedClient, "The security token included in the request is invalid.")
}

/// A session token nobody has issued.
pub(crate) fn invalid_session_token() -> ApiError {
    ApiError::new(Code::UnrecognizedClient, "The security token included in the request is invalid")
}

/// A signature that was not made with the key's secret over this request.
pub(crate) fn signature_mismatch() -> ApiError {
    ApiError::new(
        Code::InvalidSignature,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details.",
    )
}
