//! The exchanges of real clients, recorded: every frame is found, every key, item, number and expression is read, and
//! what was read is written as it was.

use dax::codec::expression::Placeholders;
use dax::codec::{Framer, Method, Preamble, Reader, item, key, number, value};
use engine::{KeyAttribute, KeySchema, KeyType};
use serde_json::Value;
use std::fmt::Write as _;
use types::Number;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/vectors.json")).expect("the fixture is JSON")
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// The key schema of a recorded table.
fn schema(vectors: &Value, table: &str) -> KeySchema {
    let attributes = vectors["tables"][table]["key_schema"].as_array().expect("a schema");
    let mut attributes = attributes.iter().map(|attribute| KeyAttribute {
        name: attribute[0].as_str().expect("a name").to_owned(),
        ty: KeyType::from_tag(attribute[1].as_str().expect("a type")).expect("a key's type"),
    });
    KeySchema { hash: attributes.next().into_iter().collect(), range: attributes.collect() }
}

/// Each exchange of each client: the capture, the request and the response.
fn exchanges(vectors: &Value) -> impl Iterator<Item = (&Value, Vec<u8>, Vec<u8>)> {
    let captures = vectors["captures"].as_object().expect("captures");
    captures.values().flat_map(|capture| {
        let vectors = capture["vectors"].as_array().into_iter().flatten();
        let exchanges = vectors.flat_map(|vector| vector["exchanges"].as_array().into_iter().flatten());
        exchanges.map(move |exchange| {
            let bytes = |name: &str| hex(exchange[name].as_str().expect("digits"));
            (capture, bytes("request_hex"), bytes("response_hex"))
        })
    })
}

#[test]
fn every_request_is_a_frame_in_any_two_pieces() {
    let vectors = vectors();
    let mut seen = Vec::new();
    for (_, request, response) in exchanges(&vectors) {
        for cut in 0..request.len() {
            let mut framer = Framer::default();
            assert_eq!(framer.next(&request[..cut]), Ok(None));
            let frame = framer.next(&request).expect("a request").expect("a whole one");
            assert_eq!(frame.len, request.len());
            seen.push(frame.method);
        }
        let mut reader = Reader::new(&response);
        while !reader.is_at_end() {
            reader.skip().expect("a value");
        }
    }
    for (method, ..) in Method::ALL {
        let is_of_connection = matches!(method, Method::AuthorizeConnection | Method::Endpoints);
        assert!(is_of_connection || seen.contains(&method), "{method:?}");
    }
}

#[test]
fn every_preamble_is_read() {
    let vectors = vectors();
    let mut agents = Vec::new();
    for (name, capture) in vectors["captures"].as_object().expect("captures") {
        let frames = capture["connection"].as_array().expect("frames");
        for frame in frames {
            let bytes = hex(frame["request_hex"].as_str().expect("digits"));
            if frame["id"].as_str().is_some_and(|id| id == format!("{name}-preamble")) {
                let (preamble, len) = Preamble::read(&bytes).expect("a preamble").expect("a whole one");
                assert_eq!(len, bytes.len());
                (0..len).for_each(|cut| assert_eq!(Preamble::read(&bytes[..cut]), Ok(None)));
                agents.push(preamble.user_agent);
            } else {
                let frame = Framer::default().next(&bytes).expect("a request").expect("a whole one");
                assert_eq!(frame.len, bytes.len());
            }
        }
    }
    agents.sort();
    let known = ["DaxGoClient-1.2.13", "DaxJSClient-1.2.10", "DaxJSV3Client-3.1.0", "DaxPythonClient-2.1.0"];
    assert_eq!(agents, known);
}

#[test]
fn numbers_are_read_in_every_spelling() {
    let vectors = vectors();
    let numbers = vectors["numbers"].as_array().expect("numbers");
    let table = KeySchema {
        hash: vec![KeyAttribute { name: "p".into(), ty: KeyType::S }],
        range: vec![KeyAttribute { name: "s".into(), ty: KeyType::N }],
    };
    for row in numbers {
        let text = row["number"].as_str().expect("a number");
        let Ok(parsed) = Number::parse(text) else { panic!("{text}") };
        for form in ["python_cbor_hex", "js_cbor_hex"] {
            let Some(digits) = row[form].as_str() else { continue };
            let bytes = hex(digits);
            let mut reader = Reader::new(&bytes);
            assert_eq!(number::read(&mut reader), Ok(Ok(parsed)), "{text} {form}");
            assert!(reader.is_at_end());
        }
        let sort = hex(row["lexdecimal_hex"].as_str().expect("digits"));
        let found = key::read(&table, &[&[0x61, b'a'], &sort[..]].concat()).expect(text);
        assert_eq!(found.get("s"), Some(types::ValueRef::N(parsed)), "{text}");
        // Trailing zeros are the client's own and say nothing.
        if parsed.to_string() == text {
            let mut written = Vec::new();
            key::put(&mut written, &table, found.as_ref());
            assert_eq!(written[2..], sort, "{text}");
        }
    }
    assert!(numbers.len() > 40);
}

