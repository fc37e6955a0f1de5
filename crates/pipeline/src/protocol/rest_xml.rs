//! rest-xml: members in path, query, headers and an XML body, as in S3.

use super::rest::{self, member_of, payload, write_head, write_payload};
use super::{Operation, failure, success};
use crate::entry::{Answer, Served};
use crate::request::Request;
use crate::request_id::RequestId;
use crate::respond::Response;
use http::{HeaderName, HeaderValue};
use model::{ApiError, Detail};
use wire::Document;
use wire::document::{XmlWriter, read_xml, write_text};
use wire::schema::{Place, Schema, Structure};

/// The one refusal without a body.
const NOT_MODIFIED: u16 = 304;
const XML: HeaderValue = HeaderValue::from_static("application/xml");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

pub(super) fn read(
    operation: &Operation<'_>,
    schema: &'static Structure,
    request: &Request,
    body: &[u8],
) -> Result<Document, ApiError> {
    rest::read(operation, schema, request, body, read_xml)
}

/// The root element is named after the payload, or after the operation where the whole output is the body.
pub(super) fn write(operation: &Operation<'_>, schema: &'static Structure, output: &Document) -> Answer {
    let namespace = operation.service.xml_namespace;
    let document = |name: &str, inner: &'static Structure, value: &Document| {
        let mut xml = XmlWriter::with_declaration();
        xml.element(name, namespace, |xml| xml.members(inner, value));
        xml.into_bytes()
    };
    let body = match payload(schema) {
        Some(member) => match (member_of(output, member.name), member.schema) {
            (Some(value), Schema::Structure(inner)) => document(member.wire_name, inner, value),
            (Some(value), _) => write_payload(value).unwrap_or_default(),
            (None, _) => Vec::new(),
        },
        None if !has_body(schema) => Vec::new(),
        None => {
            let inside = rest::body_members(schema, output);
            match root(operation) {
                Some("") => unwrapped(namespace, schema, &inside),
                Some(name) => document(name, schema, &inside),
                None => document(&format!("{}Result", operation.name), schema, &inside),
            }
        }
    };
    write_head(operation, schema, output, body)
}

/// Whether an answer has a root element, also where nothing is in it.
fn has_body(schema: &Structure) -> bool {
    schema.members.iter().any(|member| member.place == Place::Body)
}

/// The root element of an operation's answers, where it is not its name and `Result`.
fn root(operation: &Operation<'_>) -> Option<&'static str> {
    let mut roots = operation.service.xml_roots.iter();
    roots.find(|(name, _)| *name == operation.name).map(|(_, root)| *root)
}

/// The only member of an answer as its root.
fn unwrapped(namespace: &str, schema: &'static Structure, output: &Document) -> Vec<u8> {
    let mut xml = XmlWriter::with_declaration();
    for member in schema.members {
        let text = member_of(output, member.name).map(|value| write_text(member.schema, value));
        xml.text_in(member.wire_name, namespace, &text.unwrap_or_default());
    }
    xml.into_bytes()
}

pub(super) fn respond(id: RequestId, served: Served) -> Response {
    let mut response = match served {
        Ok(answer) => success(id, XML, answer),
        Err(error) => {
            let status = error.code.rest_xml().status;
            let body = if status == NOT_MODIFIED { Vec::new() } else { error_body(id, &error) };
            let mut response = failure(id, status, XML, body);
            if status == NOT_MODIFIED {
                response.content_type = None;
            }
            response
        }
    };
    let value = HeaderValue::from_bytes(id.as_bytes()).expect("a request id is letters and digits");
    response.headers.extend([(REQUEST_ID, value.clone()), (HOST_ID, value)]);
    response
}

fn error_body(id: RequestId, error: &ApiError) -> Vec<u8> {
    let mut xml = XmlWriter::with_declaration();
    xml.element("Error", "", |xml| {
        xml.text("Code", error.code.rest_xml().code);
        if let Some(message) = &error.message {
            xml.text("Message", message);
        }
        if let Some(Detail::Members(members)) = error.detail.as_deref() {
            members.iter().for_each(|(name, value)| xml.text(name, value));
        }
        xml.text("RequestId", id.as_str());
        xml.text("HostId", id.as_str());
    });
    xml.into_bytes()
}
