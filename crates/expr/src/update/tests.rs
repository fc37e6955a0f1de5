use super::*;
use crate::error::UpdateError;
use crate::fixture::*;
use proptest::prelude::*;
use types::{Item, Number, Value};

fn update(text: &str, request: &mut Request) -> Result<Update, String> {
    let mut usage = std::mem::take(&mut request.usage);
    let parameters = request.parameters();
    parse(text).and_then(|parsed| parsed.resolve(&parameters, &mut usage)).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let error = update(text, &mut request([])).expect_err(text);
    assert_eq!(error, format!("Invalid UpdateExpression: {message}"), "{text}");
}

fn sample() -> Item {
    item([
        ("a", n("1")),
        ("b", s("B")),
        ("doc", m([("k", n("5")), ("mid", m([("x", s("X"))]))])),
        ("lst", l([n("0"), n("1"), n("2"), m([("p", s("P"))])])),
        ("bag", ss(&["p", "q"])),
        ("nul", Value::Null),
        ("one", l([ns(&["1"]), s("z")])),
    ])
}

/// Applies an update to the sample and compares these attributes of the result; NULL means absent.
#[track_caller]
fn check<const N: usize>(text: &str, expect: [(&str, Value); N]) {
    let update = update(text, &mut request([])).expect(text);
    let old = sample();
    let updated = update.apply(old.as_ref()).expect(text);
    let mut names: Vec<_> = old.as_ref().iter().map(|(name, _)| name.to_owned()).collect();
    for (name, value) in expect {
        let found = updated.item.get(name).map(types::ValueRef::to_value);
        assert_eq!(found, Some(value).filter(|value| *value != Value::Null), "{text}: {name}");
        names.retain(|other| other != name);
    }
    for name in names {
        assert_eq!(updated.item.get(&name), old.get(&name), "{text}: {name} is untouched");
    }
}

#[track_caller]
fn fails(text: &str, expect: UpdateError) {
    let update = update(text, &mut request([(":d", n("1"))])).expect(text);
    assert_eq!(update.apply(sample().as_ref()).expect_err(text), expect, "{text}");
}

#[test]
fn refusals_without_parameters() {
    let syntax = |token: &str, near: &str| format!("Syntax error; token: \"{token}\", near: \"{near}\"");
    refused("", "The expression can not be empty;");
    for (text, token, near) in [
        (" ", "<EOF>", " "),
        ("a = :s", "a", "a ="),
        ("SET", "<EOF>", "SET"),
        ("SET a", "<EOF>", "a"),
        ("SET a = ", "<EOF>", "="),
        ("SET a = :n + :n + :n", "+", ":n + :n"),
        ("SET a = :n :n", ":n", ":n :n"),
        ("SET a = :n,", "<EOF>", ","),
        ("SET a = b = :n", "=", "b = :n"),
        ("SET a = (:n", "<EOF>", ":n"),
        ("SET a = list_append(:l + :l, :l)", "+", ":l + :l"),
        ("REMOVE a b", "b", "a b"),
        ("REMOVE foo(a)", "(", "foo(a"),
        ("ADD a b", "b", "a b"),
        ("ADD a = :n", "=", "a = :n"),
        ("SET add = :n", "add", "SET add ="),
        ("SET a = :n REMOVE", "<EOF>", "REMOVE"),
    ] {
        refused(text, &syntax(token, near));
    }
    refused("SET a = foo(b), name = :s", "Attribute name is a reserved keyword; reserved keyword: name");
    let misused = |name: &str| {
        format!("The function is not allowed to be used this way in an expression; function: {name}")
    };
    refused("SET a = size(b)", &misused("size"));
    refused("SET a = list_append(list_append(:l, :l), :l)", &misused("list_append"));
    refused("SET a = list_append((list_append(:l, :l)), :l)", &misused("list_append"));
    refused("SET _a = :n", &syntax("_", "SET _a"));
    refused("SET a = _f(b)", &syntax("_", "= _f"));
    refused("SET a = :n SET b = :n", "The \"SET\" section can only be used once in an update expression;");
    refused(
        "remove a ADD b :n REMOVE c",
        "The \"REMOVE\" section can only be used once in an update expression;",
    );
    let terms = format!("SET a = {}:l{}", "list_append(:l,".repeat(271), ")".repeat(271));
    assert!(update(&terms[..], &mut request([])).is_err());
}

