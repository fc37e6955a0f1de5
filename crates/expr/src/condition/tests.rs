use super::*;
use crate::fixture::*;
use proptest::prelude::*;
use types::{Item, Value};

fn condition(text: &str, request: &mut Request) -> Result<Condition, String> {
    let mut usage = std::mem::take(&mut request.usage);
    let parameters = request.parameters();
    let outcome = parse(text, Kind::Condition).and_then(|parsed| {
        parsed.check_in_turn(&parameters, &mut usage)?;
        parsed.resolve(&parameters, &mut usage)
    });
    outcome.map_err(|error| error.to_string())
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = condition(text, &mut request([])).expect_err(text);
    assert_eq!(error, format!("Invalid ConditionExpression: {message}"), "{text}");
}

#[track_caller]
fn accepted(text: &str) {
    if let Err(error) = condition(text, &mut request([])) {
        panic!("{text}: {error}");
    }
}

#[track_caller]
fn check(item: &Item, text: &str, values: Value, expect: bool) {
    let condition = condition(text, &mut request([(":v", values)])).expect(text);
    assert_eq!(condition.matches(item.as_ref()), expect, "{text}");
}

#[test]
fn syntax_errors_name_the_token_and_its_surroundings() {
    let syntax = |token: &str, near: &str| format!("Syntax error; token: \"{token}\", near: \"{near}\"");
    for (text, token, near) in [
        ("   ", "<EOF>", "   "),
        ("a", "<EOF>", "a"),
        ("a =", "<EOF>", "="),
        ("= :s", "=", "= :s"),
        ("a = = :s", "=", "= = :s"),
        ("a  =  -1", "-", "=  -1"),
        ("a = :s b", "b", ":s b"),
        ("a = :s AND", "<EOF>", "AND"),
        ("a AND b = :s", "AND", "a AND b"),
        ("(a) AND b = :s", "AND", ") AND b"),
        ("(a = :s", "<EOF>", ":s"),
        ("(a = :s))", ")", "))"),
        ("a = (b = :s)", "=", "b = :s"),
        ("(a = :s) = :s", "=", ") = :s"),
        ("a = :s = :s", "=", ":s = :s"),
        ("NOT", "<EOF>", "NOT"),
        ("NOT a", "<EOF>", "a"),
        ("a BETWEEN :s", "<EOF>", ":s"),
        ("a BETWEEN :s OR :s", "OR", ":s OR :s"),
        ("a IN :s", ":s", "IN :s"),
        ("a IN ()", ")", "()"),
        ("a IN (:s", "<EOF>", ":s"),
        ("size()", ")", "()"),
        ("l[01] = :s", "1", "01]"),
        ("l[-1] = :s", "-", "[-1"),
        ("l[:s] = :s", ":s", "[:s]"),
        ("a..b = :s", ".", "..b"),
        ("a.and = :s", "and", ".and ="),
        ("between = :s", "between", "between ="),
        ("a\u{a0}= :s", "\u{a0}", "a\u{a0}="),
        ("é = :s", "é", "é ="),
        ("# = :s", "#", "# ="),
        ("a == :s", "=", "== :s"),
        ("a != :s", "!", "a !="),
        ("a = 'x'", "'", "= 'x"),
    ] {
        refused(text, &syntax(token, near));
    }
}

