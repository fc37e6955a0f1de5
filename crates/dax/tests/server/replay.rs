//! What real clients asked a recorded server, asked again: the answers mean the same.

use super::world::{Client, World, hex, values_of_answer, vectors};
use dax::Limits;
use dax::codec::Reader;
use identity::Strictness;
use serde_json::Value as Json;

/// What an answer says: the order of maps and sets is free, and so are figures.
#[derive(Debug, PartialEq, PartialOrd)]
enum Meaning {
    Atom(Vec<u8>),
    Text(String),
    Array(Vec<Meaning>),
    Map(Vec<(Meaning, Meaning)>),
    /// A set, its elements sorted.
    Set(u64, Vec<Meaning>),
    /// Bytes that hold values again.
    Nested(Vec<Meaning>),
    Float,
}

const SETS: [u64; 3] = [3321, 3322, 3323];
const MAP_UNTIL_BREAK: u8 = 0xbf;

fn meanings(bytes: &[u8]) -> Option<Vec<Meaning>> {
    let (mut reader, mut all) = (Reader::new(bytes), Vec::new());
    while !reader.is_at_end() {
        all.push(meaning(&mut reader)?);
    }
    Some(all)
}

fn sorted<T: PartialOrd>(mut all: Vec<T>) -> Vec<T> {
    all.sort_by(|a, b| a.partial_cmp(b).expect("no floats"));
    all
}

fn meaning(reader: &mut Reader<'_>) -> Option<Meaning> {
    let first = *reader.rest().first()?;
    Some(match first >> 5 {
        2 => {
            let bytes = reader.bytes().ok()?;
            let holds_values = |all: &Vec<Meaning>| all.len() > 1 || bytes.first() == Some(&MAP_UNTIL_BREAK);
            match meanings(bytes).filter(holds_values) {
                Some(all) => Meaning::Nested(all),
                None => Meaning::Atom(bytes.to_vec()),
            }
        }
        3 => Meaning::Text(reader.text().ok()?.to_owned()),
        4 => Meaning::Array(elements(reader)?),
        5 => {
            let (mut left, mut entries) = (reader.map().ok()?, Vec::new());
            while left.next(reader).ok()? {
                entries.push((meaning(reader)?, meaning(reader)?));
            }
            Meaning::Map(sorted(entries))
        }
        6 if set(reader).is_some() => {
            let tag = set(reader)?;
            *reader = Reader::new(&reader.rest()[3..]);
            Meaning::Set(tag, sorted(elements(reader)?))
        }
        _ => {
            let atom = reader.skip().ok()?;
            if first == 0xfb { Meaning::Float } else { Meaning::Atom(atom.to_vec()) }
        }
    })
}

fn elements(reader: &mut Reader<'_>) -> Option<Vec<Meaning>> {
    let (mut left, mut elements) = (reader.array().ok()?, Vec::new());
    while left.next(reader).ok()? {
        elements.push(meaning(reader)?);
    }
    Some(elements)
}

/// The tag of the set that is next.
fn set(reader: &Reader<'_>) -> Option<u64> {
    let head = reader.rest().get(..3)?;
    let tag = u64::from(head[1]) << 8 | u64::from(head[2]);
    (head[0] == 0xd9 && SETS.contains(&tag)).then_some(tag)
}

/// What of an answer is the same on every server: no capacity, no sizes of collections, no id and no text of an error.
fn essence(answer: &[u8]) -> Option<Vec<Meaning>> {
    let mut all = meanings(answer)?;
    if all.first() != Some(&Meaning::Array(Vec::new())) {
        let Some(Meaning::Array(info)) = all.get_mut(2) else { return None };
        info.remove(0); // the id of the request
        all.remove(1);
        return Some(all);
    }
    all.truncate(2);
    match all.get_mut(1) {
        Some(Meaning::Map(entries)) => {
            entries.retain(|(member, _)| !matches!(member, Meaning::Atom(number) if number[..] == [1] || number[..] == [3]));
        }
        // Of batches and transactions: what was consumed follows.
        Some(Meaning::Array(parts)) => parts.truncate(1),
        _ => {}
    }
    Some(all)
}

/// Gives the lists the numbers that they have in the recording.
async fn define_lists(client: &mut Client, capture: &Json) {
    let lists = capture["attribute_lists"].as_object().expect("lists");
    for number in 2..=lists.len() {
        let names = lists[&number.to_string()].as_array().expect("names");
        let mut request = hex("013a495927bb");
        dax::codec::writer::put_array(&mut request, names.len());
        for name in names {
            dax::codec::writer::put_text(&mut request, name.as_str().expect("a name"));
        }
        assert_eq!(client.ask(&request, 1).await, Some(vec![0x80, number as u8]));
    }
}

/// What the recorded server decided otherwise than DynamoDB: what it left unprocessed, which items are of a segment,
/// that an update may name a set twice, and that a page which its limit ends at the last item has no next one.
fn is_free(vector: &Json) -> bool {
    let id = vector["id"].as_str().expect("an id");
    ["unprocessed", "scan-segment", "py-update-all-new", "query-esk", "query-index-esk"]
        .iter()
        .any(|free| id.contains(free))
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_requests_are_answered_alike() {
    let vectors = vectors();
    let (mut same, mut other) = (0, Vec::new());
    for (name, capture) in vectors["captures"].as_object().expect("captures") {
        for vector in capture["vectors"].as_array().into_iter().flatten().filter(|vector| !is_free(vector)) {
            let world = World::start(Strictness::Off, Limits::default()).await;
            world.create_tables(&vectors).await;
            let mut client = world.client().await;
            define_lists(&mut client, capture).await;
            for (table, items) in vector["items_before"].as_object().into_iter().flatten() {
                for item in items.as_array().expect("items") {
                    world.put(table, item).await;
                }
            }
            for exchange in vector["exchanges"].as_array().expect("exchanges") {
                let request = hex(exchange["request_hex"].as_str().expect("digits"));
                let expected = hex(exchange["response_hex"].as_str().expect("digits"));
                let method = exchange["method"].as_str().expect("a method");
                let answer = client.ask(&request, values_of_answer(method)).await.expect("an answer");
                let (answer, expected) = (essence(&answer), essence(&expected));
                if answer == expected {
                    same += 1;
                } else {
                    other.push(format!("{name} {} {method}\n   {answer:?}\n   {expected:?}", vector["id"]));
                }
            }
        }
    }
    assert!(other.is_empty(), "{same} alike, {} not:\n{}", other.len(), other.join("\n"));
    assert!(same > 100, "{same}");
}