#[test]
fn refusals_with_parameters() {
    refused(
        "SET a = :x, #x = :n",
        "An expression attribute name used in the document path is not defined; attribute name: #x",
    );
    refused(
        "SET a = :x ADD b :s",
        "An expression attribute value used in expression is not defined; attribute value: :x",
    );
    let clause = |clause: &str, kind: &str| {
        format!(
            "Incorrect operand type for operator or function; operator: {clause}, operand type: {kind}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
        )
    };
    for (name, kind) in [
        (":s", "STRING"),
        (":b", "Binary"),
        (":bool", "BOOL"),
        (":null", "NULL"),
        (":l", "LIST"),
        (":m", "MAP"),
    ] {
        refused(&format!("ADD a {name}"), &clause("ADD", kind));
    }
    refused("DELETE a :n", &clause("DELETE", "NUMBER"));
    let operand = |operator: &str, kind: &str| {
        format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
        )
    };
    refused("SET a = a + :s", &operand("+", "S"));
    refused("SET a = :l - a", &operand("-", "L"));
    refused("SET a = list_append(a, :n)", &operand("list_append", "N"));
    refused(
        "SET a = if_not_exists(:n, :n)",
        "Operator or function requires a document path; operator or function: if_not_exists",
    );
    refused(
        "SET a = if_not_exists(b)",
        "Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1",
    );
    refused(
        "SET a.b = :n REMOVE #r",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]",
    );
    refused(
        "SET a.b = :n REMOVE a[0]",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]",
    );
    refused("SET a = :n, a.b = :n ADD c :s", &clause("ADD", "STRING"));
}

#[test]
fn set() {
    check("SET a = :s", [("a", s("x"))]);
    check("SET nu = :s, #n = a", [("nu", s("x")), ("real.name", n("1"))]);
    check("SET a = b, b = a", [("a", s("B")), ("b", n("1"))]);
    check("SET a = a + :n", [("a", n("2"))]);
    check("SET a = :n - (a + :n)", [("a", n("-1"))]);
    check("SET a = (((:s)))", [("a", s("x"))]);
    check("SET a = if_not_exists(a, :s), c = if_not_exists(c, :s)", [("a", n("1")), ("c", s("x"))]);
    check("SET c = if_not_exists(c, a) + :n", [("c", n("2"))]);
    check("SET c = list_append(if_not_exists(c, :l), :l)", [("c", l([s("x"), s("x")]))]);
    check("SET one = list_append(:l, one)", [("one", l([s("x"), ns(&["1"]), s("z")]))]);
    check(
        "SET doc.k = :s, doc.#r = :n",
        [("doc", m([("k", s("x")), ("a", n("1")), ("mid", m([("x", s("X"))]))]))],
    );
    check("SET doc.mid.x = :n", [("doc", m([("k", n("5")), ("mid", m([("x", n("1"))]))]))]);
    check(
        "SET lst[9] = :s, lst[7] = :b, lst[1] = :n",
        [("lst", l([n("0"), n("1"), n("2"), m([("p", s("P"))]), b(b"x"), s("x")]))],
    );
    check("SET lst[3].q = lst[0]", [("lst", l([n("0"), n("1"), n("2"), m([("p", s("P")), ("q", n("0"))])]))]);
}

#[test]
fn remove() {
    check("REMOVE a, gone", [("a", Value::Null), ("gone", Value::Null)]);
    check("REMOVE doc.mid.x, doc.k", [("doc", m([("mid", m([]))]))]);
    check("REMOVE lst[0], lst[2]", [("lst", l([n("1"), m([("p", s("P"))])]))]);
    check("REMOVE lst[3].p, lst[9]", [("lst", l([n("0"), n("1"), n("2"), m([])]))]);
    check(
        "REMOVE lst[0] SET lst[1] = :s, lst[5] = :n",
        [("lst", l([s("x"), n("2"), m([("p", s("P"))]), n("1")]))],
    );
}

