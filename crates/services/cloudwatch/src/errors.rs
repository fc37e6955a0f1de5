//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo};

const fn code(name: &'static str, status: u16, query: &'static str) -> CodeInfo {
    CodeInfo::new("com.amazonaws.cloudwatch.v2010_08_01", name, status).in_query(query, status)
}

/// A value that its parameter does not take.
pub const INVALID_PARAMETER_VALUE: Code =
    Code::of(&code("InvalidParameterValueException", 400, "InvalidParameterValue"));
/// Something broke on this side.
pub const INTERNAL_SERVICE: Code = Code::of(&code("InternalServiceFault", 500, "InternalServiceError"));

/// A token that no page ended with.
pub fn invalid_next_token() -> ApiError {
    ApiError::new(INVALID_PARAMETER_VALUE, "Request parameter NextToken is invalid")
}