#[test]
fn what_needs_no_parameters() {
    refused("", "The expression can not be empty;");
    refused(&"a".repeat(4097), "Expression size has exceeded the maximum allowed size;");
    let shown = parse(&"a".repeat(4097), Kind::Filter).unwrap_err().showing_size().to_string();
    assert_eq!(
        shown,
        "Invalid FilterExpression: Expression size has exceeded the maximum allowed size; expression size: 4097"
    );
    for text in [
        "((a.b)).c = :s",
        "((a = :s))",
        "((a)) = :s",
        "a = ((:s))",
        "NOT ((a = :s))",
        "size(((a))) = :n",
        "a IN (((:s)))",
    ] {
        refused(text, "The expression has redundant parentheses;");
    }
    refused("foo(a)", "Invalid function name; function: foo");
    refused("a = SIZE(b)", "Invalid function name; function: SIZE");
    let misused = |name: &str| {
        format!("The function is not allowed to be used this way in an expression; function: {name}")
    };
    refused("size(a)", &misused("size"));
    refused("NOT (size(a))", &misused("size"));
    refused("a = :s OR size(a)", &misused("size"));
    refused("attribute_exists(a) = :bool", &misused("attribute_exists"));
    refused("a IN (:s, contains(a, :s))", &misused("contains"));
    refused("begins_with(contains(a, :s), :s)", &misused("contains"));
    let reserved = |word: &str| format!("Attribute name is a reserved keyword; reserved keyword: {word}");
    refused("Status = :s", &reserved("Status"));
    refused("a.b.name = :s", &reserved("name"));
    refused("size = :s", &reserved("size"));
    refused(
        &format!("a{} = :s", ".b".repeat(32)),
        "The document path has too many nesting elements; nesting levels: 33",
    );
    refused("l[4294967295] = :s", "List index is not within the allowable range; index: [4294967295]");
    accepted("l[4294967294] = :s");
    refused("if_not_exists(a, :s) = :s", &misused("if_not_exists"));
    refused("list_append(a, :l)", &misused("list_append"));
}

#[test]
fn a_grouped_path_goes_on() {
    let read = |text: &str| condition(text, &mut request([])).expect(text);
    assert_eq!(read("(a.b)[1].c = :s"), read("a.b[1].c = :s"));
    assert_eq!(read("attribute_exists((a).b)"), read("attribute_exists(a.b)"));
    assert_eq!(read("((a).b).c = :s"), read("a.b.c = :s"));
    refused("(a)b = :s", "Syntax error; token: \"b\", near: \")b =\"");
    refused("(a = :s).b = :s", "Syntax error; token: \".\", near: \").b\"");
}

#[test]
fn the_first_sub_condition_with_a_fault_is_reported() {
    let distinct = |operator: &str, path: &str| {
        format!(
            "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
        )
    };
    refused("a = a AND b = :undefined", &distinct("=", "[a]"));
    refused(
        ":undefined > a AND a = a",
        "An expression attribute value used in expression is not defined; attribute value: :undefined",
    );
    refused("attribute_type(l[1].#r, l[1].a)", &distinct("attribute_type", "[l, [1], a]"));
    refused(
        "attribute_not_exists(size(:n))",
        "Incorrect operand type for operator or function; operator or function: size, operand type: N",
    );
}

#[test]
fn bounds_on_operators_and_operands() {
    let ors = |terms: usize| vec!["a=:s"; terms].join(" OR ");
    accepted(&ors(150));
    refused(&ors(151), "The expression contains too many operators; operator count: 301");
    let not = format!("{}a=:s", "NOT ".repeat(299));
    accepted(&not);
    refused(&format!("NOT {not}"), "The expression contains too many operators; operator count: 301");
    let list = |operands: usize| format!("a IN ({})", vec![":s"; operands].join(","));
    accepted(&list(100));
    refused(&list(101), "The IN operator is provided with too many operands; number of operands: 101");
}

#[test]
fn undefined_names_and_values() {
    refused(
        "#a = :s",
        "An expression attribute name used in the document path is not defined; attribute name: #a",
    );
    refused("a = :x", "An expression attribute value used in expression is not defined; attribute value: :x");
    refused(
        "attribute_exists(a, #a)",
        "An expression attribute name used in the document path is not defined; attribute name: #a",
    );
}

