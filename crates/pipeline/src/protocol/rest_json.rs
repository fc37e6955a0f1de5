//! rest-json: members in path, query, headers and a JSON body; the code of an error in `x-amzn-ErrorType`.

use super::rest::{self, member_of, payload, write_head, write_payload};
use super::{Operation, failure, success};
use crate::entry::{Answer, Served};
use crate::request::Request;
use crate::request_id::RequestId;
use crate::respond::Response;
use http::{HeaderName, HeaderValue};
use model::ApiError;
use wire::Document;
use wire::document::{read_json, write_json};
use wire::schema::Structure;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

pub(super) fn read(
    operation: &Operation<'_>,
    schema: &'static Structure,
    request: &Request,
    body: &[u8],
) -> Result<Document, ApiError> {
    rest::read(operation, schema, request, body, read_json)
}

pub(super) fn write(operation: &Operation<'_>, schema: &'static Structure, output: &Document) -> Answer {
    let mut body = Vec::new();
    match payload(schema) {
        Some(member) => {
            if let Some(value) = member_of(output, member.name) {
                match write_payload(value) {
                    Some(bytes) => body = bytes,
                    None => write_json(value, &mut body),
                }
            }
        }
        None => write_json(&rest::body_members(schema, output), &mut body),
    }
    write_head(operation, schema, output, body)
}

pub(super) fn respond(id: RequestId, served: Served) -> Response {
    let error = match served {
        Ok(answer) => return success(id, JSON, answer),
        Err(error) => error,
    };
    let text = error.message.clone().map(|text| Document::Text(text.into_owned()));
    let fault = error.code.fault_in_body().map(|fault| Document::Text(fault.to_owned()));
    let body = Document::structure(&mut [("Type", fault), (error.code.message_member(), text)]);
    let mut out = Vec::new();
    write_json(&body, &mut out);
    let mut response = failure(id, error.code.rest_json_status(), JSON, out);
    response.headers.push((ERROR_TYPE, HeaderValue::from_static(error.code.name())));
    response
}