#[test]
fn add_and_delete() {
    check("ADD a :n, fresh :n, tags :ss", [("a", n("2")), ("fresh", n("1")), ("tags", ss(&["x"]))]);
    check("ADD bag :ss", [("bag", ss(&["p", "q", "x"]))]);
    check(
        "ADD doc.k :n, doc.z :ns",
        [("doc", m([("k", n("6")), ("z", ns(&["1"])), ("mid", m([("x", s("X"))]))]))],
    );
    check("ADD lst[8] :n", [("lst", l([n("0"), n("1"), n("2"), m([("p", s("P"))]), n("1")]))]);
    check("DELETE bag :ss, gone :ss", [("bag", ss(&["p", "q"])), ("gone", Value::Null)]);
    check("DELETE one[0] :ns", [("one", l([s("z")]))]);
    let mut values = request([(":p", ss(&["p"])), (":pq", ss(&["p", "q", "r"]))]);
    let old = sample();
    let less = update("DELETE bag :p", &mut values).unwrap();
    assert_eq!(less.apply(old.as_ref()).unwrap().item.get("bag").unwrap().to_value(), ss(&["q"]));
    let none = update("DELETE bag :pq", &mut values).unwrap();
    assert_eq!(none.apply(old.as_ref()).unwrap().item.get("bag"), None);
}

#[test]
fn errors_at_run_time() {
    use UpdateError::*;
    for text in
        ["SET c = gone", "SET c = doc.gone", "SET c = lst[4]", "SET c = gone + :n", "SET c = b - gone"]
    {
        fails(text, MissingAttribute);
    }
    for text in [
        "SET a = b + :n",
        "SET a = list_append(a, :l)",
        "SET a = a - lst",
        "ADD b :n",
        "ADD bag :ns",
        "ADD nul :n",
        "DELETE a :ss",
        "DELETE bag :bs",
        "SET gone.x = :n ADD b :n",
        "SET c = gone ADD b :n",
    ] {
        fails(text, IncorrectDataType);
    }
    for text in [
        "SET gone.x = :n",
        "SET gone[0] = :n",
        "SET a.x = :n",
        "SET nul.x = :n",
        "SET lst.x = :n",
        "SET doc[0] = :n",
        "SET lst[4].x = :n",
        "REMOVE gone.x",
        "REMOVE doc.qq.x",
        "REMOVE a[0]",
        "DELETE gone.x :ss",
        "ADD gone.x :n",
    ] {
        fails(text, InvalidPath);
    }
    let text = |error: UpdateError| error.to_string();
    assert_eq!(text(IncorrectDataType), "An operand in the update expression has an incorrect data type");
    assert_eq!(text(TypeMismatch), "Type mismatch for attribute to update");
    assert_eq!(
        text(InvalidPath),
        "The document path provided in the update expression is invalid for update"
    );
    assert_eq!(
        text(MissingAttribute),
        "The provided expression refers to an attribute that does not exist in the item"
    );
    assert_eq!(text(Nesting), "Nesting Levels have exceeded supported limits");
}

#[test]
fn numbers_out_of_range() {
    let big = item([("a", n("9e125"))]);
    let mut values = request([(":v", n("9e125")), (":long", n("1e-3"))]);
    let apply = |text: &str, values: &mut Request| {
        update(text, values).unwrap().apply(big.as_ref()).map(|updated| updated.item).unwrap_err().to_string()
    };
    assert_eq!(
        apply("SET a = a + :v", &mut values),
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    );
    assert_eq!(
        apply("ADD a :long", &mut values),
        "Number overflow. Attempting to store a number with magnitude larger than supported range",
        "a result of more than 38 digits"
    );
}

#[test]
fn nesting_of_the_result() {
    let nested = |levels: usize| (0..levels).fold(n("1"), |inner, _| l([inner]));
    let apply = |text: &str, levels: usize| {
        let update = update(text, &mut request([(":v", nested(levels))])).unwrap();
        update.apply(sample().as_ref()).map(drop)
    };
    assert_eq!(apply("SET a = :v", 31), Ok(()));
    assert_eq!(apply("SET a = :v", 32), Err(UpdateError::Nesting));
    assert_eq!(apply("SET doc.mid.y = :v", 29), Ok(()));
    assert_eq!(apply("SET doc.mid.y = :v", 30), Err(UpdateError::Nesting));
}

#[track_caller]
fn fragments(text: &str, old: Option<Item>, new: Option<Item>) {
    let update = update(text, &mut request([])).expect(text);
    let sample = sample();
    let updated = update.apply(sample.as_ref()).expect(text);
    assert_eq!((updated.updated_old(), updated.updated_new()), (old, new), "{text}");
}