/// Whether values have nothing that may be spelled or ordered in several ways: decimal fractions, sets, maps of
/// several.
fn has_one_spelling(values: &[u8]) -> bool {
    let is_free = |pair: &[u8]| pair == [0xc4, 0x82] || pair == [0xd9, 0x0c];
    !values.windows(2).any(is_free) && !values.iter().any(|byte| (0xa2..=0xb7).contains(byte))
}

#[test]
fn items_are_written_as_they_were_read() {
    let vectors = vectors();
    let (mut requests, mut responses) = (0, 0);
    for (capture, request, response) in exchanges(&vectors) {
        let frame = Framer::default().next(&request).expect("a request").expect("a whole one");
        let mut arguments = frame.arguments(&request);
        let is_js = capture["client"].to_string().contains("npm");
        let check = |table: &str, key_bytes: &[u8], values: &[u8], is_exact: bool| {
            let schema = schema(&vectors, table);
            let key = key::read(&schema, key_bytes).expect("a key");
            let (list, rest) = item::split(values).expect("an id");
            let names = capture["attribute_lists"][list.to_string()].as_array();
            let names = names.into_iter().flatten().map(|name| name.as_str().expect("a name"));
            let read = item::read(names, rest, key.as_ref()).expect("an item");
            assert_eq!(read.fault, None);
            let (mut written, mut key_written) = (Vec::new(), Vec::new());
            item::put(&mut written, &schema, list, read.item.as_ref());
            key::put(&mut key_written, &schema, read.item.as_ref());
            assert_eq!(key::read(&schema, &key_written).as_ref(), Ok(&key));
            if is_exact {
                assert_eq!(written, values, "{table}");
            }
        };
        match frame.method {
            Method::PutItem => {
                let table = std::str::from_utf8(arguments.bytes().expect("a table")).expect("a name");
                let (key, values) = (arguments.bytes().expect("a key"), arguments.bytes().expect("values"));
                check(table, key, values, !is_js && has_one_spelling(values));
                requests += 1;
            }
            Method::GetItem => {
                let table = std::str::from_utf8(arguments.bytes().expect("a table")).expect("a name");
                let key = arguments.bytes().expect("a key");
                let mut answer = Reader::new(&response);
                if answer.array().expect("codes").announced() != Some(0) || answer.take_null().expect("more")
                {
                    continue;
                }
                let mut left = answer.map().expect("a map");
                while left.next(&mut answer).expect("a member") {
                    match (answer.int(), answer.bytes()) {
                        (Ok(0), Ok(values)) => {
                            check(table, key, values, has_one_spelling(values));
                            responses += 1;
                        }
                        (Ok(0), Err(_)) => break, // a projection
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    assert!(requests > 20 && responses > 10, "{requests} {responses}");
}

#[test]
fn expressions_are_written_as_text() {
    let vectors = vectors();
    let mut texts = String::new();
    for row in vectors["expressions"].as_array().expect("expressions") {
        let kind = row["kind"].as_str().expect("a kind");
        let write = |bytes: &[u8]| {
            let mut placeholders = Placeholders::default();
            let text = match kind {
                "Update" => placeholders.update(bytes),
                "Projection" => placeholders.projection(bytes).map(|(text, _)| text),
                _ => placeholders.condition(bytes),
            };
            let (text, names) = (text.expect("an expression"), placeholders.names().unwrap_or_default());
            let values = placeholders.into_values().unwrap_or_default();
            let values: Vec<_> =
                values.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect();
            (text, names, values)
        };
        let (text, names, values) = write(&hex(row["compiled_hex"].as_str().expect("digits")));
        writeln!(texts, "{}\n    {text} {names:?} {values:?}", row["expression"].as_str().expect("a text"))
            .expect("room");
        if let Some(other) = row["js_compiled_hex"].as_str() {
            let (same, ..) = write(&hex(other));
            assert_eq!(
                same.replace(|c: char| c.is_ascii_digit(), ""),
                text.replace(|c: char| c.is_ascii_digit(), "")
            );
        }
    }
    assert_eq!(texts, include_str!("../fixtures/expressions.txt"), "{texts}");
}

#[test]
fn values_of_any_bytes_are_read_or_refused() {
    let vectors = vectors();
    for (_, request, _) in exchanges(&vectors) {
        for at in 0..request.len() {
            _ = value::read(&mut Reader::new(&request[at..]));
            _ = Placeholders::default().condition(&request[at..]);
            _ = Placeholders::default().update(&request[at..]);
        }
    }
}
