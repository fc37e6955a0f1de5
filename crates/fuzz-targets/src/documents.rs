//! Any body of a service's request is read or refused, in every protocol, and what was read says the same when it is
//! written and read again.

use wire::document::{Document, Form, XmlWriter, read_cbor, read_json, read_xml, write_cbor, write_json};
use wire::schema::{List, Map, Member, Schema, Structure};

/// A shape of every type, which lies in itself.
static SHAPE: Structure = Structure {
    class: "com.example.Shape",
    members: &[
        Member::new("Flag", Schema::Boolean),
        Member::new("Count", Schema::Integer),
        Member::new("Part", Schema::Double),
        Member::new("Time", Schema::Timestamp),
        Member::new("Name", Schema::Text),
        Member::new("Bytes", Schema::Blob),
        Member::new("Inner", Schema::Structure(&SHAPE)),
        Member::new("List", Schema::List(&LIST)),
        Member::new("Names", Schema::List(&NAMES)).named("N"),
        Member::new("Tags", Schema::Map(&TAGS)),
    ],
};
static LIST: List = List { element: Schema::Structure(&SHAPE), element_name: "member", is_flattened: false };
static NAMES: List = List { element: Schema::Text, element_name: "Item", is_flattened: true };
static TAGS: Map = Map { value: Schema::Integer, entry_names: ("key", "value"), is_flattened: false };

/// The body of a request, in every protocol.
pub fn documents(body: &[u8]) {
    if let Ok(document) = read_json(&SHAPE, body) {
        let write = |document: &Document| written(|out| write_json(document, out));
        let once = write(&document);
        let again = read_json(&SHAPE, &once).expect("what was written is JSON of the shape");
        assert_eq!(write(&again), once);
    }
    if let Some(document) = read_cbor(&SHAPE, body) {
        let write = |document: &Document| written(|out| write_cbor(Schema::Structure(&SHAPE), document, out));
        let once = write(&document);
        let again = read_cbor(&SHAPE, &once).expect("what was written is CBOR of the shape");
        assert_eq!(write(&again), once);
    }
    for document in [read_xml(&SHAPE, body).ok(), form(body)].into_iter().flatten() {
        let mut xml = XmlWriter::with_declaration();
        xml.element("Shape", "", |inside| inside.members(&SHAPE, &document));
        let _ = read_xml(&SHAPE, &xml.into_bytes());
    }
}

fn form(body: &[u8]) -> Option<Document> {
    Form::read(body)?.document(&SHAPE).ok()
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mutations::each;

    const JSON: &str = r#"{"Flag":true,"Count":-7,"Part":0.25,"Time":1.5e9,"Name":"a & <b>","Bytes":"AP8=","Inner":{"List":[{},{"Names":["x","y"]}]},"Tags":{"k":3}}"#;

    #[test]
    fn damaged_json_and_cbor() {
        let document = read_json(&SHAPE, JSON.as_bytes()).expect("the sample is of the shape");
        let cbor = written(|out| write_cbor(Schema::Structure(&SHAPE), &document, out));
        each(&[JSON.as_bytes(), &cbor], 5_000, documents);
    }

    #[test]
    fn damaged_xml_and_forms() {
        let samples: [&[u8]; 3] = [
            b"<Shape xmlns=\"x\"><Flag>true</Flag><Count>7</Count><Inner><N>a&amp;b</N><N/></Inner><List><member/></List></Shape>",
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><Shape><Name><![CDATA[x]]>&b;</Name><Tags><entry><key>k</key><value>1</value></entry></Tags></Shape>",
            b"Flag=true&Count=1&Inner.List.member.1.Name=a%20b&N.1=x&N.3=z&Tags.entry.1.key=k&Tags.entry.1.value=2",
        ];
        each(&samples, 5_000, documents);
    }
}