#[test]
fn the_touched_paths_before_and_after() {
    fragments("SET a = :s", Some(item([("a", n("1"))])), Some(item([("a", s("x"))])));
    fragments("SET nu = :s", None, Some(item([("nu", s("x"))])));
    fragments("REMOVE a", Some(item([("a", n("1"))])), None);
    fragments("REMOVE gone", None, None);
    fragments(
        "SET doc.mid.x = :n",
        Some(item([("doc", m([("mid", m([("x", s("X"))]))]))])),
        Some(item([("doc", m([("mid", m([("x", n("1"))]))]))])),
    );
    fragments(
        "SET lst[9] = :s, lst[1] = :b REMOVE lst[0]",
        Some(item([("lst", l([n("0"), n("1")]))])),
        Some(item([("lst", l([b(b"x"), n("2")]))])),
    );
    fragments("SET lst[9] = :s", None, None);
    fragments("REMOVE lst[0]", Some(item([("lst", l([n("0")]))])), Some(item([("lst", l([n("1")]))])));
    fragments("DELETE gone :ss", None, None);
    fragments(
        "DELETE bag :ss",
        Some(item([("bag", ss(&["p", "q"]))])),
        Some(item([("bag", ss(&["p", "q"]))])),
    );
    fragments("ADD a :n", Some(item([("a", n("1"))])), Some(item([("a", n("2"))])));
}

#[test]
fn legacy_attribute_updates() {
    let value = |value: Value| types::ValueBuf::from(&value);
    let apply = |name: &str, change: Change| {
        let actions = vec![Action { path: Path::top_level(name), change }];
        Update::from_attribute_updates(actions)
            .apply(sample().as_ref())
            .map(|updated| updated.item.get(name).map(types::ValueRef::to_value))
    };
    assert_eq!(apply("one", Change::Add(value(l([n("7")])))), Ok(Some(l([ns(&["1"]), s("z"), n("7")]))));
    assert_eq!(apply("x.y", Change::Add(value(l([n("7")])))), Ok(Some(l([n("7")]))));
    assert_eq!(apply("x.y", Change::Set(Term::Value(value(n("7"))))), Ok(Some(n("7"))));
    assert_eq!(apply("a", Change::Remove), Ok(None));
    assert_eq!(apply("b", Change::Add(value(n("1")))), Err(UpdateError::TypeMismatch));
    assert_eq!(apply("bag", Change::Delete(value(ns(&["1"])))), Err(UpdateError::TypeMismatch));
}

#[test]
fn the_tally_of_a_request() {
    let cost = |text: &str| update(text, &mut request([(":v", s("12345"))])).unwrap().request_cost();
    assert_eq!(cost("SET abc = :v"), 3 + 19 + 3 + 5);
    assert_eq!(cost("SET #n = (:v)"), 3 + 19 + 9 + 5);
    assert_eq!(cost("SET a.bb[10] = c.d"), 3 + 19 + (1 + 4 + 2 + 4 + 2) + (1 + 15 + 15));
    assert_eq!(cost("REMOVE a, b[0]"), 3 + (1 + 1) + (1 + 1 + 4 + 1));
    assert_eq!(cost("ADD a :n DELETE c :ss"), 3 + (19 + 1 + 2) + (1 + 1));
    assert_eq!(cost("SET a = b + :n"), 3 + 20 + 34 + 16 + 2);
    assert_eq!(cost("SET a = b - :n"), 3 + 20 + 37 + 16 + 2);
    assert_eq!(cost("SET a = if_not_exists(b, :v)"), 3 + 20 + 39 + 16 + 5);
    assert_eq!(cost("SET a = list_append(b, :l)"), 3 + 20 + 37 + 16 + (3 + 1 + 1));
}

#[test]
fn hostile_updates_end_soon() {
    let parentheses = format!("SET a = {}:s{}", "(".repeat(2000), ")".repeat(2000));
    check(&parentheses, [("a", s("x"))]);
    let big = item([("l", Value::L(vec![s(&"x".repeat(100)); 4000]))]);
    let append = format!("SET l = {}l{}", "list_append(l,".repeat(270), ")".repeat(270));
    let update = update(&append, &mut request([])).unwrap();
    assert_eq!(update.apply(big.as_ref()).map(drop), Err(UpdateError::TooLarge));
}

