//! The query protocol: a form with `Action`, `Version` and the members, in the body or the query; XML back.

use super::{Operation, failure, refused, success};
use crate::entry::Served;
use crate::operation::ServiceInfo;
use crate::request::Request;
use crate::request_id::RequestId;
use crate::respond::Response;
use http::{HeaderValue, Method};
use model::{ApiError, code};
use wire::Document;
use wire::document::{Form, XmlWriter};
use wire::schema::Structure;

const XML: HeaderValue = HeaderValue::from_static("text/xml");

/// The form of a request; `None` where it has too many parameters.
pub(crate) fn form_of(request: &Request, body: &[u8]) -> Option<Form> {
    let is_in_query = request.method == Method::GET || body.is_empty();
    Form::read(if is_in_query { request.uri.query().unwrap_or_default().as_bytes() } else { body })
}

pub(super) fn read(schema: &'static Structure, request: &Request, body: &[u8]) -> Result<Document, ApiError> {
    let form = form_of(request, body).ok_or_else(|| ApiError::silent(code::SERIALIZATION))?;
    form.document(schema).map_err(refused)
}

/// `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
pub(super) fn write(operation: &Operation<'_>, schema: &'static Structure, output: &Document) -> Vec<u8> {
    let name = operation.name;
    let mut xml = XmlWriter::default();
    xml.element(&format!("{name}Response"), operation.service.xml_namespace, |xml| {
        xml.element(&format!("{name}Result"), "", |xml| xml.members(schema, output));
        xml.element("ResponseMetadata", "", |xml| xml.text("RequestId", operation.id.as_str()));
    });
    xml.into_bytes()
}

pub(super) fn respond(service: Option<&'static ServiceInfo>, id: RequestId, served: Served) -> Response {
    match served {
        Ok(answer) => success(id, XML, answer),
        Err(error) => failure(id, error.code.query().status, XML, error_body(service, id, &error)),
    }
}

/// An error without a text has no message at all.
fn error_body(service: Option<&'static ServiceInfo>, id: RequestId, error: &ApiError) -> Vec<u8> {
    let mut xml = XmlWriter::default();
    let namespace = service.map_or("", |service| service.xml_namespace);
    xml.element("ErrorResponse", namespace, |xml| {
        xml.element("Error", "", |xml| {
            xml.text("Type", &format!("{:?}", error.code.fault()));
            xml.text("Code", error.code.query().code);
            if let Some(message) = &error.message {
                xml.text("Message", message);
            }
        });
        xml.text("RequestId", id.as_str());
    });
    xml.into_bytes()
}
