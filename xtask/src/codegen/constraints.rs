//! Checks of what the model states: required, length, range, pattern, enum. Written as chains over
//! `crate::constraint::Checked`, which holds the wordings.

use super::enum_order::in_message_order;
use super::member_order;
use super::shapes::Shapes;
use super::types::{is_item, lower_camel, snake_case};
use crate::model_table::{Kind, Member, ModelTable, Shape};

/// Patterns of the model that `model` has a function for: those on the hot path, and those
/// beyond a small engine of regular expressions, which does the others.
const PATTERNS: &[(&str, &str)] = &[
    ("[a-zA-Z0-9_.-]+", "is_name"),
    ("[^:].*", "has_no_colon_first"),
    ("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)", "is_tag_text"),
    ("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$", "is_tag_key"),
    ("^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$", "is_tag_text"),
    ("(?!^[0-9]+$)([a-zA-Z0-9-_]+)", "is_alias"),
    ("[0-9A-Za-z\\.\\-_]*(?<!\\.)", "is_bucket_name"),
];

/// The checks; the structures are in the file named.
pub(super) fn file(shapes: &Shapes<'_>, structures: &str) -> String {
    let mut text = String::new();
    shapes.requests.iter().for_each(|name| text += &checker(shapes, name));
    for (input, how) in inputs(shapes) {
        text += &format!("impl Constraints for {input} {{\n{how}}}\n\n");
    }
    let functions = PATTERNS.iter().map(|(_, function)| *function).chain(["member"]);
    let used: Vec<_> = functions
        .filter(|function| text.contains(&format!("{function}(")) || text.contains(&format!(", {function})")))
        .collect();
    let imports: String = used.iter().map(|function| format!(", {function}")).collect();
    format!(
        "//! Checking requests.\n\nuse super::{structures}::*;\n\
         use crate::constraint::{{Checked, Constraints, Path, Violation{imports}}};\n\n{text}"
    )
}

/// Each input once, and how it is checked.
fn inputs(shapes: &Shapes<'_>) -> Vec<(String, &'static str)> {
    let mut inputs: Vec<(String, &str)> = Vec::new();
    for operation in &shapes.operations {
        let input = match &operation.input {
            Some(shape) => (shapes.rust_name(shape), OF_SHAPE),
            None => (format!("{}Input", operation.name), OF_NOTHING),
        };
        if !inputs.contains(&input) {
            inputs.push(input);
        }
    }
    inputs
}

const OF_SHAPE: &str = "fn violations(&self, out: &mut Vec<Violation>) {\nself.check(&Path::Root, out);\n}\n";
const OF_NOTHING: &str = "fn violations(&self, _: &mut Vec<Violation>) {}\n";

fn checker(shapes: &Shapes<'_>, name: &str) -> String {
    let members = member_order::in_message_order(name, &shapes.table.shapes[name].members);
    let checks: String = members.into_iter().map(|member| check(shapes.table, member)).collect();
    let (path, out) = if checks.is_empty() { ("_", "_") } else { ("path", "out") };
    format!(
        "impl Checked for {} {{\nconst CLASS: &'static str = {:?};\n\n\
         fn check(&self, {path}: &Path<'_>, {out}: &mut Vec<Violation>) {{\n{checks}}}\n}}\n\n",
        shapes.rust_name(name),
        shapes.class(name)
    )
}

fn check(table: &ModelTable, member: &Member) -> String {
    let required = if member.required { ".required()" } else { "" };
    let chain = format!("{required}{}", chain(table, &member.shape));
    if chain.is_empty() {
        return chain;
    }
    let (name, field) = (lower_camel(&member.name), snake_case(&member.name));
    format!("member(path, {name:?}, &self.{field}, out){chain};\n")
}

/// The calls that check a present value of a shape; empty if the model states nothing.
fn chain(table: &ModelTable, name: &str) -> String {
    let shape = &table.shapes[name];
    match shape.kind {
        Kind::String => text_chain(name, shape),
        Kind::Integer | Kind::Long => call(".range", shape),
        Kind::List => length(shape) + &each(".each", &chain(table, part(&shape.element))),
        Kind::Map if is_item(table, shape) => String::new(),
        Kind::Map => map_chain(table, shape),
        Kind::Structure if is_constrained(table, name) => ".nested()".into(),
        _ => String::new(),
    }
}

fn text_chain(name: &str, shape: &Shape) -> String {
    let mut chain = String::new();
    if let Some(pattern) = &shape.pattern {
        chain += &match PATTERNS.iter().find(|(known, _)| known == pattern) {
            Some((_, function)) => format!(".pattern({pattern:?}, {function})"),
            None => format!(".expression({pattern:?})"),
        };
    }
    chain += &length(shape);
    if !shape.values.is_empty() {
        chain += &format!(".one_of(&{:?})", in_message_order(name, &shape.values));
    }
    chain
}

fn map_chain(table: &ModelTable, shape: &Shape) -> String {
    let value = &table.shapes[part(&shape.value)];
    let (of_map, of_value) = match value.kind {
        Kind::List => (call(".value_length", value), each(".each", &chain(table, part(&value.element)))),
        Kind::String => (String::new(), String::new()),
        _ => (String::new(), chain(table, part(&shape.value))),
    };
    length(shape) + &of_map + &each(".each_value", &of_value)
}

fn each(method: &str, chain: &str) -> String {
    if chain.is_empty() { String::new() } else { format!("{method}(|part| {{ part{chain}; }})") }
}

fn length(shape: &Shape) -> String {
    call(".length", shape)
}

fn call(method: &str, shape: &Shape) -> String {
    let min = shape.min.filter(|min| shape.kind != Kind::String || *min > 0);
    if min.is_none() && shape.max.is_none() {
        return String::new();
    }
    format!("{method}({min:?}, {:?})", shape.max)
}

fn part(name: &Option<String>) -> &str {
    name.as_deref().expect("a collection names its parts")
}

fn is_constrained(table: &ModelTable, name: &str) -> bool {
    let mut members = table.shapes[name].members.iter();
    name != "AttributeValue"
        && members.any(|member| member.required || !chain(table, &member.shape).is_empty())
}