/// The deepest term that passes the bounds needs little of a thread's stack, even unoptimised.
#[test]
fn the_deepest_term_is_shallow_enough() {
    let deepest = || {
        let text = format!("SET a = {}a{}", "(".repeat(300), "+:n)".repeat(300));
        check(&text, [("a", n("301"))]);
        let text = format!("SET a = {}a{}", "(:n+".repeat(301), ")".repeat(301));
        refused(&text, "The expression contains too many operators; operator count: 301");
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(deepest);
    thread.unwrap().join().unwrap();
}

proptest! {
    #[test]
    fn any_text_is_an_answer(text in "\\PC{0,60}") {
        let _ = update(&text, &mut request([]));
        let _ = update(&format!("SET {text}"), &mut request([]));
    }

    #[test]
    fn any_tokens_are_an_answer(section in "SET a =|REMOVE|ADD lst|SET lst\\[0\\] =",
        tokens in proptest::collection::vec(proptest::sample::select(vec![
        "a", "lst", "doc", "k", ".", "[", "0", "9", "]", "#n", ":s", ":n", ":ss", ":l", "(", ")", ",", "=", "+", "-", "SET",
        "REMOVE", "ADD", "DELETE", "if_not_exists", "list_append", "foo", "é",
    ]), 0..30)) {
        if let Ok(update) = update(&format!("{section} {}", tokens.join(" ")), &mut request([])) {
            let _ = update.request_cost();
            if let Ok(updated) = update.apply(sample().as_ref()) {
                let _ = (updated.updated_old(), updated.updated_new(), updated.item.size_bytes());
            }
        }
    }

    /// Indexes of a list refer to the list as it was, whatever else happens to it.
    #[test]
    fn edits_of_a_list_agree_with_a_model(len in 0..6u32, edits in proptest::collection::btree_map(0..9u32, any::<bool>(), 1..6)) {
        let element = |index: u32| n(&index.to_string());
        let clauses = |wanted: bool, suffix: &str| {
            let targets = edits.iter().filter(|(_, set)| **set == wanted);
            targets.map(|(index, _)| format!("lst[{index}]{suffix}")).collect::<Vec<_>>().join(",")
        };
        let section = |keyword: &str, clauses: String| if clauses.is_empty() { clauses } else { format!("{keyword} {clauses} ") };
        let text = section("SET", clauses(true, " = :s")) + &section("REMOVE", clauses(false, ""));
        let expect = (0..9).filter_map(|index| match edits.get(&index) {
            Some(true) => Some(s("x")),
            Some(false) => None,
            None => (index < len).then(|| element(index)),
        });
        let old = item([("lst", Value::L((0..len).map(element).collect()))]);
        let update = update(&text, &mut request([])).unwrap();
        let updated = update.apply(old.as_ref()).unwrap();
        let new: Vec<_> = expect.collect();
        prop_assert_eq!(&updated.item, &item([("lst", Value::L(new.clone()))]));
        let touched: Vec<_> = edits.keys().filter_map(|index| new.get(*index as usize).cloned()).collect();
        let expect = (!touched.is_empty()).then(|| item([("lst", Value::L(touched))]));
        prop_assert_eq!(updated.updated_new(), expect);
    }

    /// Editing bytes gives what editing a tree would give.
    #[test]
    fn single_edits_agree_with_a_tree(path in proptest::sample::select(vec!["a", "doc.k", "doc.mid.x", "lst[1]", "lst[3].p", "nu"]), value in any::<i64>()) {
        let update = update(&format!("SET {path} = :v"), &mut request([(":v", Value::N(Number::from(value)))])).unwrap();
        let old = sample();
        let updated = update.apply(old.as_ref()).unwrap();
        let target = &update.actions()[0].path;
        prop_assert_eq!(target.find(updated.item.as_ref()).unwrap().to_value(), Value::N(Number::from(value)));
        let mut rebuilt = types::ItemBuilder::new();
        updated.item.as_ref().iter().for_each(|(name, value)| { rebuilt.put(name, &value.to_value()); });
        prop_assert_eq!(rebuilt.build(), updated.item);
    }
}
