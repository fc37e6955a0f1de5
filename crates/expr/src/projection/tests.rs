use super::*;
use crate::fixture::*;
use proptest::prelude::*;
use types::Value;

fn projection(text: &str) -> Result<Projection, String> {
    let mut request = request([]);
    let mut usage = std::mem::take(&mut request.usage);
    let parameters = request.parameters();
    parse(text).and_then(|parsed| parsed.resolve(&parameters, &mut usage)).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(text: &str, message: &str) {
    assert_eq!(projection(text).unwrap_err(), format!("Invalid ProjectionExpression: {message}"));
}

#[track_caller]
fn check<const N: usize>(text: &str, expect: [(&str, Value); N]) {
    let whole = item([
        ("a", s("A")),
        ("real.name", n("1")),
        ("doc", m([("x", n("1")), ("y", m([("z", s("deep")), ("w", Value::Null)])), ("e", m([]))])),
        ("lst", l([n("0"), m([("p", s("P")), ("q", s("Q"))]), n("2"), l([s("i"), s("j")])])),
    ]);
    assert_eq!(projection(text).expect(text).apply(whole.as_ref()), item(expect), "{text}");
}

#[test]
fn the_named_paths_and_nothing_else() {
    check("a", [("a", s("A"))]);
    check("#n, a", [("real.name", n("1")), ("a", s("A"))]);
    check("gone", []);
    check("a.b, #n[0], gone.x", [] as [(&str, Value); 0]);
    check("doc.y.z, doc.x", [("doc", m([("x", n("1")), ("y", m([("z", s("deep"))]))]))]);
    check("doc.y", [("doc", m([("y", m([("z", s("deep")), ("w", Value::Null)]))]))]);
    check("doc.e", [("doc", m([("e", m([]))]))]);
    check("doc.e.f, doc.nope", []);
    check("lst[2], lst[0]", [("lst", l([n("0"), n("2")]))]);
    check("lst[1].q, lst[1].p", [("lst", l([m([("p", s("P")), ("q", s("Q"))])]))]);
    check("lst[3][1], lst[9], lst[2].x, lst[1].p", [("lst", l([m([("p", s("P"))]), l([s("j")])]))]);
    check("lst[9]", []);
}

#[test]
fn refusals() {
    refused("", "The expression can not be empty;");
    refused("a,", "Syntax error; token: \"<EOF>\", near: \",\"");
    refused("a b", "Syntax error; token: \"b\", near: \"a b\"");
    refused("a, :s", "Syntax error; token: \":s\", near: \", :s\"");
    refused("a, Name", "Attribute name is a reserved keyword; reserved keyword: Name");
    refused(
        "#x",
        "An expression attribute name used in the document path is not defined; attribute name: #x",
    );
    refused(
        "a, b, a.b",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
    );
    refused(
        "a, #r",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]",
    );
    refused(
        "a.b[1].c, a.b.c",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b, [1], c], path two: [a, b, c]",
    );
    refused(
        "a.b, a[0], c, c",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [c], path two: [c]",
    );
}

#[test]
fn as_many_paths_as_fit() {
    let names: Vec<_> = (0..1000).map(|i| format!("x{i}")).collect();
    assert_eq!(projection(&names[..700].join(",")).unwrap().paths().len(), 700);
    let deepest = format!("a{}", "[0]".repeat(31));
    check(&deepest, []);
    refused(&format!("{deepest}[0]"), "The document path has too many nesting elements; nesting levels: 33");
}

#[test]
fn top_level_names_come_once() {
    let projection = projection("b.c, a, b.d").unwrap();
    assert_eq!(projection.top_level_names().collect::<Vec<_>>(), ["a", "b"]);
    let names = Projection::of_names(["q.r", "p", "q.r"]);
    assert_eq!(names.top_level_names().collect::<Vec<_>>(), ["p", "q.r"]);
}

proptest! {
    #[test]
    fn any_tokens_are_an_answer(tokens in proptest::collection::vec(proptest::sample::select(vec![
        "a", "b", ".", ".", "[", "0", "1", "]", "#n", ",", ",", "(", "é",
    ]), 0..40)) {
        if let Ok(projection) = projection(&tokens.concat()) {
            let item = item([("a", l([l([s("x")]), m([("b", n("1"))])])), ("b", m([("a", n("1"))]))]);
            prop_assert!(projection.apply(item.as_ref()).size_bytes() <= item.size_bytes());
        }
    }
}
