use super::*;
use crate::condition::{Comparator, Operand};
use crate::fixture::{item, l, m, n, s, ss};
use crate::key_condition::{KeyTest, RangeCondition};
use types::Value;

fn read(text: &str, parameters: &[Value]) -> Result<Statement, String> {
    let parameters: Vec<ValueBuf> = parameters.iter().map(ValueBuf::from).collect();
    parse(text, &parameters).map_err(|error| error.to_string())
}

fn select(text: &str) -> Select {
    match read(text, &[]) {
        Ok(Statement::Select(select)) => select,
        other => panic!("{text}: {other:?}"),
    }
}

fn condition(text: &str) -> Condition {
    select(&format!("SELECT * FROM t WHERE {text}")).condition.unwrap()
}

fn holds(text: &str, of: &Item) -> bool {
    condition(text).matches(of.as_ref())
}

#[test]
fn a_select_names_what_it_reads() {
    let select = select("select \"pk\", m.k[0] from \"a.b\".ix where pk = 'it''s' order by pk desc, sk;");
    assert_eq!(select.target, Target { table: "a.b".to_owned(), index: Some("ix".to_owned()) });
    let paths: Vec<String> = select.paths.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["[pk]", "[m, k, [0]]"]);
    assert_eq!(select.order.iter().map(|term| term.descending).collect::<Vec<_>>(), [true, false]);
    let equals = Condition::Compare {
        comparator: Comparator::Eq,
        left: Operand::attribute("pk"),
        right: Operand::Value(ValueBuf::from(&s("it's"))),
    };
    assert_eq!(select.condition, Some(equals));
}

#[test]
fn conditions_are_those_of_expressions() {
    let of = item([
        ("a", s("xy")),
        ("n", n("5")),
        ("l", l([n("1"), s("x")])),
        ("s", ss(&["p", "q"])),
        ("z", Value::Null),
    ]);
    for text in [
        "a = 'xy' AND n = 5",
        "a = 'no' OR n > 4 AND n < 6",
        "NOT a = 'no' AND NOT gone = 'x'",
        "gone <> 'x' AND gone != 'x'",
        "n BETWEEN -1 AND 5",
        "n NOT BETWEEN 6 AND 7.5e1",
        "a IN ['no', 'xy'] AND a IN ('xy')",
        "a NOT IN ['no']",
        "(n = 4 OR (n = 5))",
        "begins_with(a, 'x') AND contains(s, 'p') AND contains(l, 1)",
        "size(a) = 2 AND 1 < size(s)",
        "gone IS MISSING AND z IS NULL AND a IS NOT MISSING AND a IS STRING AND n IS NUMERIC AND l IS LIST",
        "attribute_type(n, 'N') AND attribute_exists(a) AND attribute_not_exists(gone)",
        "l = [1, 'x'] AND s = <<'q', 'p'>> /* sets have no order */ -- nor comments",
        "5 = n AND l[1] = 'x'",
    ] {
        assert!(holds(text, &of), "{text}");
        assert!(!holds(&format!("NOT ({text}\n)"), &of), "{text}");
    }
    assert!(!holds("gone = 'x'", &of) && !holds("z IS MISSING", &of));
}

#[test]
fn parameters_stand_where_their_question_marks_are() {
    let statement = read("INSERT INTO t VALUE {'pk': ?, 'm': {'k': [1, <<'x'>>, ?]}}", &[s("a"), n("2")]);
    let Ok(Statement::Insert(insert)) = statement else { panic!("{statement:?}") };
    let inner = m([("k", l([n("1"), ss(&["x"]), n("2")]))]);
    assert_eq!(insert.item, item([("pk", s("a")), ("m", inner)]));
    assert_eq!(insert.nesting_levels, 2);
    let too_few = "Number of parameters in request and statement don't match.";
    assert_eq!(read("SELECT * FROM t WHERE a = ? AND b = ?", &[n("1")]), Err(too_few.to_owned()));
    assert!(read("SELECT * FROM t WHERE a = ?", &[n("1"), n("2")]).is_ok());
}

