use super::*;
use crate::fixture::*;
use types::{Type, Value};

const PK: KeyAttribute<'static> = KeyAttribute { name: "pk", kind: Type::S };
const SK: KeyAttribute<'static> = KeyAttribute { name: "sk", kind: Type::N };

fn bind(
    text: &str,
    hash: &[KeyAttribute<'_>],
    range: &[KeyAttribute<'_>],
) -> Result<BoundKeyCondition, String> {
    let mut request = request([(":two", n("2")), (":t", s("y"))]);
    let mut usage = std::mem::take(&mut request.usage);
    let parameters = request.parameters();
    let parsed = parse(text).map_err(|error| error.to_string())?;
    let condition = parsed.resolve(&parameters, &mut usage).map_err(|error| error.to_string())?;
    parsed.check_statics(&parameters).map_err(|error| error.to_string())?;
    let key_condition = KeyCondition::from_condition(&condition).map_err(|error| error.to_string())?;
    key_condition.bind(hash, range).map_err(|error| error.to_string())
}

fn value(value: Value) -> ValueBuf {
    ValueBuf::from(&value)
}

#[track_caller]
fn check(text: &str, range_prefix: &[Value], range: Option<RangeCondition>) {
    let range_prefix = range_prefix.iter().map(ValueBuf::from).collect();
    let expect = BoundKeyCondition { hash: vec![value(s("x"))], range_prefix, range };
    assert_eq!(bind(text, &[PK], &[SK]), Ok(expect), "{text}");
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(bind(text, &[PK], &[SK]).expect_err(text), message, "{text}");
}

#[test]
fn conditions_on_a_plain_key() {
    let (one, two) = (|| value(n("1")), || value(n("2")));
    check("pk = :s", &[], None);
    check(":s = pk", &[], None);
    check("(pk = :s) AND (sk = :n)", &[n("1")], None);
    check("sk < :n AND pk = :s", &[], Some(RangeCondition::Lt(one())));
    check("pk = :s AND :n <= sk", &[], Some(RangeCondition::Ge(one())));
    check("pk = :s AND :n > sk", &[], Some(RangeCondition::Lt(one())));
    check("pk = :s AND sk >= :n", &[], Some(RangeCondition::Ge(one())));
    check("pk = :s AND sk BETWEEN :n AND :two", &[], Some(RangeCondition::Between(one(), two())));
    let bound = bind("pk = :s AND begins_with(t, :t)", &[PK], &[KeyAttribute { name: "t", kind: Type::S }]);
    assert_eq!(bound.unwrap().range, Some(RangeCondition::BeginsWith(value(s("y")))));
}

#[test]
fn what_is_no_key_condition() {
    for (text, operator) in [
        ("pk = :s OR sk = :n", "OR"),
        ("NOT pk = :s", "NOT"),
        ("pk IN (:s)", "IN"),
        ("pk <> :s", "<>"),
        ("attribute_exists(pk)", "attribute_exists"),
        ("pk = :s AND attribute_not_exists(sk)", "attribute_not_exists"),
        ("contains(pk, :s)", "contains"),
    ] {
        refused(text, &format!("Invalid operator used in KeyConditionExpression: {operator}"));
    }
    let nested = "KeyConditionExpressions cannot contain nested operations";
    refused("size(pk) = :n", nested);
    refused(":n = size(pk)", nested);
    refused("pk = size(sk)", nested);
    refused(
        "pk = :s AND pk = :t",
        "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
    );
    refused(
        "pk.a = :s",
        "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes",
    );
    let invalid = |what: &str| format!("Invalid condition in KeyConditionExpression: {what}");
    refused("pk = sk", &invalid("Multiple attribute names used in one condition"));
    refused("sk BETWEEN pk AND :n", &invalid("Multiple attribute names used in one condition"));
    refused(":s = :t", &invalid("No key attribute specified"));
    refused(
        ":n BETWEEN sk AND :two",
        &invalid("BETWEEN operator must have the key attribute as its first operand"),
    );
    refused(
        "begins_with(:s, pk)",
        &invalid("begins_with operator must have the key attribute as its first operand"),
    );
    refused(
        "pk = :s AND begins_with(sk, :n)",
        "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
    );
}

#[test]
fn what_does_not_fit_the_schema() {
    refused("sk = :n", "Query condition missed key schema element: pk");
    refused("pk = :s AND foreign_one = :n", "Query condition missed key schema element: sk");
    refused("pk > :s", "Query key condition not supported");
    refused("begins_with(pk, :s) AND sk = :n", "Query key condition not supported");
    refused(
        "pk = :s AND sk = :n AND x = :n",
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)",
    );
    let mismatch =
        "One or more parameter values were invalid: Condition parameter type does not match schema type";
    refused("pk = :n", mismatch);
    refused("pk = :s AND sk = :s", mismatch);
    refused("pk = :s AND begins_with(sk, :s)", mismatch);
}

#[test]
fn keys_of_several_attributes() {
    let key = |name| KeyAttribute { name, kind: Type::N };
    let (hash, range) = ([key("h1"), key("h2")], [key("a"), key("b"), key("c")]);
    let bound = bind("b < :two AND h2 = :two AND a = :n AND h1 = :n", &hash, &range).unwrap();
    assert_eq!(bound.hash, [value(n("1")), value(n("2"))]);
    assert_eq!(bound.range_prefix, [value(n("1"))]);
    assert_eq!(bound.range, Some(RangeCondition::Lt(value(n("2")))));

    let refused = |text: &str, message: &str| assert_eq!(bind(text, &hash, &range).unwrap_err(), message);
    let gap = |missing: &str, present: &str| {
        format!(
            "RANGE key attributes {missing} must have equality conditions specified in the query because a condition is present on key attribute {present}"
        )
    };
    let hash_gap = |missing: &str| {
        format!("HASH key attributes {missing} must have equality conditions specified in the query")
    };
    refused("h1 = :n", &hash_gap("h2"));
    refused("h1 = :n AND h2 > :n", &hash_gap("h2"));
    refused("a = :n AND b = :n", &hash_gap("h1, h2"));
    refused("h1 = :n AND h2 = :n AND a = :n AND c = :n", &gap("b", "c"));
    refused("h1 = :n AND h2 = :n AND c = :n", &gap("a, b", "c"));
    refused("h1 = :n AND h2 = :n AND a > :n AND b = :n", &gap("a", "b"));
}

#[test]
fn legacy_conditions_are_clauses() {
    let eq = |name: &str| KeyClause { name: name.to_owned(), test: KeyTest::Eq(value(s("x"))) };
    assert!(KeyCondition::new(vec![eq("pk")]).unwrap().bind(&[PK], &[SK]).is_ok());
    assert_eq!(KeyCondition::new(vec![eq("pk"), eq("pk")]), Err(KeyConditionError::RepeatedKey));
}
