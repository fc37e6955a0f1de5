//! Type errors in DynamoDB's words, syntax, and that no body can hurt the reader.

use super::*;
use crate::attribute::{AttributeValue, Attributes};
use std::collections::BTreeMap;

/// A structure with a member of every kind.
#[derive(Debug, Default, PartialEq)]
struct Sample {
    text: Option<String>,
    flag: Option<bool>,
    limit: Option<i64>,
    units: Option<i64>,
    names: Option<Vec<String>>,
    inner: Option<Inner>,
    inners: Option<Vec<Inner>>,
    tables: Option<BTreeMap<String, Inner>>,
    writes: Option<BTreeMap<String, Vec<Inner>>>,
    keys: Option<Vec<Attributes>>,
    item: Option<Attributes>,
    value: Option<AttributeValue>,
}

#[derive(Debug, Default, PartialEq)]
struct Inner {
    name: Option<String>,
}

impl Structure for Inner {
    const CLASS: &'static str = "com.example.Inner";

    fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        if name == "Name" {
            self.name = reader.optional()?;
        }
        Ok(name == "Name")
    }
}

impl Structure for Sample {
    const CLASS: &'static str = "com.example.SampleInput";

    fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
        match name {
            "Text" => self.text = reader.optional()?,
            "Flag" => self.flag = reader.optional()?,
            "Limit" => self.limit = reader.optional_integer()?,
            "Units" => self.units = reader.optional()?,
            "Names" => self.names = reader.optional()?,
            "Inner" => self.inner = reader.optional()?,
            "Inners" => self.inners = reader.optional()?,
            "Tables" => self.tables = reader.optional()?,
            "Writes" => self.writes = reader.optional()?,
            "Keys" => self.keys = reader.optional()?,
            "Item" => self.item = reader.optional()?,
            "Value" => self.value = reader.optional()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn read(body: &str) -> Result<Sample, DecodeError> {
    decode(body.as_bytes())
}

#[test]
fn wrong_types_are_named_in_dynamodbs_words() {
    let structure_found = "Start of structure or map found where not expected";
    let bad_cast = "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class \
        java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module \
        java.base of loader 'bootstrap')";
    for (body, message) in [
        (r#"{"Text":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (r#"{"Text":1.5}"#, "DECIMAL_VALUE cannot be converted to String"),
        (r#"{"Text":1e5}"#, "DECIMAL_VALUE cannot be converted to String"),
        (r#"{"Text":true}"#, "TRUE_VALUE cannot be converted to String"),
        (r#"{"Text":false}"#, "FALSE_VALUE cannot be converted to String"),
        (r#"{"Text":[]}"#, "Unrecognized collection type class java.lang.String"),
        (r#"{"Text":{}}"#, structure_found),
        (r#"{"Flag":1}"#, "NUMBER_VALUE cannot be converted to Boolean"),
        (r#"{"Flag":-0.5}"#, "DECIMAL_VALUE cannot be converted to Boolean"),
        (r#"{"Flag":"perhaps"}"#, "Unexpected token received from parser"),
        (r#"{"Flag":[]}"#, "Unrecognized collection type class java.lang.Boolean"),
        (r#"{"Flag":{}}"#, structure_found),
        (r#"{"Limit":"1"}"#, "STRING_VALUE cannot be converted to Integer"),
        (r#"{"Limit":true}"#, "TRUE_VALUE cannot be converted to Integer"),
        (r#"{"Limit":[1]}"#, "Unrecognized collection type class java.lang.Integer"),
        (r#"{"Units":"1"}"#, "STRING_VALUE cannot be converted to Long"),
        (r#"{"Units":{"a":1}}"#, structure_found),
        (r#"{"Names":"a"}"#, "Unexpected field type"),
        (r#"{"Names":{}}"#, structure_found),
        (r#"{"Names":["a",1]}"#, "NUMBER_VALUE cannot be converted to String"),
        (r#"{"Names":["a",null]}"#, ""),
        (r#"{"Inner":1}"#, "Unexpected field type"),
        (r#"{"Inner":[]}"#, "Unrecognized collection type class com.example.Inner"),
        (r#"{"Inners":["a"]}"#, "Unexpected value type in payload"),
        (r#"{"Inners":[[]]}"#, "Unrecognized collection type class com.example.Inner"),
        (r#"{"Tables":5}"#, "Unexpected field type"),
        (r#"{"Tables":{"t":5}}"#, "Unexpected value type in payload"),
        (
            r#"{"Tables":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, com.example.Inner>",
        ),
        (
            r#"{"Writes":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, \
             java.util.List<com.example.Inner>>",
        ),
        (r#"{"Writes":{"t":"x"}}"#, bad_cast),
        (r#"{"Writes":{"t":{}}}"#, structure_found),
        (r#"{"Keys":["x"]}"#, bad_cast),
        (r#"{"Item":"x"}"#, "Unexpected field type"),
        (
            r#"{"Item":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, \
             com.amazonaws.dynamodb.v20120810.AttributeValue>",
        ),
        (r#"{"Item":{"a":"x"}}"#, "Unexpected value type in payload"),
        (
            r#"{"Item":{"a":[]}}"#,
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
        ),
        (r#"{"Value":"x"}"#, "Unexpected field type"),
        (r#"{"Value":{"N":1}}"#, "NUMBER_VALUE cannot be converted to String"),
        (r#"{"Value":{"BOOL":1.0}}"#, "DECIMAL_VALUE cannot be converted to Boolean"),
        (r#"{"Value":{"L":"x"}}"#, "Unexpected field type"),
        (r#"{"Value":{"L":["x"]}}"#, "Unexpected value type in payload"),
        (r#"{"Value":{"M":{"a":1}}}"#, "Unexpected value type in payload"),
        (r#"{"Value":{"SS":"x"}}"#, "Unexpected field type"),
        (r#"{"Value":{"B":"abc"}}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        (r#"{"Value":{"B":"ab=="}}"#, "Invalid last non-pad Base64 character dectected"),
        (r#"{"Value":{"B":1}}"#, "only base-64-encoded strings are convertible to bytes"),
        (r#"{"Value":{"B":{}}}"#, structure_found),
        ("[]", "Unrecognized collection type class com.example.SampleInput"),
        ("5", "Unexpected field type"),
        ("null", ""),
    ] {
        assert_eq!(read(body), Err(DecodeError::Type(message.into())), "{body}");
    }
}

#[test]
fn broken_syntax_wins_over_wrong_types() {
    for body in [
        "",
        " ",
        "{",
        "}",
        "[",
        "{}}",
        "{} {}",
        r#"{"Text":1"#,
        r#"{"Text":1}x"#,
        r#"{"Text":1,}"#,
        r#"{"Text":1,"a"}"#,
        r#"{"Text":1,"Other":tru}"#,
        r#"{"Text":01}"#,
        r#"{"Text":1.}"#,
        r#"{"Text":"a}"#,
        r#"{"Text":"\x"}"#,
        r#"{"Text":"\u12"}"#,
        r#"{"Text":"\u12g4"}"#,
        r#"{,}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[,]}"#,
        r#"{"a":[1 2]}"#,
        r#"{"a":+1}"#,
        r#"{"a":NaN}"#,
        r#"{'a':1}"#,
        r#"{a:1}"#,
        r#"{"a":1;}"#,
        r#"{"a":[1}"#,
        "{\"Text\":\"a\nb\"}",
        "\u{feff}{}",
        r#"{"Text":nul}"#,
        r#"{"Value":{"N":1},"x":]}"#,
    ] {
        assert_eq!(read(body), Err(DecodeError::Syntax), "{body}");
        assert!(!is_json(body.as_bytes()), "{body}");
    }
    for body in [&b"{\"Text\":\"\xff\"}"[..], b"{\"\xc3\":1}", b"{\"Text\":\"\xed\xa0\x80\"}"] {
        assert_eq!(decode::<Sample>(body), Err(DecodeError::Syntax), "{body:?}");
    }
}

#[test]
fn members_are_read_leniently_where_dynamodb_is_lenient() {
    let text = |body: &str| read(body).unwrap().text;
    assert_eq!(read("{}"), Ok(Sample::default()));
    assert_eq!(text(r#" { "Text" : null , "Unknown" : [ { "a" : [ ] } , 1e9 ] } "#), None);
    assert_eq!(text(r#"{"Text":"1","Text":"2"}"#), Some("2".into()));
    assert_eq!(
        text(r#"{"T\u0065xt":"a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"}"#),
        Some("a\"\\/\u{8}\u{c}\n\r\té😀".into())
    );
    assert_eq!(text(r#"{"Text":"\ud83d"}"#), Some("\u{fffd}".into()));
    assert_eq!(text(r#"{"Text":"\ude00\ud83dx\ud83d\u0041"}"#), Some("\u{fffd}\u{fffd}x\u{fffd}A".into()));
    for (word, flag) in [
        ("true", true),
        ("\"TRUE\"", true),
        ("\"t\"", true),
        ("\"Yes\"", true),
        ("\"y\"", true),
        ("\"1\"", true),
    ] {
        assert_eq!(read(&format!(r#"{{"Flag":{word}}}"#)).unwrap().flag, Some(flag), "{word}");
    }
    for word in ["false", "\"False\"", "\"f\"", "\"no\"", "\"N\"", "\"0\""] {
        assert_eq!(read(&format!(r#"{{"Flag":{word}}}"#)).unwrap().flag, Some(false), "{word}");
    }
    for (number, limit, units) in [
        ("7", 7, 7),
        ("1.9", 1, 1),
        ("-1.9", -1, -1),
        ("1e3", 1000, 1000),
        ("4294967296", i64::from(i32::MAX), 4_294_967_296),
        ("-4294967296", i64::from(i32::MIN), -4_294_967_296),
        ("99999999999999999999", i64::from(i32::MAX), i64::MAX),
    ] {
        let sample = read(&format!(r#"{{"Limit":{number},"Units":{number}}}"#)).unwrap();
        assert_eq!((sample.limit, sample.units), (Some(limit), Some(units)), "{number}");
    }
    let sample = read(r#"{"Inners":[null,{"Name":"a"}],"Tables":{"t":null}}"#).unwrap();
    assert_eq!(sample.inners, Some(vec![Inner::default(), Inner { name: Some("a".into()) }]));
    assert_eq!(sample.tables, Some([("t".into(), Inner::default())].into()));
}

#[test]
fn depth_and_length_are_bounded_not_fatal() {
    let nested = |n: usize| format!(r#"{{"Unknown":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    assert!(read(&nested(1_999)).is_ok());
    assert_eq!(read(&nested(2_000)), Err(DecodeError::Type(String::new())));
    assert_eq!(read(&nested(20_000)), Err(DecodeError::Type(String::new())));
    assert_eq!(read(&nested(20_000)[..30_000]), Err(DecodeError::Syntax));
    assert!(is_json(nested(1_000_000).as_bytes()));

    let lists =
        |n: usize| format!(r#"{{"Item":{{"a":{}{{"S":""}}{}}}}}"#, r#"{"L":["#.repeat(n), "]}".repeat(n));
    assert_eq!(read(&lists(20_000)), Err(DecodeError::Type(String::new())));
    assert_eq!(read(&lists(500)).unwrap().item.unwrap().nesting_levels, 500);

    let digits = "9".repeat(100_000);
    assert_eq!(read(&format!(r#"{{"Limit":{digits}}}"#)).unwrap().limit, Some(i64::from(i32::MAX)));
    assert_eq!(read(&format!(r#"{{"Unknown":{digits}}}"#)), Ok(Sample::default()));

    let many = |n: usize| format!(r#"{{"Inners":[{}{{}}]}}"#, "{},".repeat(n));
    assert!(read(&many(99_999)).is_ok());
    assert_eq!(read(&many(100_000)), Err(DecodeError::Type(String::new())));
}

#[test]
fn doubles_are_plain_decimals() {
    for (value, text) in [
        (0.0, "0.0"),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (12.0, "12.0"),
        (1_763_936_000.123, "1763936000.123"),
        (1_763_936_000.0, "1763936000.0"),
        (1e21, "1000000000000000000000.0"),
        (f64::NAN, "0.0"),
    ] {
        let mut out = Vec::new();
        f64::encode(&value, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

#[test]
fn times_are_whole_seconds_where_they_can_be() {
    let mut out = Vec::new();
    let mut times = ObjectWriter::begin(&mut out);
    times.time("a", &Some(1_763_936_000.0)).time("b", &None).time("c", &Some(1_763_936_000.25)).end();
    assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":1763936000,"c":1763936000.25}"#);
}

#[test]
fn texts_are_escaped_as_far_as_json_requires() {
    let mut out = Vec::new();
    write_string(&mut out, "a\"b\\c\n\r\t\u{1}\u{1f}\u{7f}é😀/");
    assert_eq!(String::from_utf8(out).unwrap(), "\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u001f\u{7f}é😀/\"");
}

mod random {
    use super::*;
    use proptest::prelude::*;

    const SEED: &str = r#"{"Text":"a\u00e9","Flag":true,"Limit":10,"Names":["x","y"],"Inner":{"Name":"n"},
        "Tables":{"t":{"Name":null}},"Writes":{"t":[{}]},"Keys":[{"k":{"S":"1"}}],
        "Item":{"a":{"M":{"b":{"L":[{"N":"1.5"},{"NS":["1","2"]},{"B":"AAEC"},{"NULL":true},{"BOOL":"t"}]}}},"e":{"SS":["q"]}},
        "Value":{"BS":["AA=="]},"Unknown":[1,2.5e-3,null,false,{"deep":[[[]]]}]}"#;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode::<Sample>(&bytes);
        }

        #[test]
        fn json_like_bytes_are_read_or_refused(text in "[\\[\\]{}\":,0-9aeSNLMtrufl.\\\\ -]{0,80}") {
            agrees_with_the_checker(text.as_bytes());
        }

        #[test]
        fn a_damaged_document_is_read_or_refused(at in 0..SEED.len(), byte in any::<u8>(), cut in 0..SEED.len()) {
            let mut body = SEED.as_bytes().to_vec();
            body[at] = byte;
            agrees_with_the_checker(&body);
            body.remove(cut);
            agrees_with_the_checker(&body);
            body.truncate(cut);
            agrees_with_the_checker(&body);
        }
    }

    /// The typed reader and the untyped check must call the same bodies JSON.
    fn agrees_with_the_checker(body: &[u8]) {
        let is_syntax_error = decode::<Sample>(body) == Err(DecodeError::Syntax);
        assert_eq!(is_syntax_error, !is_json(body), "{}", String::from_utf8_lossy(body));
        let other = std::str::from_utf8(body)
            .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        assert_eq!(is_json(body), other, "{}", String::from_utf8_lossy(body));
    }

    #[test]
    fn the_seed_is_sound() {
        assert!(read(SEED).is_ok());
    }
}