#[test]
fn an_update_is_one_update() {
    let text = "UPDATE t SET a = a + 1 SET b = list_append(b, [2]), s = set_add(s, <<'y'>>) REMOVE c.d \
                WHERE pk = 'k' AND a = 1 RETURNING MODIFIED NEW *";
    let Ok(Statement::Update(update)) = read(text, &[]) else { panic!() };
    assert_eq!(update.returning, Some(Returning::ModifiedNew));
    let old = item([("a", n("1")), ("b", l([n("1")])), ("s", ss(&["x"])), ("c", m([("d", n("1"))]))]);
    let updated = update.update.apply(old.as_ref()).unwrap().item;
    let new = item([("a", n("2")), ("b", l([n("1"), n("2")])), ("s", ss(&["x", "y"])), ("c", m([]))]);
    assert_eq!(updated, new);
    let (key, rest) = item_key(update.condition, &["pk"]).unwrap();
    assert_eq!(key, item([("pk", s("k"))]));
    assert_eq!(rest, Some(condition("a = 1")));
    assert!(matches!(read("FROM t WHERE pk = 'k' SET a = 1", &[]), Ok(Statement::Update(_))));
}

#[test]
fn the_key_of_a_write_is_named_once() {
    let key = |text: &str| item_key(Some(condition(text)), &["pk", "sk"]).map_err(|error| error.to_string());
    let missing = "Where clause does not contain a mandatory equality on all key attributes".to_owned();
    let twice =
        "Multiple conditions on same key sk. Only single item Update/Insert/Delete are supported".to_owned();
    assert_eq!(key("pk = 'a' AND (sk IN [1] AND x = 2)").unwrap().0, item([("pk", s("a")), ("sk", n("1"))]));
    assert_eq!(key("pk = 'a'"), Err(missing.clone()));
    assert_eq!(key("pk = 'a' AND sk > 1"), Err(missing.clone()));
    assert_eq!(key("pk = 'a' AND sk = 1 OR x = 2"), Err(missing));
    assert_eq!(key("pk = 'a' AND sk = 1 AND sk = 2"), Err(twice));
}

#[test]
fn what_a_select_reads_follows_from_its_clause() {
    let of = |text: &str| ranges(Some(condition(text)), "pk", Some("sk")).map_err(|error| error.to_string());
    let range = |hash: &str, range: Option<KeyTest>, filter: Option<&str>| ReadRange {
        hash: ValueBuf::from(&s(hash)),
        range,
        filter: filter.map(condition),
    };
    let eq = |number: &str| Some(KeyTest::Eq(ValueBuf::from(&n(number))));
    let gt = |number: &str| Some(KeyTest::Range(RangeCondition::Gt(ValueBuf::from(&n(number)))));
    let keyed = |ranges: Vec<ReadRange>| Ok(Ranges::Keyed(ranges));
    assert_eq!(of("pk = 'a'"), keyed(vec![range("a", None, None)]));
    assert_eq!(of("x = 1 AND 'a' = pk AND 3 < sk"), keyed(vec![range("a", gt("3"), Some("x = 1"))]));
    assert_eq!(of("pk IN ['b', 'a', 'b']"), keyed(vec![range("b", None, None), range("a", None, None)]));
    assert_eq!(
        of("(pk = 'a' OR pk = 'b') AND sk = 1"),
        keyed(vec![range("a", eq("1"), None), range("b", eq("1"), None)])
    );
    assert_eq!(
        of("pk = 'a' AND sk = 1 OR pk = 'a' AND sk > 1 AND y = 2"),
        keyed(vec![range("a", eq("1"), None), range("a", gt("1"), Some("y = 2"))])
    );
    for text in ["x = 1", "pk = 'a' OR x = 1", "NOT pk = 'a'", "pk > 'a'", "pk.k = 'a'", "pk = x"] {
        assert_eq!(of(text), Ok(Ranges::All(Some(condition(text)))), "{text}");
    }
    let overlap = Err("Overlapping conditions with range keys are not supported in where clause".to_owned());
    for text in ["pk = 'a' OR pk = 'a' AND sk = 1", "pk = 'a' AND sk >= 1 OR pk = 'a' AND sk < 2"] {
        assert_eq!(of(text), overlap, "{text}");
    }
}

#[test]
fn every_partition_that_is_named_is_judged() {
    let named = |text: &str| {
        let values = partitions(&condition(text), "pk")?;
        Some(values.iter().map(|value| value.as_ref().to_value()).collect::<Vec<_>>())
    };
    assert_eq!(named("pk IN ['a', 'b'] AND x = 1 AND pk = 'c'"), Some(vec![s("a"), s("b"), s("c")]));
    assert_eq!(named("pk = 'a' OR pk = 'b' AND x = 1"), Some(vec![s("a"), s("b")]));
    assert_eq!(named("pk = 'a' OR x = 1"), None);
}

