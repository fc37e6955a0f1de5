//! Values with their faults, and items there and back.

use super::*;
use crate::json::{DecodeError, Encode, decode};
use types::{ItemBuilder, Number, Value};

fn attributes(body: &str) -> Attributes {
    decode(body.as_bytes()).unwrap()
}

#[test]
fn values_are_read_into_canonical_bytes() {
    let n = |text: &str| Value::N(Number::parse(text).unwrap());
    for (body, value) in [
        (r#"{"S":""}"#, Value::S(String::new())),
        (r#"{"S":"a\n"}"#, Value::S("a\n".into())),
        (r#"{"N":"+1.50e1"}"#, n("15")),
        (r#"{"B":"AAEC"}"#, Value::B(vec![0, 1, 2])),
        (r#"{"B":""}"#, Value::B(vec![])),
        (r#"{"NULL":true}"#, Value::Null),
        (r#"{"NULL":"yes"}"#, Value::Null),
        (r#"{"BOOL":false}"#, Value::Bool(false)),
        (r#"{"BOOL":"True"}"#, Value::Bool(true)),
        (r#"{"SS":["b","a",""]}"#, Value::SS(["a".into(), "b".into(), String::new()].into())),
        (r#"{"NS":["10","9","-1"]}"#, Value::NS([n("-1"), n("9"), n("10")].map(number).into())),
        (r#"{"BS":["AQ==","AA=="]}"#, Value::BS([vec![0], vec![1]].into())),
        (r#"{"L":[]}"#, Value::L(vec![])),
        (
            r#"{"L":[{"N":"1"},{"L":[{"S":"x"}]}]}"#,
            Value::L(vec![n("1"), Value::L(vec![Value::S("x".into())])]),
        ),
        (r#"{"M":{}}"#, Value::M([].into())),
        (
            r#"{"M":{"b":{"S":"2"},"a":{"M":{"c":{"NULL":true}}}}}"#,
            Value::M(
                [
                    ("a".into(), Value::M([("c".into(), Value::Null)].into())),
                    ("b".into(), Value::S("2".into())),
                ]
                .into(),
            ),
        ),
        (r#"{"Unknown":{"x":[1]},"S":"a","N":null}"#, Value::S("a".into())),
        (r#"{"S":"a","S":"b"}"#, Value::S("b".into())),
    ] {
        let read: AttributeValue = decode(body.as_bytes()).unwrap();
        assert_eq!(read.fault, None, "{body}");
        assert_eq!(read.value, ValueBuf::from(&value), "{body}");
    }
}

fn number(value: Value) -> Number {
    let Value::N(number) = value else { panic!("a number") };
    number
}

#[test]
fn the_first_fault_is_kept() {
    use ValueFault::*;
    for (value, fault) in [
        (r#"{}"#, Empty),
        ("null", Empty),
        (r#"{"S":null}"#, Empty),
        (r#"{"Unknown":"a"}"#, Empty),
        (r#"{"S":"a","N":"1"}"#, MoreThanOneType),
        (r#"{"SS":["a","a"],"NS":["1"]}"#, MoreThanOneType),
        (r#"{"NULL":false}"#, NullIsFalse),
        (r#"{"N":""}"#, NotANumber(String::new())),
        (r#"{"N":"1 "}"#, NotANumber("1 ".into())),
        (r#"{"N":"1e126"}"#, NumberOverflow),
        (r#"{"N":"1e-131"}"#, NumberUnderflow),
        (r#"{"N":"123456789012345678901234567890123456789"}"#, NumberTooLong),
        (r#"{"SS":[]}"#, EmptyStringSet),
        (r#"{"NS":[]}"#, EmptyNumberSet),
        (r#"{"BS":[]}"#, EmptyBinarySet),
        (r#"{"SS":["b","a","b"]}"#, DuplicateStrings(vec!["b".into(), "a".into(), "b".into()])),
        (r#"{"NS":["1","2","1.0"]}"#, DuplicateNumbers(vec!["1".into(), "2".into(), "1.0".into()])),
        (r#"{"BS":["AA==","AA=="]}"#, DuplicateBinaries(vec![vec![0], vec![0]])),
        (r#"{"NS":["1","x"]}"#, NotANumber("x".into())),
        // Several members: empty set, number, NULL, then that there are several.
        (r#"{"N":"x","SS":[]}"#, EmptyStringSet),
        (r#"{"NULL":false,"N":"x"}"#, NotANumber("x".into())),
        (r#"{"S":"a","NULL":false}"#, NullIsFalse),
        // Inside documents, in document order.
        (r#"{"L":[{"S":"a"},{"N":"x"},{"NULL":false}]}"#, NotANumber("x".into())),
        (r#"{"L":[null]}"#, Empty),
        (r#"{"M":{"z":{"SS":[]},"a":{"N":"x"}}}"#, EmptyStringSet),
    ] {
        let read = attributes(&format!(r#"{{"k":{{"S":"1"}},"v":{value}}}"#));
        assert_eq!(read.fault.as_deref(), Some(&fault), "{value}");
        assert!(read.item.get("k").is_some());
    }
}

#[test]
fn levels_and_empty_names_are_noticed() {
    for (body, levels) in [
        (r#"{}"#, 0),
        (r#"{"a":{"SS":["x"]}}"#, 0),
        (r#"{"a":{"L":[]}}"#, 1),
        (r#"{"a":{"M":{"b":{"L":[{"S":""}]}}},"c":{"L":[]}}"#, 2),
    ] {
        assert_eq!(attributes(body).nesting_levels, levels, "{body}");
    }
    for levels in [39, 40, 41, 42, 100] {
        let body = format!(
            r#"{{"a":{}{{"S":""}}{}}}"#,
            r#"{"M":{"x":{"L":["#.repeat(levels / 2),
            "]}}}".repeat(levels / 2)
        );
        assert_eq!(attributes(&body).nesting_levels, levels / 2 * 2);
    }
    assert!(attributes(r#"{"":{"S":""}}"#).has_empty_name);
    assert!(attributes(r#"{"a":{"L":[{"M":{"":{"S":""}}}]}}"#).has_empty_name);
    assert!(!attributes(r#"{"a":{"S":""}}"#).has_empty_name);
    let long = "é".repeat(32_768);
    assert_eq!(
        attributes(&format!(r#"{{"{long}":{{"S":""}}}}"#)).fault.as_deref(),
        Some(&ValueFault::NameTooLong)
    );
    assert_eq!(attributes(&format!(r#"{{"{}":{{"S":""}}}}"#, &long[2..])).fault, None);
}

#[test]
fn of_two_attributes_with_one_name_the_later_wins() {
    let read = attributes(r#"{"b":{"S":"1"},"a":{"S":"1"},"b":{"S":"2"}}"#);
    assert_eq!(
        read.item,
        ItemBuilder::new().put("a", &Value::S("1".into())).put("b", &Value::S("2".into())).build()
    );
}

#[test]
fn wrong_types_inside_values_are_type_errors() {
    let error = decode::<Attributes>(br#"{"a":{"L":[{"S":1}]}}"#).unwrap_err();
    assert_eq!(error, DecodeError::Type("NUMBER_VALUE cannot be converted to String".into()));
    assert_eq!(decode::<Attributes>(br#"{"a":{"S":1}"#).unwrap_err(), DecodeError::Syntax);
}

#[test]
fn items_are_written_as_the_api_does() {
    let body = r#"{"b":{"B":"AAE="},"bs":{"BS":["AA==","AQ=="]},"f":{"BOOL":false},"l":{"L":[{"S":"\"é\""},{"N":"-0.5"}]},"m":{"M":{"x":{"M":{}}}},"n":{"N":"1000"},"ns":{"NS":["-1","2"]},"s":{"S":""},"ss":{"SS":["a","b"]},"t":{"BOOL":true},"z":{"NULL":true}}"#;
    let read = attributes(body);
    let mut out = Vec::new();
    read.item.encode(&mut out);
    assert_eq!(String::from_utf8(out).unwrap(), body);
}

mod random {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = Value> {
        let digits =
            (any::<i64>(), -100i32..100).prop_map(|(d, e)| Number::parse(&format!("{d}e{e}")).unwrap());
        let leaf = prop_oneof![
            ".{0,20}".prop_map(Value::S),
            digits.clone().prop_map(Value::N),
            proptest::collection::vec(any::<u8>(), 0..40).prop_map(Value::B),
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            proptest::collection::btree_set(".{0,3}", 1..4).prop_map(Value::SS),
            proptest::collection::btree_set(digits, 1..4).prop_map(Value::NS),
            proptest::collection::btree_set(proptest::collection::vec(any::<u8>(), 0..5), 1..4)
                .prop_map(Value::BS),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::L),
                proptest::collection::btree_map(".{1,4}", inner, 0..4).prop_map(Value::M),
            ]
        })
    }

    proptest! {
        #[test]
        fn an_item_survives_the_wire(map in proptest::collection::btree_map(".{1,4}", value(), 0..6)) {
            let mut item = ItemBuilder::new();
            map.iter().for_each(|(name, value)| { item.put(name, value); });
            let item = item.build();
            let mut body = Vec::new();
            item.encode(&mut body);
            let read: Attributes = decode(&body).unwrap();
            prop_assert_eq!(&read.item, &item);
            prop_assert_eq!(read.fault, None);
            let levels = map.values().map(|v| ValueBuf::from(v).as_ref().nesting_levels()).max().unwrap_or(0);
            prop_assert_eq!(read.nesting_levels, levels);
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
        }
    }
}

#[test]
fn the_usual_spelling_and_all_others_are_read_alike() {
    let usual = r#"{"a":{"S":"x"},"n":{"N":"1.50"},"l":{"L":[{"S":""},{"N":"7"}]},"m":{"M":{"k":{"S":"long enough to be looked at in runs of many bytes"}}}}"#;
    let expected: Attributes = decode(usual.as_bytes()).unwrap();
    assert_eq!((expected.item.as_ref().len(), &expected.fault), (4, &None));
    for (from, to) in [
        (":", ": "),
        (",", ", "),
        (":", " :\n"),
        ("{", "{ "),
        ("}", "\t}"),
        ("\"S\"", "\"\\u0053\""),
        ("\"a\"", "\"\\u0061\""),
        ("\"x\"", "\"\\u0078\""),
        ("{\"S\":\"x\"}", "{\"S\":\"y\",\"S\":\"x\"}"),
        ("{\"N\":\"7\"}", "{\"B\":null,\"N\":\"7\"}"),
    ] {
        assert_eq!(decode::<Attributes>(usual.replace(from, to).as_bytes()), Ok(expected.clone()), "{to}");
    }
}

#[test]
fn what_only_begins_in_the_usual_way_is_no_value() {
    for body in [
        r#"{"a":{"S":"x"}"#,
        r#"{"a":{"S":"x""#,
        r#"{"a":{"S":"x"}"b":{"S":"x"}}"#,
        r#"{"a":{"S":"x"};"b":{"S":"x"}}"#,
        r#"{"a":{"S":"x"},}"#,
        r#"{,"a":{"S":"x"}}"#,
        r#"{"a""S":"x"}"#,
        "{\"a\":{\"S\":\"x\ny\"}}",
    ] {
        assert_eq!(decode::<Attributes>(body.as_bytes()), Err(DecodeError::Syntax), "{body}");
    }
}

#[test]
fn equal_numbers_have_one_digest_only_where_they_are_written_alike() {
    let spelled = |number: &str| attributes(&format!("{{\"n\":{{\"N\":\"{number}\"}}}}"));
    for (a, b, alike) in [
        ("1000", "1000", true),
        ("1000", "1e3", false),
        ("1e3", "1E3", false),
        ("1.0", "1.0", true),
        ("0", "-0", false),
    ] {
        assert_eq!(spelled(a).item, spelled(b).item);
        assert_eq!(spelled(a).number_spellings == spelled(b).number_spellings, alike, "{a} and {b}");
    }
    assert_eq!(spelled("-12").number_spellings, 0);
}

#[test]
fn what_the_older_layer_judges_is_noted_however_deep() {
    for (body, noted) in [
        (r#"{"a":{"BOOL":true}}"#, false),
        (r#"{"a":{"BOOL":"true"}}"#, true),
        (r#"{"a":{"L":[{"M":{"b":{"NULL":"yes"}}}]}}"#, true),
        (r#"{"a":{"L":[{"S":"x","N":"1"}]}}"#, true),
        (r#"{"a":{"S":"x","N":null}}"#, false),
    ] {
        assert_eq!(attributes(body).is_for_older_layer, noted, "{body}");
    }
}
