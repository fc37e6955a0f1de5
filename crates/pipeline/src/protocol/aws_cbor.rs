//! awsCbor 1.1, which SDKs for Java use for Kinesis: a POST to `/`, the operation in `X-Amz-Target`, CBOR in and out
//! with times in milliseconds, errors with their code in `__type`.

use super::rpc_cbor::error_body;
use super::{failure, success};
use crate::entry::Served;
use crate::request_id::RequestId;
use crate::respond::Response;
use http::HeaderValue;
use model::{ApiError, code};
use wire::Document;
use wire::document::{read_cbor_in_millis, write_cbor_in_millis};
use wire::schema::{Schema, Structure};

const AMZ_CBOR_11: HeaderValue = HeaderValue::from_static("application/x-amz-cbor-1.1");

pub(super) fn read(schema: &'static Structure, body: &[u8]) -> Result<Document, ApiError> {
    read_cbor_in_millis(schema, body).ok_or_else(|| ApiError::silent(code::SERIALIZATION))
}

pub(super) fn write(schema: &'static Structure, output: &Document) -> Vec<u8> {
    let mut body = Vec::new();
    write_cbor_in_millis(Schema::Structure(schema), output, &mut body);
    body
}

pub(super) fn respond(id: RequestId, served: Served) -> Response {
    match served {
        Ok(answer) => success(id, AMZ_CBOR_11, answer),
        Err(error) => failure(id, error.code.status(), AMZ_CBOR_11, error_body(&error)),
    }
}
