use super::*;
use crate::json::DecodeError;
use crate::schema::{List, Map, Member, Schema, Structure};

static POINT: Structure = Structure {
    class: "com.example.Point",
    members: &[
        Member::new("Name", Schema::Text),
        Member::new("Time", Schema::Timestamp),
        Member::new("Inner", Schema::Structure(&POINT)),
    ],
};
static POINTS: List =
    List { element: Schema::Structure(&POINT), element_name: "member", is_flattened: false };
static NAMES: List = List { element: Schema::Text, element_name: "Item", is_flattened: true };
static TAGS: Map = Map { value: Schema::Text, entry_names: ("key", "value"), is_flattened: false };
static SAMPLE: Structure = Structure {
    class: "com.example.Sample",
    members: &[
        Member::new("Flag", Schema::Boolean),
        Member::new("Count", Schema::Integer),
        Member::new("Part", Schema::Double),
        Member::new("Bytes", Schema::Blob),
        Member::new("Points", Schema::List(&POINTS)),
        Member::new("Names", Schema::List(&NAMES)).named("N"),
        Member::new("Tags", Schema::Map(&TAGS)),
    ],
};

fn text(text: &str) -> Document {
    Document::Text(text.into())
}

fn sample() -> Document {
    let point = Document::Structure(vec![("Name", text("a & <b>\u{1}")), ("Time", Document::Double(1.5))]);
    Document::Structure(vec![
        ("Flag", Document::Bool(true)),
        ("Count", Document::Integer(-7)),
        ("Part", Document::Double(0.25)),
        ("Bytes", Document::Blob(b"\0\xff".into())),
        ("Points", Document::List(vec![point, Document::Structure(Vec::new())])),
        ("Names", Document::List(vec![text("x"), text("y")])),
        ("Tags", Document::Map(vec![("k".into(), text("v"))])),
    ])
}

#[test]
fn json_there_and_back() {
    let mut out = Vec::new();
    write_json(&sample(), &mut out);
    assert_eq!(
        std::str::from_utf8(&out),
        Ok(
            r#"{"Flag":true,"Count":-7,"Part":0.25,"Bytes":"AP8=","Points":[{"Name":"a & <b>\u0001","Time":1.5},{}],"Names":["x","y"],"Tags":{"k":"v"}}"#
        )
    );
    assert_eq!(read_json(&SAMPLE, &out), Ok(sample()));
    let more = br#"{"Count":1,"Unknown":[{"a":{}}],"Part":null,"Count":2}"#;
    let expect = Document::Structure(vec![("Count", Document::Integer(2))]);
    assert_eq!(read_json(&SAMPLE, more), Ok(expect));
}

