//! awsJson 1.0 and 1.1: a POST to `/`, the operation in `X-Amz-Target`, JSON in and out, the code of an error in
//! `__type`.

mod error_body;

use super::{Protocol, failure, success, with_query_error};
use crate::entry::Served;
use crate::operation::ServiceInfo;
use crate::request::{MediaType, Request};
use crate::request_id::RequestId;
use crate::respond::Response;
use http::{HeaderValue, Method};

const AMZ_JSON: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.0");
const AMZ_JSON_11: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Whether the request is a call of an operation at all: a POST to `/` whose body, if any, is JSON.
pub(crate) fn is_call(protocol: Protocol, request: &Request, asked: MediaType) -> bool {
    let is_json = || match asked {
        MediaType::AmzJson | MediaType::Json => true,
        MediaType::AmzJson11 => protocol == Protocol::AwsJson11,
        MediaType::AmzCbor11 | MediaType::Other => false,
    };
    request.method == Method::POST && request.uri.path() == "/" && (request.body.is_empty() || is_json())
}

/// The response to a call, in the JSON type of its request.
pub(super) fn respond(
    protocol: Protocol,
    service: Option<&'static ServiceInfo>,
    asked: MediaType,
    id: RequestId,
    served: Served,
) -> Response {
    let content_type = match asked {
        MediaType::AmzJson => AMZ_JSON,
        MediaType::AmzJson11 if protocol == Protocol::AwsJson11 => AMZ_JSON_11,
        _ => JSON,
    };
    match served {
        Ok(answer) => success(id, content_type, answer),
        Err(error) => {
            let response = failure(id, error.code.status(), content_type, error_body::write(&error));
            with_query_error(response, service, &error)
        }
    }
}