#[test]
fn ranges_come_in_the_order_asked_for() {
    let of = |text: &str| {
        let select = select(&format!("SELECT * FROM t WHERE {text}"));
        let mut found = ranges(select.condition, "pk", Some("sk")).unwrap();
        let reversed = found.ordered(&select.order, "pk", Some("sk")).map_err(|error| error.to_string())?;
        let Ranges::Keyed(ranges) = found else { panic!("{text}") };
        let hashes: Vec<Value> = ranges.iter().map(|range| range.hash.as_ref().to_value()).collect();
        Ok::<_, String>((hashes, reversed))
    };
    let both = |first: &str, second: &str| vec![s(first), s(second)];
    assert_eq!(of("pk IN ['b', 'a'] ORDER BY pk"), Ok((both("a", "b"), false)));
    assert_eq!(of("pk IN ['a', 'b'] ORDER BY pk DESC, sk DESC"), Ok((both("b", "a"), true)));
    assert_eq!(of("pk = 'a' ORDER BY sk DESC"), Ok((vec![s("a")], true)));
    let refused = |text: &str| of(text).unwrap_err();
    assert!(refused("pk IN ['a', 'b'] ORDER BY sk").starts_with("Must have hash key in ORDER BY clause"));
    assert_eq!(
        refused("pk = 'a' ORDER BY x"),
        "Attribute x in ORDER BY clause must be part of the primary key"
    );
    assert!(refused("x = 'a' ORDER BY pk").starts_with("Must have at least one non-optional hash key"));
}

#[test]
fn what_is_no_statement_says_why() {
    let malformed = |what: &str| format!("Statement wasn't well formed, can't be processed: {what}");
    for (text, expected) in [
        ("", malformed("Expected data manipulation")),
        ("CREATE TABLE t", malformed("Expected data manipulation")),
        ("SELECT COUNT(*) FROM \"T\"", "Unexpected path component at 1:8:5".to_owned()),
        ("SELECT *\nFROM t WHERE lower(a) = 'x'", "Unexpected path component at 2:14:5".to_owned()),
        ("SELECT a AS b FROM t", "Aliasing is not supported".to_owned()),
        ("SELECT * FROM t x", "Aliasing is not supported".to_owned()),
        ("SELECT * FROM t, u", "Only select from a single table or index is supported.".to_owned()),
        ("SELECT * FROM a.b.c", "A path may contain at most 2 components in the FROM clause".to_owned()),
        ("SELECT * FROM \"\"", "Path component cannot be an empty string".to_owned()),
        ("DELETE FROM a.b WHERE pk = 1", "This operation is not supported on an index".to_owned()),
        ("SELECT a FROM t; SELECT 1", malformed("Unexpected token after semicolon. (Only one query is allowed.)")),
        ("SELECT a FROM t LIMIT 1", malformed("Unexpected token after expression")),
        ("SELECT * FROM t WHERE a =", malformed("Missing right-hand side expression of infix operator")),
        ("SELECT * FROM t WHERE date = 1", malformed("Unexpected keyword")),
        ("SELECT * FROM t WHERE a == 1", malformed("Unexpected operator")),
        ("SELECT * FROM t WHERE a = <<>>", "Empty bags are not supported".to_owned()),
        ("SELECT * FROM 't'", malformed("Expected identifier for simple path")),
        ("SELECT * FROM t ORDER BY a", "Must have WHERE clause in the statement when using ORDER BY clause.".to_owned()),
        (
            "SELECT * FROM t WHERE a < true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL".to_owned(),
        ),
        (
            "DELETE FROM t WHERE pk = 1 RETURNING MODIFIED OLD *",
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE \
             statements."
                .to_owned(),
        ),
    ] {
        assert_eq!(read(text, &[]).unwrap_err(), expected, "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let too_deep = "The statement is nested too deeply".to_owned();
    for text in [
        format!("SELECT * FROM t WHERE {}a = 1", "(".repeat(4000)),
        format!("SELECT * FROM t WHERE {}a = 1", "NOT ".repeat(2000)),
        format!("SELECT * FROM t WHERE a = {}", "[".repeat(4000)),
        format!("UPDATE t SET a = {}1", "(".repeat(4000)),
    ] {
        assert_eq!(read(&text, &[]), Err(too_deep.clone()), "{}", &text[..40]);
    }
    let too_many = "The expression contains too many operators; operator count: 301".to_owned();
    let sum = format!("UPDATE t SET a = 1{} WHERE pk = 1", " + 1".repeat(2000));
    assert_eq!(read(&sum, &[]), Err(too_many.clone()));
    let all = format!("SELECT * FROM t WHERE a = 1{}", " AND a = 1".repeat(200));
    assert_eq!(read(&all, &[]), Err(too_many));
}