#[test]
fn what_no_item_is_needed_for() {
    let operand = |operator: &str, kind: &str| {
        format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
        )
    };
    refused("a < :bool", &operand("<", "BOOL"));
    refused(":l >= a", &operand(">=", "L"));
    refused("a BETWEEN :m AND :m", &operand("BETWEEN", "M"));
    refused(":bool BETWEEN :s AND :s", &operand("BETWEEN", "BOOL"));
    refused("begins_with(a, :n)", &operand("begins_with", "N"));
    refused("begins_with(size(a), :s)", &operand("begins_with", "N"));
    refused("size(:null) = :n", &operand("size", "NULL"));
    refused("size(size(a)) = :n", &operand("size", "N"));
    refused("attribute_type(a, :n)", &operand("attribute_type", "N"));
    refused("attribute_type(a, b)", &operand("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"));
    refused(
        "attribute_type(a, :s)",
        "Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
    );
    let count = |function: &str, count: usize| {
        format!(
            "Incorrect number of operands for operator or function; operator or function: {function}, number of operands: {count}"
        )
    };
    refused("begins_with(a)", &count("begins_with", 1));
    refused("attribute_exists(a, b)", &count("attribute_exists", 2));
    refused("contains(a, :s, :s)", &count("contains", 3));
    refused("size(a, b) = :n", &count("size", 2));
    let path = |function: &str| {
        format!("Operator or function requires a document path; operator or function: {function}")
    };
    refused("attribute_exists(:s)", &path("attribute_exists"));
    refused("attribute_not_exists(size(a))", &path("attribute_not_exists"));
    let distinct = |operator: &str, path: &str| {
        format!(
            "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
        )
    };
    refused("contains(a, a)", &distinct("contains", "[a]"));
    refused("#r.b[3] = a.b[3]", &distinct("=", "[a, b, [3]]"));
    refused("a <> #r", &distinct("<>", "[a]"));
}

#[test]
fn bounds_of_between() {
    let values = || request([(":low", s("a")), (":one", n("1")), (":bin", b(&[0xff, 0xfe]))]);
    let refused = |text: &str, message: &str| {
        let error = condition(text, &mut values()).unwrap_err();
        assert_eq!(error, format!("Invalid ConditionExpression: The BETWEEN operator requires {message}"));
    };
    refused(
        "a BETWEEN :low AND :one",
        "same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}",
    );
    refused(
        "a BETWEEN :s AND :low",
        "upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:x}, upper bound operand: AttributeValue: {S:a}",
    );
    refused(
        "a BETWEEN :bin AND :low",
        "same data type for lower and upper bounds; lower bound operand: AttributeValue: {B://4=}, upper bound operand: AttributeValue: {S:a}",
    );
    for (value, shown) in [
        (":bool", "{BOOL:true}"),
        (":null", "{NULL:true}"),
        (":ss", "{SS:[x]}"),
        (":l", "{L:[AttributeValue: {S:x}]}"),
        (":m", "{M:{x=AttributeValue: {S:y}}}"),
    ] {
        refused(
            &format!("a BETWEEN :low AND {value}"),
            &format!(
                "same data type for lower and upper bounds; lower bound operand: AttributeValue: {{S:a}}, upper bound operand: AttributeValue: {shown}"
            ),
        );
    }
}

#[test]
fn statics_pass_over_what_is_undefined() {
    let request = request([]);
    for (text, fine) in [("a < :x", true), ("#a = #b", true), ("a < :x AND b < :bool", false)] {
        let parsed = parse(text, Kind::Condition).unwrap();
        assert_eq!(parsed.check_statics(&request.parameters()).is_ok(), fine, "{text}");
    }
}

#[test]
fn every_grammatical_form() {
    for text in [
        "a = :s",
        "(a) = (:s)",
        "(a = :s)",
        "NOT a = :s",
        "NOT NOT (a = :s)",
        "not attribute_exists(a) and (b = :s or c <> :s)",
        "(attribute_exists(a))",
        "(size(a)) > :n",
        "a IN (:s, b, size(c), (:n))",
        "a between :n and :n and b = :s",
        "size(a) BETWEEN :n AND :n OR a.b[0].#n = :s",
        "a\t.\nb [ 0 ]=:s",
        "contains(:l, a)",
        "begins_with ( a , :s )",
        ":s = :s",
        "(a = :s) AND (b = :s)",
        "((a = :s) AND b = :s)",
    ] {
        accepted(text);
    }
}

#[test]
fn precedence_and_grouping() {
    let item = item([("t", n("1"))]);
    for (text, expect) in [
        ("t = :n OR t = :n AND t <> :n", true),
        ("(t = :n OR t = :n) AND t <> :n", false),
        ("NOT t <> :n AND t = :n", true),
        ("NOT (t <> :n AND t = :n)", true),
        ("NOT t = :n OR t = :n", true),
        ("t <> :n AND t = :n OR t = :n", true),
        ("t <> :n OR t <> :n OR t = :n AND t = :n", true),
    ] {
        check(&item, text, Value::Null, expect);
    }
}

