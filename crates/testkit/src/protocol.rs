//! JSON of a case to a request of any protocol, and an answer of any protocol to JSON.
//!
//! What is sent has no schema, so the JSON states what a schema would:
//! * `{"$blob": "base64"}` is bytes: raw in CBOR, Base64 in JSON and forms
//! * `{"$map": {…}}` is a map, which forms write as `Name.entry.1.key`; any other object is a structure, `Name.Member`.
//!   Lists are `Name.member.1`
//!
//! What comes back:
//! * CBOR is JSON, bytes are Base64 texts, points in time are seconds
//! * XML has text leaves. An element whose children are all `member` is a list, one whose children are all `entry` a
//!   map, several elements of one name are a list. Where the case expects a number, a boolean, an empty list or a list
//!   of one, the text is taken as that, so a case has one expectation in all protocols. Of a form's answer the
//!   `…Result` is compared
//! * an error has its code in `__type` and its text in `message`, as in JSON. In the REST protocols its other members
//!   stay

mod cbor;
mod form;
mod text_leaves;
mod xml;

use crate::case::{Asked, Authorization, Body, Call, Send};
use crate::matcher::{Captures, fill, interpolate};
use crate::target::{Reply, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pipeline::Protocol;
use serde_json::{Value, json};

/// The request of a step.
pub fn request(send: &Send, account: &str, captures: &Captures) -> Result<Request, String> {
    let Call { service, protocol, asked } = &send.call;
    let (method, path) = match asked {
        Asked::Path(method, path) => (method.as_str(), path_with(path, captures)),
        Asked::Operation(name) if *protocol == Protocol::RpcCbor => {
            ("POST", format!("/service/{}/operation/{name}", service.target_prefix))
        }
        Asked::Operation(_) | Asked::Nothing => ("POST", "/".to_owned()),
    };
    let body = body(send, captures)?;
    let mut headers = protocol_headers(&send.call, body.is_empty());
    headers.extend(authorization(send, account).map(|value| ("Authorization".to_owned(), value)));
    for (name, value) in &send.headers {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        headers.push((name.clone(), interpolate(value, captures)));
    }
    Ok(Request { method: method.to_owned(), path, headers, body })
}

fn authorization(send: &Send, account: &str) -> Option<String> {
    match &send.authorization {
        Authorization::None => None,
        Authorization::Text(text) => Some(text.clone()),
        Authorization::Account(region) => Some(format!(
            "AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{}/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000",
            send.call.service.signing_name
        )),
    }
}

fn protocol_headers(call: &Call, is_empty: bool) -> Vec<(String, String)> {
    let media_type = match call.protocol {
        Protocol::AwsJson10 => "application/x-amz-json-1.0",
        Protocol::AwsJson11 => "application/x-amz-json-1.1",
        Protocol::AwsCbor11 => "application/x-amz-cbor-1.1",
        Protocol::Query => "application/x-www-form-urlencoded; charset=utf-8",
        Protocol::RpcCbor => "application/cbor",
        Protocol::RestJson => "application/json",
        Protocol::RestXml => "application/xml",
    };
    let is_path = matches!(call.asked, Asked::Path(..));
    let mut headers = vec![];
    if !(is_path && is_empty) {
        headers.push(("Content-Type", media_type.to_owned()));
    }
    if call.protocol == Protocol::RpcCbor {
        headers.push(("smithy-protocol", "rpc-v2-cbor".to_owned()));
    }
    if let (Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::AwsCbor11, Asked::Operation(name)) =
        (call.protocol, &call.asked)
    {
        let is_whole = name.contains('.');
        let target = if is_whole { name.clone() } else { format!("{}.{name}", call.service.target_prefix) };
        headers.push(("X-Amz-Target", target));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a segment of a path or a value of a query may hold as it is.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path with remembered values, escaped, in their places.
fn path_with(path: &str, captures: &Captures) -> String {
    let escaped = |value: &Value| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Value::String(utf8_percent_encode(&text, IN_PATHS).to_string())
    };
    let captures = captures.iter().map(|(name, value)| (name.clone(), escaped(value))).collect();
    interpolate(path, &captures)
}

fn body(send: &Send, captures: &Captures) -> Result<Vec<u8>, String> {
    let Call { service, protocol, asked } = &send.call;
    match (&send.body, protocol) {
        (Body::None, _) => Ok(vec![]),
        (Body::Raw(digits), Protocol::RpcCbor | Protocol::AwsCbor11) => cbor::of_hexadecimal(digits),
        (Body::Raw(text), _) => Ok(interpolate(text, captures).into_bytes()),
        (Body::Json(value), _) => {
            let value = fill(value, captures);
            match (protocol, asked) {
                (Protocol::Query, Asked::Operation(name)) => {
                    Ok(form::write(name, service.version, &value).into_bytes())
                }
                (Protocol::RpcCbor | Protocol::AwsCbor11, _) => cbor::write(&value),
                (Protocol::AwsJson10 | Protocol::AwsJson11 | Protocol::RestJson, _) => {
                    Ok(without_marks(value).to_string().into_bytes())
                }
                _ => Err("this protocol takes a body after RAW".to_owned()),
            }
        }
    }
}

/// What a marked value is inside its mark.
fn marked<'a>(value: &'a Value, mark: &str) -> Option<&'a Value> {
    value.as_object().filter(|members| members.len() == 1)?.get(mark)
}

