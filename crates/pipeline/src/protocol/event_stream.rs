//! Answers that go on with events: a message for the output, then one for each event, in the syntax of the protocol.
//!
//! ```text
//! message:  length u32 | length of the headers u32 | CRC-32 of both | headers | payload | CRC-32 of all before
//! header:   length u8 | name | 7 | length u16 | value                                  integers big-endian
//! ```

use super::Protocol;
use crate::entry::{Answer, Head};
use crate::respond::Following;
use bytes::Bytes;
use http::HeaderValue;
use wire::Document;
use wire::document::{DocumentEvents, write_cbor_in_millis, write_json};
use wire::schema::{Schema, Structure};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("application/vnd.amazon.eventstream");
/// Lengths and checksums of a message.
const FRAME_BYTES: usize = 16;
/// The type of a header that is a text.
const TEXT: u8 = 7;

/// The answer of an output, which is written already, and of the events behind it.
pub(crate) fn answer(protocol: Protocol, output: &[u8], events: DocumentEvents) -> Answer {
    let content_type = content_type(protocol);
    let body = message(&event_of("initial-response", content_type), output);
    let DocumentEvents { schema, mut next } = events;
    let following = Following::of(move |context| {
        next(context).map(|event| event.map(|event| Bytes::from(written(protocol, schema, event))))
    });
    let (status, content_type, headers) = (200, Some(EVENT_STREAM), Vec::new());
    let head = Some(Box::new(Head { status, content_type, headers, following: Some(following) }));
    Answer { body, leaving: None, head }
}

/// An event: the one member that is there. Those that are errors are exceptions.
fn written(protocol: Protocol, schema: &'static Structure, event: Document) -> Vec<u8> {
    let content_type = content_type(protocol);
    let Document::Structure(mut members) = event else { return Vec::new() };
    let Some((name, content)) = members.pop() else { return Vec::new() };
    let inner = schema.members.iter().find(|member| member.name == name);
    let payload = payload(protocol, inner.map(|member| member.schema), &content);
    match name.ends_with("Exception") {
        true => message(&exception(name, content_type), &payload),
        false => message(&event_of(name, content_type), &payload),
    }
}

fn payload(protocol: Protocol, schema: Option<Schema>, content: &Document) -> Vec<u8> {
    let mut payload = Vec::new();
    match (protocol, schema) {
        (Protocol::AwsCbor11, Some(schema)) => write_cbor_in_millis(schema, content, &mut payload),
        _ => write_json(content, &mut payload),
    }
    payload
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AwsJson10 => "application/x-amz-json-1.0",
        Protocol::AwsCbor11 => "application/x-amz-cbor-1.1",
        _ => "application/x-amz-json-1.1",
    }
}

type Headers<'a> = [(&'static str, &'a str); 3];

fn event_of<'a>(name: &'a str, content_type: &'a str) -> Headers<'a> {
    [(":message-type", "event"), (":event-type", name), (":content-type", content_type)]
}

fn exception<'a>(name: &'a str, content_type: &'a str) -> Headers<'a> {
    [(":message-type", "exception"), (":exception-type", name), (":content-type", content_type)]
}

fn message(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let headers = headers.iter().flat_map(|(name, value)| header(name, value)).collect::<Vec<u8>>();
    let length = FRAME_BYTES + headers.len() + payload.len();
    let mut message = Vec::with_capacity(length);
    message.extend_from_slice(&(length as u32).to_be_bytes());
    message.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message.extend_from_slice(&headers);
    message.extend_from_slice(payload);
    message.extend_from_slice(&crc32fast::hash(&message).to_be_bytes());
    message
}

fn header(name: &str, value: &str) -> Vec<u8> {
    let mut header = vec![name.len() as u8];
    header.extend_from_slice(name.as_bytes());
    header.push(TEXT);
    header.extend_from_slice(&(value.len() as u16).to_be_bytes());
    header.extend_from_slice(value.as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};
    use wire::schema::Member;

    static ROW: Structure = Structure { class: "Row", members: &[Member::new("N", Schema::Integer)] };
    static EVENT: Structure = Structure {
        class: "Event",
        members: &[
            Member::new("Row", Schema::Structure(&ROW)),
            Member::new("GoneException", Schema::Structure(&ROW)),
        ],
    };

    fn following(protocol: Protocol, mut events: Vec<Document>) -> (Vec<u8>, Vec<Vec<u8>>) {
        let next = Box::new(move |_: &mut Context<'_>| Poll::Ready(events.pop()));
        let answer = answer(protocol, b"{}", DocumentEvents { schema: &EVENT, next });
        let mut following = answer.head.unwrap().following.unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let mut messages = Vec::new();
        while let Poll::Ready(Some(message)) = following.poll_next(&mut context) {
            messages.push(message.to_vec());
        }
        (answer.body, messages)
    }

    fn event(name: &'static str) -> Document {
        Document::Structure(vec![(name, Document::Structure(vec![("N", Document::Integer(7))]))])
    }

    fn has(message: &[u8], part: &str) -> bool {
        String::from_utf8_lossy(message).contains(part)
    }

    #[test]
    fn messages_have_lengths_and_checksums() {
        let bytes = |hex: &str| -> Vec<u8> {
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
        };
        assert_eq!(message(&[], b""), bytes("000000100000000005c248eb7d98c8ff"));
        assert_eq!(
            message(&[], b"{'foo':'bar'}"),
            bytes("0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936")
        );
    }

    #[test]
    fn the_output_comes_first_and_then_the_events() {
        let (body, messages) = following(Protocol::AwsJson11, vec![event("GoneException"), event("Row")]);
        assert!(has(&body, ":event-type\u{7}\0\u{10}initial-response") && has(&body, "{}"));
        assert_eq!(messages.len(), 2);
        assert!(has(&messages[0], ":event-type\u{7}\0\u{3}Row") && has(&messages[0], "{\"N\":7}"));
        assert!(has(&messages[1], ":exception-type\u{7}\0\rGoneException"));
        let (_, messages) = following(Protocol::AwsCbor11, vec![event("Row")]);
        assert!(has(&messages[0], "application/x-amz-cbor-1.1"));
        assert!(messages[0].windows(3).any(|bytes| bytes == b"\x61N\x07"), "{messages:?}");
    }
}