#[test]
fn comparisons() {
    let item = item([
        ("str", s("b")),
        ("num", n("10")),
        ("bin", b(&[0x80])),
        ("nul", Value::Null),
        ("bag", ns(&["1", "2"])),
        ("doc", m([("k", l([s("x"), n("5")]))])),
    ]);
    for (text, value, expect) in [
        ("str = :v", s("b"), true),
        ("str = :v", s("B"), false),
        ("str < :v", s("c"), true),
        ("str <= :v", s("b"), true),
        ("str > :v", s("B"), true),
        ("num > :v", n("9"), true),
        ("num = :v", n("1e1"), true),
        ("num >= :v", n("10.1"), false),
        ("bin > :v", b(&[0x7f]), true),
        ("num < :v", s("9"), false),
        ("num = :v", s("10"), false),
        ("num <> :v", s("10"), true),
        ("bag = :v", ns(&["2.0", "1"]), true),
        ("bag <> :v", ns(&["1"]), true),
        ("doc = :v", m([("k", l([s("x"), n("5.0")]))]), true),
        ("doc.k[1] = :v", n("5"), true),
        ("doc.k[2] = :v", n("5"), false),
        ("doc.k.x = :v", n("5"), false),
        ("str[0] = :v", s("b"), false),
        ("nul = :v", Value::Null, true),
        ("gone = :v", n("1"), false),
        ("gone <> :v", n("1"), true),
        ("gone < :v", n("1"), false),
        ("NOT gone = :v", n("1"), true),
        ("gone <> gone2", Value::Null, true),
        ("gone = gone2", Value::Null, false),
        ("num BETWEEN :n AND :v", n("10"), true),
        ("num BETWEEN :n AND :v", n("9"), false),
        ("gone BETWEEN :n AND :v", n("9"), false),
        (":v BETWEEN num AND num", n("10"), true),
        ("num IN (:s, :v)", n("10"), true),
        ("gone IN (:s, gone2, :v)", n("10"), false),
    ] {
        check(&item, text, value, expect);
    }
}

#[test]
fn functions() {
    let item = item([
        ("str", s("hé𝄞")),
        ("bin", b(b"abcabd")),
        ("nul", Value::Null),
        ("ss", ss(&["a", "b"])),
        ("ns", ns(&["1", "2"])),
        ("bs", bs(&[b"a"])),
        ("lst", l([s("x"), m([("k", n("1"))]), ss(&["q"])])),
        ("doc", m([("k", Value::Bool(true))])),
        ("num", n("12")),
    ]);
    for (text, value, expect) in [
        ("attribute_exists(nul)", Value::Null, true),
        ("attribute_exists(doc.k)", Value::Null, true),
        ("attribute_exists(doc.z)", Value::Null, false),
        ("attribute_not_exists(lst[3])", Value::Null, true),
        ("attribute_type(doc.k, :v)", s("BOOL"), true),
        ("attribute_type(nul, :v)", s("NULL"), true),
        ("attribute_type(gone, :v)", s("NULL"), false),
        ("begins_with(str, :v)", s("hé"), true),
        ("begins_with(str, :v)", s("H"), false),
        ("begins_with(bin, :v)", b(b"abc"), true),
        ("begins_with(num, :v)", s("1"), false),
        ("begins_with(gone, :v)", s(""), false),
        ("contains(str, :v)", s("é"), true),
        ("contains(bin, :v)", b(b"abd"), true),
        ("contains(bin, :v)", b(b"abe"), false),
        ("contains(bin, :v)", b(b""), true),
        ("contains(ss, :v)", s("b"), true),
        ("contains(ss, :v)", n("1"), false),
        ("contains(ns, :v)", n("2.0"), true),
        ("contains(bs, :v)", b(b"a"), true),
        ("contains(lst, :v)", m([("k", n("1"))]), true),
        ("contains(lst, :v)", ss(&["q"]), true),
        ("contains(lst, :v)", s("q"), false),
        ("contains(doc, :v)", s("k"), false),
        ("contains(gone, :v)", s("k"), false),
        ("size(str) = :v", n("4"), true),
        ("size(bin) = :v", n("6"), true),
        ("size(ss) = :v", n("2"), true),
        ("size(lst) = :v", n("3"), true),
        ("size(doc) = :v", n("1"), true),
        ("size(num) = :v", n("2"), false),
        ("size(num) <> :v", n("2"), true),
        ("size(gone) < :v", n("2"), false),
    ] {
        check(&item, text, value, expect);
    }
}