/// JSON as a service of JSON reads it.
fn without_marks(value: Value) -> Value {
    let inside = marked(&value, "$map").or(marked(&value, "$blob")).cloned();
    match inside.unwrap_or(value) {
        Value::Array(list) => list.into_iter().map(without_marks).collect(),
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, without_marks(value))).collect(),
        scalar => scalar,
    }
}

/// The body of an answer as JSON; `expected` is what the case compares it with.
pub fn answer(call: &Call, reply: &Reply, expected: Option<&Value>) -> Result<Value, String> {
    let is_error = reply.status >= 400;
    let value = match call.protocol {
        Protocol::AwsJson10 | Protocol::AwsJson11 => json_of(reply)?,
        Protocol::RpcCbor | Protocol::AwsCbor11 => cbor::read(&reply.body)?,
        Protocol::RestJson if is_error => rest_json_error(reply)?,
        Protocol::RestJson => json_of(reply)?,
        Protocol::Query | Protocol::RestXml if is_error => xml_error(reply)?,
        Protocol::Query => result_of(xml::read(&reply.body)?.1),
        Protocol::RestXml => xml::read(&reply.body)?.1,
    };
    Ok(match (call.protocol, expected) {
        (Protocol::Query | Protocol::RestXml, Some(expected)) => text_leaves::like(expected, value),
        _ => value,
    })
}

fn json_of(reply: &Reply) -> Result<Value, String> {
    serde_json::from_slice(&reply.body)
        .map_err(|error| format!("the body is no JSON ({error}): {}", String::from_utf8_lossy(&reply.body)))
}

fn rest_json_error(reply: &Reply) -> Result<Value, String> {
    let mut error = if reply.body.is_empty() { json!({}) } else { json_of(reply)? };
    if let (Some(code), Some(members)) = (reply.header("x-amzn-errortype"), error.as_object_mut()) {
        members.insert("__type".to_owned(), code.into());
    }
    Ok(error)
}

/// `<ErrorResponse><Error>` of forms, `<Error>` of REST.
fn xml_error(reply: &Reply) -> Result<Value, String> {
    if reply.body.is_empty() {
        return Ok(json!({}));
    }
    let (root, mut value) = xml::read(&reply.body)?;
    let mut error = if root == "ErrorResponse" { value["Error"].take() } else { value };
    let Some(members) = error.as_object_mut() else { return Err("the answer has no <Error>".to_owned()) };
    for (name, ours) in [("Code", "__type"), ("Message", "message")] {
        if let Some(value) = members.remove(name) {
            members.insert(ours.to_owned(), value);
        }
    }
    ["Type", "RequestId", "HostId"].iter().for_each(|name| _ = members.remove(*name));
    Ok(error)
}

/// `<XResponse><XResult>`; an operation without output answers no result.
fn result_of(mut response: Value) -> Value {
    let members = response.as_object_mut();
    let result = members.and_then(|members| {
        let name = members.keys().find(|name| name.ends_with("Result"))?.clone();
        members.remove(&name)
    });
    result.unwrap_or_else(|| json!({}))
}
