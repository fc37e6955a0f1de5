//! The protocols: how a request of one is read, how its answer and its errors look. Each is a file. Which protocol a
//! request speaks is decided by the [`router`](crate::router), so one operation answers in all that its service has.

mod aws_cbor;
mod aws_json;
pub(crate) mod event_stream;
mod query;
mod rest;
mod rest_json;
mod rest_xml;
mod rpc_cbor;

use crate::body::refused;
use crate::entry::{Answer, Served};
use crate::operation::ServiceInfo;
use crate::request::{MediaType, Request};
use crate::request_id::RequestId;
use crate::respond::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use model::{ApiError, Http, code};
use wire::Document;
use wire::schema::Structure;

pub(crate) use aws_json::is_call;
pub(crate) use query::form_of;
pub(crate) use rest::matches_path;

/// A protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON bodies, the operation in `X-Amz-Target`.
    AwsJson10,
    /// The same with another media type.
    AwsJson11,
    /// CBOR bodies, the operation in `X-Amz-Target`.
    AwsCbor11,
    /// Forms with `Action` and `Version`, answered in XML.
    Query,
    /// CBOR bodies, the operation in the path.
    RpcCbor,
    /// JSON bodies, members in path, query and headers.
    RestJson,
    /// The same with XML.
    RestXml,
}

/// The error that a query-compatible service names as the query protocol would.
const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// The properties of the operation that reading a request and writing its answer need.
pub(crate) struct Operation<'a> {
    pub(crate) name: &'static str,
    pub(crate) http: Http,
    pub(crate) service: &'static ServiceInfo,
    pub(crate) id: &'a RequestId,
}

impl Protocol {
    /// Reads a request; `body` is its decoded body.
    pub(crate) fn read(
        self,
        operation: &Operation<'_>,
        schema: &'static Structure,
        request: &Request,
        body: &[u8],
    ) -> Result<Document, ApiError> {
        match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => {
                wire::document::read_json(schema, body).map_err(refused)
            }
            Protocol::AwsCbor11 => aws_cbor::read(schema, body),
            Protocol::Query => query::read(schema, request, body),
            Protocol::RpcCbor => {
                wire::document::read_cbor(schema, body).ok_or_else(|| ApiError::silent(code::SERIALIZATION))
            }
            Protocol::RestJson => rest_json::read(operation, schema, request, body),
            Protocol::RestXml => rest_xml::read(operation, schema, request, body),
        }
    }

    /// Writes a success.
    pub(crate) fn write(
        self,
        operation: &Operation<'_>,
        schema: &'static Structure,
        output: &Document,
    ) -> Answer {
        match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => {
                let mut body = Vec::new();
                wire::document::write_json(output, &mut body);
                body.into()
            }
            Protocol::AwsCbor11 => aws_cbor::write(schema, output).into(),
            Protocol::Query => query::write(operation, schema, output).into(),
            Protocol::RpcCbor => rpc_cbor::write(schema, output).into(),
            Protocol::RestJson => rest_json::write(operation, schema, output),
            Protocol::RestXml => rest_xml::write(operation, schema, output),
        }
    }

    /// The response to a call of a service, `None` where nothing names it; `asked` is the media type of the request.
    pub(crate) fn respond(
        self,
        service: Option<&'static ServiceInfo>,
        asked: MediaType,
        id: RequestId,
        served: Served,
    ) -> Response {
        match self {
            Protocol::AwsJson10 | Protocol::AwsJson11 => aws_json::respond(self, service, asked, id, served),
            Protocol::AwsCbor11 => aws_cbor::respond(id, served),
            Protocol::Query => query::respond(service, id, served),
            Protocol::RpcCbor => rpc_cbor::respond(service, id, served),
            Protocol::RestJson => rest_json::respond(id, served),
            Protocol::RestXml => rest_xml::respond(id, served),
        }
    }
}

/// A success in a type, with the status and the headers that its operation gave it.
fn success(id: RequestId, content_type: HeaderValue, answer: Answer) -> Response {
    let Answer { body, leaving, head } = answer;
    let content_type = Some(content_type).filter(|_| !body.is_empty());
    let mut response = Response::new(200, content_type, id, body.into());
    response.leaving = leaving;
    if let Some(head) = head {
        (response.status, response.headers) = (head.status, head.headers);
        response.following = head.following;
        response.content_type = head.content_type.or(response.content_type);
    }
    response
}

fn failure(id: RequestId, status: u16, content_type: HeaderValue, body: impl Into<Bytes>) -> Response {
    Response::new(status, Some(content_type), id, body.into())
}

/// Names an error as the query protocol does, for clients of services that once had only that.
fn with_query_error(
    mut response: Response,
    service: Option<&'static ServiceInfo>,
    error: &ApiError,
) -> Response {
    if service.is_some_and(|service| service.speaks(Protocol::Query)) {
        let text = format!("{};{:?}", error.code.query().code, error.code.fault());
        response.headers.extend(HeaderValue::from_str(&text).ok().map(|text| (QUERY_ERROR, text)));
    }
    response
}
