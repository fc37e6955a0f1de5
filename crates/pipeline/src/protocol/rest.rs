//! What the two REST protocols share: members in path, query and headers, and the status of the answer.

use super::Operation;
use crate::body::refused;
use crate::entry::{Answer, Head};
use crate::http_date;
use crate::request::Request;
use http::{HeaderName, HeaderValue, Uri};
use model::{ApiError, Http, code};
use percent_encoding::percent_decode_str;
use wire::document::{read_text, write_text};
use wire::schema::{Member, Place, Schema, Structure};
use wire::{DecodeError, Document};

/// How well a request fits the method and path of an operation: the more it requires, the better.
pub(crate) fn matches_path(http: &Http, method: &str, uri: &Uri) -> Option<usize> {
    let (path, query) = http.path.split_once('?').unwrap_or((http.path, ""));
    if http.method != method {
        return None;
    }
    let wanted = query.split('&').filter(|wanted| !wanted.is_empty());
    let mut score = 0;
    for wanted in wanted {
        let has = |pair: &str| pair == wanted || pair.split_once('=').is_some_and(|(name, _)| name == wanted);
        uri.query().unwrap_or_default().split('&').find(|pair| has(pair))?;
        score += 100;
    }
    labels(path, uri.path()).map(|labels| score + segments(path).count() * 2 - labels.len())
}

/// The segments of a path; `/a/` and `/a` have the same.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').trim_end_matches('/').split('/').filter(|segment| !segment.is_empty())
}

/// The members in a path, still encoded; `None` where it does not fit.
fn labels<'a>(pattern: &'static str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let mut labels = Vec::new();
    let mut rest = path.strip_prefix('/')?;
    for wanted in segments(pattern) {
        if rest.is_empty() {
            return None;
        }
        let label = wanted.strip_prefix('{').and_then(|label| label.strip_suffix('}'));
        if let Some(greedy) = label.and_then(|label| label.strip_suffix('+')) {
            labels.push((greedy, rest));
            return Some(labels);
        }
        let (segment, after) = rest.split_once('/').unwrap_or((rest, ""));
        match label {
            Some(label) if !segment.is_empty() => labels.push((label, segment)),
            None if segment == wanted => {}
            _ => return None,
        }
        rest = after;
    }
    rest.is_empty().then_some(labels)
}

/// Reads a request: the members of its head, and those that `parse` finds in the body, or in the one member that is
/// the body.
pub(super) fn read(
    operation: &Operation<'_>,
    schema: &'static Structure,
    request: &Request,
    body: &[u8],
    parse: fn(&'static Structure, &[u8]) -> Result<Document, DecodeError>,
) -> Result<Document, ApiError> {
    let mut members = read_head(operation, schema, request)?;
    match payload(schema) {
        Some(member) => {
            let value = match (read_payload(member, body), member.schema) {
                (Some(read), _) => Some(read?),
                (None, Schema::Structure(inner)) if !body.is_empty() => {
                    Some(parse(inner, body).map_err(refused)?)
                }
                _ => None,
            };
            members.extend(value.map(|value| (member.name, value)));
        }
        None => members.extend(members_of_body(schema, &parse(schema, body).map_err(refused)?)),
    }
    Ok(Document::Structure(members))
}

/// The members that are not in the body.
fn read_head(
    operation: &Operation<'_>,
    schema: &'static Structure,
    request: &Request,
) -> Result<Vec<(&'static str, Document)>, ApiError> {
    let path = operation.http.path.split_once('?').map_or(operation.http.path, |(path, _)| path);
    let labels = labels(path, request.uri.path()).unwrap_or_default();
    let query = request.uri.query().unwrap_or_default();
    let mut members = Vec::new();
    for member in schema.members {
        if let (Place::Header, Schema::Map(_)) = (member.place, member.schema) {
            members.extend(prefixed(member, request).map(|map| (member.name, map)));
            continue;
        }
        let texts: Vec<String> = match member.place {
            Place::Path => {
                let found = labels.iter().filter(|(label, _)| *label == member.wire_name);
                found.map(|(_, text)| decoded(text)).collect::<Result<_, _>>()?
            }
            Place::Query => {
                let found = form_urlencoded::parse(query.as_bytes());
                let found = found.filter(|(name, _)| *name == *member.wire_name);
                found.map(|(_, value)| value.into_owned()).collect()
            }
            Place::Header => {
                let found = request.headers.get_all(member.wire_name.to_ascii_lowercase()).iter();
                found.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
            }
            Place::Body | Place::Payload | Place::Status => Vec::new(),
        };
        members.extend(value(member, &texts)?.map(|document| (member.name, document)));
    }
    Ok(members)
}

/// The headers whose names begin with a member's, as a map.
fn prefixed(member: &Member, request: &Request) -> Option<Document> {
    let entries = request.headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(member.wire_name)?;
        let value = std::str::from_utf8(value.as_bytes()).ok()?;
        Some((name.to_owned(), Document::Text(value.to_owned())))
    });
    let entries: Vec<_> = entries.collect();
    (!entries.is_empty()).then_some(Document::Map(entries))
}

fn decoded(text: &str) -> Result<String, ApiError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(|text| text.into_owned()).map_err(|_| ApiError::silent(code::SERIALIZATION))
}

