//! rpc-v2-CBOR: `POST /service/<name>/operation/<name>` with `smithy-protocol: rpc-v2-cbor`, CBOR in and out.

use super::{failure, success, with_query_error};
use crate::entry::Served;
use crate::operation::ServiceInfo;
use crate::request_id::RequestId;
use crate::respond::Response;
use http::{HeaderName, HeaderValue};
use model::ApiError;
use wire::Document;
use wire::document::write_cbor;
use wire::schema::{Map, Schema, Structure};

const CBOR: HeaderValue = HeaderValue::from_static("application/cbor");
pub(crate) const SMITHY_PROTOCOL: HeaderName = HeaderName::from_static("smithy-protocol");
pub(crate) const RPC_V2_CBOR: HeaderValue = HeaderValue::from_static("rpc-v2-cbor");

pub(super) fn write(schema: &'static Structure, output: &Document) -> Vec<u8> {
    let mut body = Vec::new();
    write_cbor(Schema::Structure(schema), output, &mut body);
    body
}

pub(super) fn respond(service: Option<&'static ServiceInfo>, id: RequestId, served: Served) -> Response {
    let mut response = match served {
        Ok(answer) => success(id, CBOR, answer),
        Err(error) => {
            let response = failure(id, error.code.status(), CBOR, error_body(&error));
            with_query_error(response, service, &error)
        }
    };
    response.headers.push((SMITHY_PROTOCOL, RPC_V2_CBOR));
    response
}

static ERROR: Map = Map { value: Schema::Text, entry_names: ("key", "value"), is_flattened: false };

/// The body of an error.
pub(super) fn error_body(error: &ApiError) -> Vec<u8> {
    let mut members = vec![("__type".to_owned(), Document::Text(error.code.qualified()))];
    if let Some(message) = &error.message {
        members.push(("message".to_owned(), Document::Text(message.clone().into_owned())));
    }
    let mut body = Vec::new();
    write_cbor(Schema::Map(&ERROR), &Document::Map(members), &mut body);
    body
}
