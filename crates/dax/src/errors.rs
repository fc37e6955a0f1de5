//! Refusals, and how clients are told of them: a list of numbers that says which exception it is, a text, and the id
//! of the request, the name of the exception and a status.

use crate::attribute_lists::ListError;
use crate::codec::Fault;
use crate::codec::writer::{put_array, put_bytes, put_int, put_null, put_optional_text, put_text};
use model::api_error::CancellationReason;
use model::{ApiError, Code};
use pipeline::RequestId;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refused {
    /// By the operation.
    Operation(ApiError),
    /// Its bytes do not say what they must.
    Bytes(Fault),
    /// What is wrong with it, in DAX's own words.
    Request(&'static str),
    /// The caller is not known.
    Unauthenticated(Option<String>),
    /// A method that is not served.
    NotImplemented,
    /// There are too many attribute lists.
    TooManyLists,
    /// Too much is under way.
    Busy,
}

/// What an unknown caller is told, whatever the reason: clients look for this text.
const REQUIRES_AUTHENTICATION: &str = "Connection requires authentication";

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Refused::Operation(error)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Bytes(fault)
    }
}

impl From<ListError> for Refused {
    fn from(error: ListError) -> Self {
        match error {
            ListError::TooMany => Refused::TooManyLists,
            ListError::Record(error) => {
                tracing::error!("an attribute list cannot be read or written: {error}");
                Refused::Operation(dynamodb::errors::internal_error())
            }
        }
    }
}

impl Refused {
    /// The exception that clients raise.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Refused::Operation(error) => error.code.name(),
            Refused::Bytes(_) | Refused::Request(_) => "ValidationException",
            Refused::Unauthenticated(_) => "MissingAuthenticationTokenException",
            Refused::NotImplemented => "NotImplementedException",
            Refused::TooManyLists => "LimitExceededException",
            Refused::Busy => "ThrottlingException",
        }
    }
}

/// The numbers of an exception: clients read the first of them, then the rest, then the name.
const CODES: [(&str, &[i64]); 18] = [
    ("ProvisionedThroughputExceededException", &[4, 37, 38, 39, 40]),
    ("ResourceNotFoundException", &[4, 37, 38, 39, 41]),
    ("AccessDeniedException", &[4, 37, 38, 42]),
    ("ConditionalCheckFailedException", &[4, 37, 38, 39, 43]),
    ("NotImplementedException", &[4, 37, 38, 44]),
    ("ResourceInUseException", &[4, 37, 38, 39, 45]),
    ("ValidationException", &[4, 37, 38, 39, 46]),
    ("InternalServerError", &[1, 37, 38, 39, 47]),
    ("ItemCollectionSizeLimitExceededException", &[4, 37, 38, 39, 48]),
    ("LimitExceededException", &[4, 37, 38, 39, 49]),
    ("ThrottlingException", &[4, 37, 38, 39, 50]),
    ("TransactionConflictException", &[4, 37, 38, 39, 57]),
    ("TransactionCanceledException", &[4, 37, 38, 39, 58]),
    ("TransactionInProgressException", &[4, 37, 38, 39, 59]),
    ("IdempotentParameterMismatchException", &[4, 37, 38, 39, 60]),
    ("RequestLimitExceeded", &[4, 37, 38, 39, 61]),
    ("MissingAuthenticationTokenException", &[4, 23, 31, 33]),
    ("InternalFailure", &[1, 37, 38, 39, 47]),
];

/// A code without numbers of its own: those of a validation, but for errors of the server.
fn codes(name: &str, status: u16) -> &'static [i64] {
    let own = CODES.iter().find(|(known, _)| *known == name);
    match own {
        Some((_, codes)) => codes,
        None if status >= 500 => &[1, 37, 38, 39, 47],
        None => &[4, 37, 38, 39, 46],
    }
}

/// The form of the reasons of a cancelled transaction: the items are written by the operation that has their tables.
pub(crate) type ReasonItems = Vec<Option<Vec<u8>>>;

/// Appends the answer of a refusal.
pub(crate) fn put(out: &mut Vec<u8>, id: &RequestId, refused: &Refused, items: &ReasonItems) {
    let simple = |message: &str, out: &mut Vec<u8>| {
        put_error(out, id, refused.name(), 400, message, &[], items);
    };
    match refused {
        Refused::Operation(error) => put_api_error(out, id, error, items),
        Refused::Bytes(fault) => simple(&format!("The request cannot be read: {fault}"), out),
        Refused::Request(text) => simple(text, out),
        Refused::Unauthenticated(_) => simple(REQUIRES_AUTHENTICATION, out),
        Refused::NotImplemented => simple("The method is not known", out),
        Refused::TooManyLists => simple(&ListError::TooMany.to_string(), out),
        Refused::Busy => simple("Too many requests are being served", out),
    }
}

fn put_api_error(out: &mut Vec<u8>, id: &RequestId, error: &ApiError, items: &ReasonItems) {
    let reasons = match error.detail.as_deref() {
        Some(model::Detail::CancellationReasons(reasons)) => &reasons[..],
        _ => &[],
    };
    let code: &Code = &error.code;
    let message = error.message.as_deref().unwrap_or_default();
    put_error(out, id, code.name(), code.status(), message, reasons, items);
}

fn put_error(
    out: &mut Vec<u8>,
    id: &RequestId,
    name: &str,
    status: u16,
    message: &str,
    reasons: &[CancellationReason],
    items: &ReasonItems,
) {
    let codes = codes(name, status);
    put_array(out, codes.len());
    codes.iter().for_each(|code| put_int(out, *code));
    put_text(out, message);
    put_array(out, if reasons.is_empty() { 3 } else { 4 });
    put_text(out, id.as_str());
    put_text(out, name);
    put_int(out, i64::from(status));
    if reasons.is_empty() {
        return;
    }
    put_array(out, 3 * reasons.len());
    for (at, reason) in reasons.iter().enumerate() {
        put_text(out, reason.code.unwrap_or("None"));
        put_optional_text(out, reason.message.as_deref());
        match items.get(at).and_then(Option::as_ref) {
            Some(item) => put_bytes(out, item),
            None => put_null(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_numbers_are_the_beginning_of_others() {
        for (one, codes) in CODES {
            for (other, longer) in CODES {
                let is_prefix = longer.len() > codes.len() && longer.starts_with(codes);
                assert!(!is_prefix, "{one} {other}");
            }
        }
    }
}
