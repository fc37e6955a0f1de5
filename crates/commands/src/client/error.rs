//! Why a call has no result, as data.

use serde_json::Value;

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// No answer came: the connection's words.
    Unreachable(String),
    /// The server refused.
    Refused {
        /// The code without its namespace, such as `ResourceNotFoundException`.
        code: String,
        /// The server's words.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not one of this API.
    Unreadable,
    /// The access key or its token cannot stand in a header.
    UnusableKey,
}

/// Codes of errors that pass: the call is tried again later.
const PASSING: [&str; 6] = [
    "InternalServerError",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingException",
];

impl CallError {
    /// Whether the same call may succeed a little later.
    pub fn is_passing(&self) -> bool {
        match self {
            CallError::Unreachable(_) => true,
            CallError::Refused { code, status, .. } => *status >= 500 || PASSING.contains(&code.as_str()),
            CallError::Unreadable | CallError::UnusableKey => false,
        }
    }

    /// What happened, in a sentence for people.
    pub fn sentence(&self, url: &str) -> String {
        match self {
            CallError::Refused { code, message, .. } => format!("{url} refused: {code}: {message}"),
            CallError::Unreachable(why) => format!("{url} cannot be reached: {why}"),
            CallError::Unreadable => format!("what answers at {url} does not speak this API"),
            CallError::UnusableKey => "the access key has characters that no key has".to_owned(),
        }
    }

    /// The code of a refusal; empty for another error.
    pub fn code(&self) -> &str {
        match self {
            CallError::Refused { code, .. } => code,
            _ => "",
        }
    }
}

/// The result or the error in an answer.
pub(super) fn read(status: u16, body: &[u8]) -> Result<Value, CallError> {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    match (status, parsed) {
        (200, Some(result)) => Ok(result),
        (200, None) if body.is_empty() => Ok(Value::Null),
        (_, Some(error)) if error["__type"].is_string() => Err(refused(status, &error)),
        (500.., _) => {
            let code = "ServiceUnavailable".to_owned();
            Err(CallError::Refused { code, message: format!("status {status}"), status })
        }
        _ => Err(CallError::Unreadable),
    }
}

fn refused(status: u16, error: &Value) -> CallError {
    let code = error["__type"].as_str().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    let message = error["message"].as_str().or_else(|| error["Message"].as_str()).unwrap_or_default();
    CallError::Refused { code, message: message.to_owned(), status }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        assert_eq!(read(200, b"{\"a\":1}").map(|result| result["a"] == 1), Ok(true));
        let error =
            read(400, b"{\"__type\":\"com.x#ThrottlingException\",\"Message\":\"slow\"}").unwrap_err();
        assert_eq!((error.code(), error.is_passing()), ("ThrottlingException", true));
        let error = read(400, b"{\"__type\":\"com.x#ValidationException\",\"message\":\"no\"}").unwrap_err();
        assert_eq!((error.code(), error.is_passing()), ("ValidationException", false));
        assert!(read(503, b"<html>").unwrap_err().is_passing());
        assert_eq!(read(404, b"<html>"), Err(CallError::Unreadable));
    }
}