#[test]
fn json_of_other_types_is_refused_in_words() {
    for (body, expect) in [
        ("{", DecodeError::Syntax),
        (r#"{"Count":"x"}"#, DecodeError::Type("STRING_VALUE cannot be converted to Long".into())),
        ("[]", DecodeError::Type("Unrecognized collection type class com.example.Sample".into())),
        (&"[".repeat(100_000), DecodeError::Syntax),
    ] {
        assert_eq!(read_json(&SAMPLE, body.as_bytes()), Err(expect), "{body:.40}");
    }
    let deep = |levels| format!("{}{{}}{}", r#"{"Inner":"#.repeat(levels), "}".repeat(levels));
    assert!(read_json(&POINT, deep(DEPTH_MAX - 1).as_bytes()).is_ok());
    assert_eq!(read_json(&POINT, deep(DEPTH_MAX).as_bytes()), Err(DecodeError::Type(String::new())));
}

#[test]
fn cbor_there_and_back() {
    let mut out = Vec::new();
    write_cbor(Schema::Structure(&SAMPLE), &sample(), &mut out);
    assert_eq!(read_cbor(&SAMPLE, &out), Some(sample()));
    // {_ "Names": [_ (_ "x"), "y"], "No": 1(0), "Count": 2.0, "Flag": null}
    let indefinite =
        b"\xbf\x65Names\x9f\x7f\x61x\xff\x61y\xff\x62No\xc1\x00\x65Count\xf9\x40\x00\x64Flag\xf6\xff";
    let expect = Document::Structure(vec![
        ("Names", Document::List(vec![text("x"), text("y")])),
        ("Count", Document::Integer(2)),
    ]);
    assert_eq!(read_cbor(&SAMPLE, indefinite), Some(expect));
}

#[test]
fn cbor_that_lies_is_refused() {
    let nested = |head: &[u8], levels: usize| head.repeat(levels);
    for body in [
        &b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff"[..], // a map of 2^64 - 1 entries
        b"\xa1\x65Names\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x61x", // a list of as many
        b"\xa1\x65Names\x81\x7b\xff\xff\xff\xff\xff\xff\xff\xff", // a text of as many bytes
        b"\xa1\x65Names\x9f\x61x",                    // a list without its end
        b"\xa1\x65Names\x81\x61\xff",                 // a text that is no UTF-8
        b"\xa1\x65Count\x1b\xff\xff\xff\xff\xff\xff\xff\xff", // too large for its type
        b"\xa1\x65Count\x61x",
        b"\xa0\xa0", // two values
        b"\xff",
        b"\x80",
        &nested(b"\xa1\x65Inner", 100_000),
        &[&b"\xa1\x62No"[..], &nested(b"\x81", 100_000)].concat(),
        &[&b"\xa1\x62No"[..], &nested(b"\xc1", 100_000)].concat(),
        &[&b"\xa1\x62No"[..], &nested(b"\x9f", 100_000)].concat(),
    ] {
        assert_eq!(read_cbor(&SAMPLE, body), None, "{:x?}", &body[..body.len().min(20)]);
    }
}

#[test]
fn forms_name_members_and_places() {
    let form = "Flag=true&Count=-7&Part=0.25&Bytes=AP8%3D&Points.member.10.Name=c&Points.member.2.Name=b+b&\
                Points.member.2.Time=1970-01-01T00:00:01.5Z&N.2=y&N.1=x&Tags.entry.1.key=k&Tags.entry.1.value=v";
    let point = |members| Document::Structure(members);
    let expect = Document::Structure(vec![
        ("Flag", Document::Bool(true)),
        ("Count", Document::Integer(-7)),
        ("Part", Document::Double(0.25)),
        ("Bytes", Document::Blob(b"\0\xff".into())),
        (
            "Points",
            Document::List(vec![
                point(vec![("Name", text("b b")), ("Time", Document::Double(1.5))]),
                point(vec![("Name", text("c"))]),
            ]),
        ),
        ("Names", Document::List(vec![text("x"), text("y")])),
        ("Tags", Document::Map(vec![("k".into(), text("v"))])),
    ]);
    let read = |form: &str| Form::read(form.as_bytes()).expect("few parameters").document(&SAMPLE);
    assert_eq!(read(form), Ok(expect));
    assert_eq!(read("Points="), Ok(Document::Structure(vec![("Points", Document::List(Vec::new()))])));
    assert_eq!(read("Points.member.x.Name=a&Unknown=1&&=&%zz"), Ok(Document::Structure(Vec::new())));
    assert_eq!(read("Flag=maybe"), Err(DecodeError::Type("boolean must follow xsd1.1 definition".into())));
    assert!(Form::read("a=b&".repeat(PARAMETERS_FAR_TOO_MANY).as_bytes()).is_none());
    let deep = format!("{}Name=x", "Inner.".repeat(10_000));
    let read = Form::read(deep.as_bytes()).expect("one parameter").document(&POINT);
    assert_eq!(read, Err(DecodeError::Type(String::new())));
}

const PARAMETERS_FAR_TOO_MANY: usize = 20_000;

#[test]
fn xml_there_and_back() {
    let mut xml = XmlWriter::with_declaration();
    xml.element("Sample", "http://example.com/", |xml| xml.members(&SAMPLE, &sample()));
    let written = String::from_utf8(xml.into_bytes()).expect("UTF-8");
    assert_eq!(
        written,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Sample xmlns=\"http://example.com/\"><Flag>true</Flag>\
         <Count>-7</Count><Part>0.25</Part><Bytes>AP8=</Bytes><Points><member><Name>a &amp; &lt;b&gt;&#x1;</Name>\
         <Time>1970-01-01T00:00:01.500Z</Time></member><member></member></Points><N>x</N><N>y</N><Tags><entry>\
         <key>k</key><value>v</value></entry></Tags></Sample>"
    );
    assert_eq!(read_xml(&SAMPLE, written.as_bytes()), Ok(sample()));
    let other = "<x:S xmlns:x='y'> <!-- none --> <No><deep>er</deep>s<x/></No><Count>1</Count>\n<Flag><![CDATA[true]]></Flag></x:S>";
    let expect = Document::Structure(vec![("Count", Document::Integer(1)), ("Flag", Document::Bool(true))]);
    assert_eq!(read_xml(&SAMPLE, other.as_bytes()), Ok(expect));
}

#[test]
fn xml_bombs_are_refused() {
    for body in [
        "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><S><N>&b;</N></S>",
        "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><S/>",
        "<S><N>&undefined;</N></S>",
        "<S><Count>1</Flag></S>",
        "<S>",
        "<S></S><S></S>",
        "text",
        "<?php ?><S></S>",
        &"<Inner>".repeat(50_000),
        &format!("<S>{}</S>", "<N>x</N>".repeat(100_000)),
    ] {
        assert_eq!(read_xml(&SAMPLE, body.as_bytes()), Err(DecodeError::Syntax), "{body:.60}");
    }
}