#[test]
fn an_absent_item_has_no_attributes() {
    let absent = Item::empty();
    check(&absent, "attribute_not_exists(pk)", Value::Null, true);
    check(&absent, "attribute_exists(pk)", Value::Null, false);
    check(&absent, "pk <> :v", s("x"), true);
}

#[test]
fn a_byte_sequence_is_found_in_linear_time() {
    let item = item([("bin", b(&[vec![0; 200_000], vec![1]].concat()))]);
    check(&item, "contains(bin, :v)", b(&[vec![0; 100_000], vec![1]].concat()), true);
    check(&item, "contains(bin, :v)", b(&[vec![0; 100_000], vec![2]].concat()), false);
}

#[test]
fn paths_are_visited_in_order() {
    let condition =
        condition("a.b = :s AND (contains(c, d) OR NOT size(#n) IN (e, :s))", &mut request([])).unwrap();
    let mut paths = Vec::new();
    condition.visit_paths(&mut |path| paths.push(path.to_string()));
    assert_eq!(paths, ["[a, b]", "[c]", "[d]", "[real.name]", "[e]"]);
}

#[test]
fn key_attributes_in_filters() {
    let condition = condition("a = :s AND size(pk) > :n OR sk.x[0] = :s", &mut request([])).unwrap();
    let text = |outcome: Result<(), crate::error::KeyUseError>| outcome.map_err(|error| error.to_string());
    assert_eq!(condition.check_filters_no_key(&["x"]), Ok(()));
    assert_eq!(
        text(condition.check_filters_no_key(&["sk", "pk"])),
        Err("Filter Expression can only contain non-primary key attributes: Primary key attribute: pk".into())
    );
}

#[test]
fn nesting_neither_overflows_nor_takes_long() {
    for text in [
        "(".repeat(4096),
        format!("{}a=:s{}", "(".repeat(2000), ")".repeat(2000)),
        "NOT ".repeat(1024),
        "NOT(".repeat(1024),
        "size(".repeat(800),
        format!("{}a{}=:n", "size(".repeat(600), ")".repeat(600)),
        format!("{}a=:s{}", "(a=:s OR ".repeat(300), ")".repeat(300)),
        "a IN (".repeat(600),
        "a BETWEEN ".repeat(400),
        "a[0]".repeat(1024),
    ] {
        assert!(condition(&text, &mut request([])).is_err());
    }
}

/// The deepest condition that passes the bounds needs little of a thread's stack, even unoptimised.
#[test]
fn the_deepest_condition_is_shallow_enough() {
    let deepest = || {
        let nots = format!("{}a=:s", "NOT ".repeat(299));
        let groups = format!("{}a=:s{}", "NOT (a=:s OR ".repeat(75), ")".repeat(75));
        for text in [nots, groups] {
            let condition = condition(&text, &mut request([])).unwrap();
            let _ = condition.matches(item([("a", s("y"))]).as_ref());
            let copy = condition.clone();
            assert_eq!(copy, condition);
            copy.visit_paths(&mut |path| assert!(!path.is_nested()));
        }
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(deepest);
    thread.unwrap().join().unwrap();
}

proptest! {
    #[test]
    fn any_text_is_an_answer(text in "\\PC{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = condition(&text, &mut request([]));
        let _ = condition(&String::from_utf8_lossy(&bytes), &mut request([]));
    }

    #[test]
    fn any_tokens_are_an_answer(tokens in proptest::collection::vec(proptest::sample::select(vec![
        "a", "b", ".", "[", "0", "]", "#n", ":s", ":n", "(", ")", "(", ")", ",", "=", "<>", "<", ">=", "AND", "OR",
        "NOT", "BETWEEN", "IN", "size", "contains", "attribute_exists", "begins_with", "foo", "name", "+", "é",
    ]), 0..40)) {
        let text = tokens.join(" ");
        if let Ok(condition) = condition(&text, &mut request([])) {
            let item = item([("a", l([s("x")])), ("b", n("1"))]);
            let _ = condition.matches(item.as_ref());
            let _ = condition.matches(Item::empty().as_ref());
        }
    }
}