fn value(member: &Member, texts: &[String]) -> Result<Option<Document>, ApiError> {
    let Some(first) = texts.first() else { return Ok(None) };
    let read = match member.schema {
        Schema::List(list) => texts
            .iter()
            .map(|text| read_text(list.element, text))
            .collect::<Result<_, _>>()
            .map(Document::List),
        Schema::Timestamp if member.place == Place::Header => {
            return Ok(http_date::read(first).map(Document::Double));
        }
        schema => read_text(schema, first),
    };
    read.map(Some).map_err(refused)
}

/// The member that is the whole body.
pub(super) fn payload(schema: &'static Structure) -> Option<&'static Member> {
    schema.members.iter().find(|member| member.place == Place::Payload)
}

/// A body that is one member: bytes or a text; `None` for a structure, which each protocol reads as its own.
fn read_payload(member: &Member, body: &[u8]) -> Option<Result<Document, ApiError>> {
    match member.schema {
        Schema::Blob => Some(Ok(Document::Blob(body.to_vec()))),
        Schema::Text => {
            let text = std::str::from_utf8(body).map(|text| Document::Text(text.to_owned()));
            Some(text.map_err(|_| ApiError::silent(code::SERIALIZATION)))
        }
        _ => None,
    }
}

/// What a body that is one member is written as, where it is bytes or a text.
pub(super) fn write_payload(value: &Document) -> Option<Vec<u8>> {
    match value {
        Document::Blob(bytes) => Some(bytes.clone()),
        Document::Text(text) => Some(text.clone().into_bytes()),
        _ => None,
    }
}

/// The answer with the status and headers that the output gives it.
pub(super) fn write_head(
    operation: &Operation<'_>,
    schema: &'static Structure,
    output: &Document,
    body: Vec<u8>,
) -> Answer {
    let Document::Structure(members) = output else { return body.into() };
    let mut head =
        Head { status: operation.http.status, content_type: None, headers: Vec::new(), following: None };
    for (name, value) in members {
        let Some(member) = schema.members.iter().find(|member| member.name == *name) else { continue };
        match (member.place, value) {
            (Place::Status, Document::Integer(status)) => {
                head.status = u16::try_from(*status).unwrap_or(head.status);
            }
            (Place::Header, Document::Map(entries)) => {
                let named = |(name, value): &(String, Document)| {
                    named_header(&format!("{}{name}", member.wire_name), member.schema, value)
                };
                head.headers.extend(entries.iter().filter_map(named));
            }
            (Place::Header, value) if member.wire_name.eq_ignore_ascii_case("content-type") => {
                head.content_type = HeaderValue::from_str(&write_text(member.schema, value)).ok();
            }
            (Place::Header, value) => {
                head.headers.extend(named_header(member.wire_name, member.schema, value));
            }
            _ => {}
        }
    }
    Answer { body, leaving: None, head: Some(Box::new(head)) }
}

fn named_header(name: &str, schema: Schema, value: &Document) -> Option<(HeaderName, HeaderValue)> {
    let text = match (schema, value) {
        (Schema::Timestamp, Document::Double(seconds)) => http_date::write(*seconds),
        _ => write_text(schema, value),
    };
    Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&text).ok()?))
}

/// Only the members of the body.
pub(super) fn body_members(schema: &'static Structure, output: &Document) -> Document {
    Document::Structure(members_of_body(schema, output).collect())
}

fn members_of_body<'d>(
    schema: &'static Structure,
    document: &'d Document,
) -> impl Iterator<Item = (&'static str, Document)> + use<'d> {
    let members = if let Document::Structure(members) = document { &members[..] } else { &[] };
    let is_body = |name: &str| schema.members.iter().any(|m| m.name == name && m.place == Place::Body);
    members.iter().filter(move |(name, _)| is_body(name)).cloned()
}

/// A member of an output.
pub(super) fn member_of<'a>(output: &'a Document, name: &str) -> Option<&'a Document> {
    let Document::Structure(members) = output else { return None };
    members.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_their_members() {
        for (pattern, path, expect) in [
            ("/", "/", Some(vec![])),
            ("/functions/", "/functions", Some(vec![])),
            ("/functions/{Name}/code", "/functions/a%2Fb/code", Some(vec![("Name", "a%2Fb")])),
            ("/functions/{Name}/code", "/functions//code", None),
            ("/functions/{Name}/code", "/functions/a/code/more", None),
            ("/{Bucket}/{Key+}", "/b/k/e//y/", Some(vec![("Bucket", "b"), ("Key", "k/e//y/")])),
            ("/{Bucket}/{Key+}", "/b", None),
            ("/{Bucket}", "/b/", Some(vec![("Bucket", "b")])),
        ] {
            assert_eq!(labels(pattern, path), expect, "{pattern} {path}");
        }
        let http = |path| Http { method: "GET", path, status: 200 };
        let uri: Uri = "/b?acl&x=1".parse().expect("a URI");
        let fits = |path| matches_path(&http(path), "GET", &uri);
        assert!(fits("/{Bucket}?acl") > fits("/{Bucket}") && fits("/{Bucket}").is_some());
        assert_eq!((fits("/{Bucket}?cors"), matches_path(&http("/{Bucket}"), "PUT", &uri)), (None, None));
    }
}
