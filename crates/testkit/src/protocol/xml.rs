//! XML as JSON with text leaves.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// The name of the root element and what it holds.
pub(super) fn read(body: &[u8]) -> Result<(String, Value), String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8".to_owned())?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let (mut children, _) =
        inside(&mut reader).map_err(|why| format!("the body is no XML ({why}): {text}"))?;
    match (children.pop(), children.is_empty()) {
        (Some(root), true) => Ok(root),
        _ => Err(format!("the body has not one root: {text}")),
    }
}

type Children = Vec<(String, Value)>;

/// The elements inside the one that is open, up to its end, and its text.
fn inside(reader: &mut Reader<&[u8]>) -> Result<(Children, String), String> {
    let (mut children, mut whole) = (vec![], String::new());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                let (inner, text) = inside(reader)?;
                children.push((name, value(inner, text)));
            }
            Event::Text(text) => whole.push_str(&text.unescape().map_err(|error| error.to_string())?),
            Event::CData(text) => whole.push_str(&String::from_utf8_lossy(&text)),
            Event::End(_) | Event::Eof => return Ok((children, whole)),
            _ => {}
        }
    }
}

fn value(children: Children, text: String) -> Value {
    let are_all = |wanted: &str| children.iter().all(|(name, _)| name == wanted);
    if children.is_empty() {
        return Value::String(text);
    }
    if are_all("member") {
        return children.into_iter().map(|(_, value)| value).collect();
    }
    if are_all("entry") && children.iter().all(|(_, entry)| entry.get("key").is_some()) {
        let entry = |mut entry: Value| (text_of(&entry["key"]), entry["value"].take());
        return Value::Object(children.into_iter().map(|(_, value)| entry(value)).collect());
    }
    Value::Object(children.into_iter().fold(Map::new(), with))
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The members with one more; several of one name are a list.
fn with(mut members: Map<String, Value>, (name, value): (String, Value)) -> Map<String, Value> {
    let repeated = members.remove(&name);
    let value = match repeated {
        None => value,
        Some(Value::Array(mut list)) => {
            list.push(value);
            Value::Array(list)
        }
        Some(first) => Value::Array(vec![first, value]),
    };
    members.insert(name, value);
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_maps_and_leaves() {
        let body =
            b"<?xml version=\"1.0\"?>\n<R xmlns=\"u\"><L><member><A>1</A></member></L><M><entry><key>k</key>\
                     <value>v&amp;w</value></entry></M><F>a</F><F>b</F><E/></R>";
        let expect = json!({"L": [{"A": "1"}], "M": {"k": "v&w"}, "F": ["a", "b"], "E": ""});
        assert_eq!(read(body).unwrap(), ("R".to_owned(), expect));
        assert!(read(b"<a><b></a>").is_err());
    }
}
