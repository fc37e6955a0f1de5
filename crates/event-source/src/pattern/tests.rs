//! Patterns against records.

use super::{Pattern, PatternError};
use serde_json::{Value, json};

fn record() -> Value {
    json!({
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "dynamodb": {
            "ApproximateCreationDateTime": 1796000000.0,
            "SizeBytes": 300,
            "Keys": {"PK": {"S": "USER#1"}},
            "NewImage": {
                "status": {"S": "Done"},
                "price": {"N": "300"},
                "gone": {"NULL": true},
                "empty": {"S": ""},
                "address": {"S": "10.1.2.3"},
                "tags": {"SS": ["red", "green"]},
                "lines": {"L": [{"M": {"sku": {"S": "a"}, "n": {"N": "1"}}}, {"M": {"sku": {"S": "b"}, "n": {"N": "2"}}}]},
                "none": {"L": []}
            }
        }
    })
}

fn matches(pattern: &Value) -> bool {
    Pattern::read(&pattern.to_string()).unwrap().matches(&record())
}

fn image(pattern: Value) -> Value {
    json!({"dynamodb": {"NewImage": pattern}})
}

#[test]
fn every_field_that_is_named_must_match_and_arrays_list_alternatives() {
    assert!(matches(&json!({"eventName": ["INSERT", "MODIFY"]})));
    assert!(!matches(&json!({"eventName": ["INSERT", "REMOVE"]})));
    assert!(!matches(&json!({"eventName": ["MODIFY"], "awsRegion": ["eu-west-1"]})));
    assert!(matches(
        &json!({"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}})
    ));
    assert!(matches(&image(
        json!({"status": {"S": ["Done"]}, "gone": {"NULL": [true]}, "empty": {"S": [""]}})
    )));
    assert!(!matches(&image(json!({"status": ["Done"]}))), "the letter of the type is left out");
}

#[test]
fn numbers_are_told_apart_by_their_form() {
    assert!(matches(&json!({"dynamodb": {"SizeBytes": [300]}})));
    assert!(!matches(&json!({"dynamodb": {"SizeBytes": [3e2]}})));
    assert!(!matches(&json!({"dynamodb": {"SizeBytes": ["300"]}})));
    let null = Pattern::read(r#"{"a":[null]}"#).unwrap();
    assert!(null.matches(&json!({"a": null})) && !null.matches(&json!({})));
}

#[test]
fn only_a_leaf_exists() {
    assert!(!matches(&image(json!({"status": [{"exists": true}]}))));
    assert!(matches(&image(json!({"status": [{"exists": false}]}))));
    assert!(matches(&image(json!({"status": {"S": [{"exists": true}]}}))));
    assert!(matches(&image(json!({"absent": {"S": [{"exists": false}]}}))));
    assert!(!matches(&image(json!({"absent": {"S": [{"exists": true}]}}))));
    assert!(matches(&image(json!({"none": {"L": [{"exists": false}]}}))));
    assert!(matches(&image(json!({"gone": {"NULL": [{"exists": false}, true]}}))));
}

#[test]
fn strings_are_matched_by_their_ends_without_case_and_with_stars() {
    let status = |rule: Value| matches(&image(json!({"status": {"S": [rule]}})));
    for (rule, expected) in [
        (json!({"prefix": "Do"}), true),
        (json!({"prefix": "do"}), false),
        (json!({"prefix": ""}), true),
        (json!({"suffix": "ne"}), true),
        (json!({"suffix": "NE"}), false),
        (json!({"prefix": {"equals-ignore-case": "dO"}}), true),
        (json!({"suffix": {"equals-ignore-case": "ONE"}}), true),
        (json!({"suffix": {"equals-ignore-case": "undone"}}), false),
        (json!({"equals-ignore-case": "dONE"}), true),
        (json!({"equals-ignore-case": "don"}), false),
        (json!({"wildcard": "D*e"}), true),
        (json!({"wildcard": "*"}), true),
        (json!({"wildcard": "*o*n*"}), true),
        (json!({"wildcard": "*n*o*"}), false),
        (json!({"wildcard": "Done*e"}), false),
        (json!({"wildcard": "Done"}), true),
        (json!({"wildcard": "D\\*e"}), false),
    ] {
        assert_eq!(status(rule.clone()), expected, "{rule}");
    }
    let star = Pattern::read(r#"{"a":[{"wildcard":"x\\*\\\\*"}]}"#).unwrap();
    assert!(star.matches(&json!({"a": "x*\\yy"})) && !star.matches(&json!({"a": "xx\\yy"})));
}

#[test]
fn anything_but_wants_a_value() {
    let status = |rule: Value| matches(&image(json!({"status": {"S": [{"anything-but": rule}]}})));
    for (rule, expected) in [
        (json!("Done"), false),
        (json!("done"), true),
        (json!(["Open", "Done"]), false),
        (json!([1, 2]), true),
        (json!({"prefix": "D"}), false),
        (json!({"prefix": ["x", "D"]}), false),
        (json!({"suffix": "x"}), true),
        (json!({"equals-ignore-case": ["DONE", "x"]}), false),
        (json!({"wildcard": "D*"}), false),
        (json!({"wildcard": "*x"}), true),
    ] {
        assert_eq!(status(rule.clone()), expected, "{rule}");
    }
    assert!(!matches(&image(json!({"absent": {"S": [{"anything-but": "x"}]}}))));
    assert!(!matches(&json!({"dynamodb": {"SizeBytes": [{"anything-but": 300}]}})));
}

#[test]
fn numeric_ranges_are_for_numbers_and_never_for_dynamodbs() {
    let size = |rule: Value| matches(&json!({"dynamodb": {"SizeBytes": [{"numeric": rule}]}}));
    for (rule, expected) in [
        (json!(["=", 3e2]), true),
        (json!([">", 10, "<=", 300]), true),
        (json!([">=", 10, "<", 300]), false),
        (json!(["<", 300.5]), true),
        (json!([">", 300]), false),
    ] {
        assert_eq!(size(rule.clone()), expected, "{rule}");
    }
    assert!(!matches(&image(json!({"price": {"N": [{"numeric": [">", 0]}]}}))));
    assert!(matches(&image(json!({"price": {"N": ["300"]}}))));
}

#[test]
fn addresses_lie_in_networks() {
    let address = |cidr: &str| matches(&image(json!({"address": {"S": [{"cidr": cidr}]}})));
    assert!(address("10.1.0.0/16") && address("0.0.0.0/0") && address("10.1.2.3/32"));
    assert!(!address("10.2.0.0/16") && !address("::/0"));
    let six = Pattern::read(r#"{"a":[{"cidr":"2001:db8::/33"}]}"#).unwrap();
    assert!(
        six.matches(&json!({"a": "2001:db8:7fff::1"})) && !six.matches(&json!({"a": "2001:db8:8000::1"}))
    );
}

#[test]
fn an_array_matches_by_one_element_that_matches_wholly() {
    assert!(matches(&image(json!({"tags": {"SS": ["green", "blue"]}}))));
    assert!(!matches(&image(json!({"tags": {"SS": ["blue"]}}))));
    let line =
        |sku: &str, n: &str| image(json!({"lines": {"L": {"M": {"sku": {"S": [sku]}, "n": {"N": [n]}}}}}));
    assert!(matches(&line("a", "1")) && matches(&line("b", "2")) && !matches(&line("a", "2")));
}

#[test]
fn or_takes_one_of_several_objects() {
    let or = |one: &str, other: &str| {
        json!({"eventName": ["MODIFY"], "$or": [
            {"dynamodb": {"NewImage": {"status": {"S": [one]}}}}, {"eventSource": [other]}]})
    };
    assert!(matches(&or("Done", "x")) && matches(&or("x", "aws:dynamodb")) && !matches(&or("x", "y")));
    let field = Pattern::read(r#"{"$or":[{"prefix":"x"}]}"#).unwrap();
    assert!(field.matches(&json!({"$or": "xy"})) && !field.matches(&json!({"a": "xy"})));
}

#[test]
fn the_last_of_duplicate_keys_counts() {
    let pattern = Pattern::read(r#"{"eventName":["INSERT"],"eventName":["MODIFY"]}"#).unwrap();
    assert!(pattern.matches(&record()));
}

#[test]
fn what_is_no_pattern_is_refused_with_its_reason() {
    use PatternError as E;
    let operand = |what, expected| E::Operand { what, expected };
    for (text, expected) in [
        (r#""eventName""#, E::NotAnObject),
        (r#"[{"a":["b"]}]"#, E::NotAnObject),
        (r#"{}"#, E::EmptyObject),
        (r#"{"a":{}}"#, E::EmptyObject),
        (r#"{"a":[]}"#, E::EmptyArray),
        (r#"{"a":"b"}"#, E::FieldValue("a".to_owned())),
        (r#"{"a":[["b"]]}"#, E::MatchValue),
        (r#"{"a":[{}]}"#, E::OneKey),
        (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, E::OneKey),
        (r#"{"a":[{"like":"x"}]}"#, E::UnknownMatch("like".to_owned())),
        (r#"{"a":[{"prefix":1}]}"#, operand("prefix", "a string")),
        (r#"{"a":[{"suffix":null}]}"#, operand("suffix", "a string")),
        (r#"{"a":[{"exists":"yes"}]}"#, operand("exists", "either true or false.")),
        (r#"{"a":[{"numeric":5}]}"#, operand("numeric", "an array")),
        (r#"{"a":[{"numeric":["=","5"]}]}"#, operand("numeric", "numeric behind an operator")),
        (r#"{"a":[{"numeric":[">",5,"<",5]}]}"#, E::EmptyRange),
        (r#"{"a":[{"numeric":["<",5,">",1]}]}"#, E::NumericOperator(">".to_owned())),
        (r#"{"a":[{"numeric":["~",5]}]}"#, E::NumericOperator("~".to_owned())),
        (r#"{"a":[{"numeric":[]}]}"#, E::EmptyArray),
        (r#"{"a":[{"cidr":"10.0.0.0"}]}"#, E::Cidr("10.0.0.0".to_owned())),
        (r#"{"a":[{"cidr":"10.0.0.0/33"}]}"#, E::Cidr("10.0.0.0/33".to_owned())),
        (r#"{"a":[{"wildcard":"a**b"}]}"#, E::Wildcard("a**b".to_owned())),
        (r#"{"a":[{"anything-but":[]}]}"#, E::EmptyArray),
        (r#"{"a":[{"anything-but":{"cidr":"x"}}]}"#, E::UnknownMatch("cidr".to_owned())),
        (r#"{"a":[{"anything-but":["x",1]}]}"#, operand("anything-but", "a list of strings or of numbers")),
    ] {
        assert_eq!(Pattern::read(text), Err(expected), "{text}");
    }
    assert!(matches!(Pattern::read("{"), Err(E::Json(_))));
    assert!(matches!(
        Pattern::read(&format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000))),
        Err(E::Json(_))
    ));
    assert_eq!(Pattern::read(&" ".repeat(4_097)), Err(E::TooLong));
}

#[test]
fn or_multiplies_to_a_thousand_at_most() {
    let field = |n: usize| (0..n).map(|i| json!({format!("a{i}"): ["x"]})).collect::<Vec<_>>();
    let pattern = |m: usize| json!({"x": {"$or": field(20)}, "y": {"$or": field(m)}}).to_string();
    assert!(Pattern::read(&pattern(50)).is_ok());
    assert_eq!(Pattern::read(&pattern(51)), Err(PatternError::TooManyCombinations));
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        _ = Pattern::read(&text);
    }

    #[test]
    fn a_wildcard_is_what_a_plain_search_says(pattern in "[ab*]{0,8}", value in "[ab]{0,10}") {
        fn plain(pattern: &[u8], value: &[u8]) -> bool {
            match pattern {
                [] => value.is_empty(),
                [b'*', rest @ ..] => (0..=value.len()).any(|at| plain(rest, &value[at..])),
                [first, rest @ ..] => value.first() == Some(first) && plain(rest, &value[1..]),
            }
        }
        if let Ok(read) = Pattern::read(&json!({"a": [{"wildcard": pattern}]}).to_string()) {
            proptest::prop_assert_eq!(read.matches(&json!({"a": value})), plain(pattern.as_bytes(), value.as_bytes()));
        }
    }
}
