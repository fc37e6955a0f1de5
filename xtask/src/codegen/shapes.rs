//! Which structures the built operations need, and their Rust declarations.

use super::types::{Side, rust_type, snake_case};
use crate::model_table::{Kind, ModelTable, Operation, Shape};
use std::collections::BTreeSet;

/// The part of a table that the built operations reach.
pub(super) struct Shapes<'a> {
    pub(super) table: &'a ModelTable,
    /// The Java package of the shapes.
    pub(super) namespace: &'a str,
    pub(super) operations: Vec<&'a Operation>,
    /// Structures that requests carry, and perhaps responses too.
    pub(super) requests: BTreeSet<String>,
    /// Structures that responses carry, and perhaps requests too.
    pub(super) responses: BTreeSet<String>,
}

impl<'a> Shapes<'a> {
    pub(super) fn reachable(table: &'a ModelTable, namespace: &'a str, built: &[String]) -> Self {
        let operations: Vec<_> = table.operations.iter().filter(|o| built.contains(&o.name)).collect();
        let (mut requests, mut responses) = (BTreeSet::new(), BTreeSet::new());
        for operation in &operations {
            operation.input.iter().for_each(|name| walk(table, name, &mut requests));
            operation.output.iter().for_each(|name| walk(table, name, &mut responses));
        }
        Shapes { table, namespace, operations, requests, responses }
    }

    /// Whether there are structures that both requests and responses carry.
    pub(super) fn share_structures(&self) -> bool {
        !self.responses.is_disjoint(&self.requests)
    }

    /// Inputs and outputs of operations that have none in the model.
    pub(super) fn without_shape(&self) -> Vec<String> {
        let inputs = self.operations.iter().filter(|operation| operation.input.is_none());
        let outputs = self.operations.iter().filter(|operation| operation.output.is_none());
        let inputs = inputs.map(|operation| format!("{}Input", operation.name));
        inputs.chain(outputs.map(|operation| format!("{}Output", operation.name))).collect()
    }

    /// Inputs and outputs whose structure is named after another operation, with its name.
    pub(super) fn other_names(&self) -> Vec<(String, String)> {
        let inputs = self.operations.iter().map(|one| (format!("{}Input", one.name), &one.input));
        let outputs = self.operations.iter().map(|one| (format!("{}Output", one.name), &one.output));
        let named = inputs.chain(outputs).filter_map(|(name, shape)| Some((name, shape.as_deref()?)));
        named
            .map(|(name, shape)| (name, self.rust_name(shape)))
            .filter(|(name, shape)| name != shape)
            .collect()
    }

    /// The Java class of a structure.
    pub(super) fn class(&self, name: &str) -> String {
        format!("{}.{name}", self.namespace)
    }

    pub(super) fn side(&self, name: &str) -> Side {
        if self.requests.contains(name) { Side::Request } else { Side::Response }
    }

    /// The Rust name of a structure: inputs and outputs are named after their operation throughout.
    pub(super) fn rust_name(&self, name: &str) -> String {
        if self.is_shared(name) {
            return name.to_owned();
        }
        for operation in &self.operations {
            if operation.input.as_deref() == Some(name) {
                return format!("{}Input", operation.name);
            }
            if operation.output.as_deref() == Some(name) {
                return format!("{}Output", operation.name);
            }
        }
        name.to_owned()
    }

    /// Whether several operations of the model, built or not, have the shape as input or output, or other shapes have
    /// it inside: it is no operation's own.
    fn is_shared(&self, name: &str) -> bool {
        let uses = |shape: &Option<String>| usize::from(shape.as_deref() == Some(name));
        let operations = self.table.operations.iter();
        let of_operations = operations.map(|operation| uses(&operation.input) + uses(&operation.output));
        let is_inside = |shape: &Shape| {
            shape.members.iter().any(|member| member.shape == name)
                || uses(&shape.element) + uses(&shape.value) > 0
        };
        of_operations.sum::<usize>() > 1 || self.table.shapes.values().any(is_inside)
    }
}

fn walk(table: &ModelTable, name: &str, seen: &mut BTreeSet<String>) {
    let shape = &table.shapes[name];
    if name == "AttributeValue" || (shape.kind == Kind::Structure && !seen.insert(name.to_owned())) {
        return;
    }
    let members = shape.members.iter().map(|member| &member.shape);
    for inner in members.chain(&shape.element).chain(&shape.value) {
        walk(table, inner, seen);
    }
}

/// The file of structures that requests carry.
pub(super) fn requests(shapes: &Shapes<'_>) -> String {
    let text: String = shapes.requests.iter().map(|name| declaration(shapes, name)).collect();
    let imports = [
        ("BTreeMap<", "use std::collections::BTreeMap;\n"),
        ("<AttributeValue>", "use wire::attribute::AttributeValue;\n"),
        ("<Attributes>", "use wire::attribute::Attributes;\n"),
    ];
    let head = "//! What requests carry. Some of it comes back in responses.\n\n";
    format!("{head}{}\n{text}", used(&imports, &text))
}

/// The file of structures that only responses carry.
pub(super) fn responses(shapes: &Shapes<'_>) -> String {
    let mut text: String =
        shapes.responses.difference(&shapes.requests).map(|name| declaration(shapes, name)).collect();
    for operation in shapes.operations.iter().filter(|operation| operation.output.is_none()) {
        text += &format!("{DERIVES}pub struct {}Output {{}}\n\n", operation.name);
    }
    let imports = [("BTreeMap<", "use std::collections::BTreeMap;\n"), ("<Item>", "use types::Item;\n")];
    let requests = if shapes.share_structures() { "use super::requests::*;\n" } else { "" };
    format!("//! What only responses carry.\n\n{requests}{}\n{text}", used(&imports, &text))
}

/// The imports whose signs a text has.
fn used(imports: &[(&str, &str)], text: &str) -> String {
    imports.iter().filter(|(sign, _)| text.contains(sign)).map(|(_, import)| *import).collect()
}

/// The file of all structures of a service of documents.
pub(super) fn all(shapes: &Shapes<'_>) -> String {
    let mut text = String::new();
    shapes.requests.union(&shapes.responses).for_each(|name| text += &document(shapes, name));
    for name in shapes.without_shape() {
        text += &format!("{DERIVES}pub struct {name} {{}}\n\n");
    }
    // Outputs that other structures carry too are known by both names.
    for name in shapes.requests.union(&shapes.responses) {
        let rust_name = shapes.rust_name(name);
        if rust_name != *name && text.contains(&format!("<{name}>")) {
            text += &format!("pub type {name} = {rust_name};\n\n");
        }
    }
    for (name, shape) in shapes.other_names() {
        text += &format!("pub type {name} = {shape};\n\n");
    }
    let imports = [
        ("BTreeMap<", "use std::collections::BTreeMap;\n"),
        ("Blob>", "use wire::document::Blob;\n"),
        ("Events<", "use wire::document::Events;\n"),
    ];
    format!("//! What requests and responses carry.\n\n{}\n{text}", used(&imports, &text))
}

fn document(shapes: &Shapes<'_>, name: &str) -> String {
    let mut text = format!("{DERIVES}pub struct {} {{\n", shapes.rust_name(name));
    for member in &shapes.table.shapes[name].members {
        let rust_type = rust_type(shapes.table, &member.shape, Side::Document);
        text += &format!("pub {}: Option<{rust_type}>,\n", snake_case(&member.name));
    }
    text + "}\n\n"
}

const DERIVES: &str = "#[derive(Debug, Clone, Default, PartialEq)]\n";

fn declaration(shapes: &Shapes<'_>, name: &str) -> String {
    let mut text = format!("{DERIVES}pub struct {} {{\n", shapes.rust_name(name));
    for member in &shapes.table.shapes[name].members {
        let field = snake_case(&member.name);
        text +=
            &format!("pub {field}: Option<{}>,\n", rust_type(shapes.table, &member.shape, shapes.side(name)));
    }
    if notes_inexact_integers(name) {
        text +=
            "/// Some integer was sent as a fraction or beyond 32 bits.\npub has_inexact_integer: bool,\n";
    }
    text + "}\n\n"
}

/// Inputs that another layer of validation judges if an integer of theirs had to be made to fit.
pub(super) fn notes_inexact_integers(name: &str) -> bool {
    ["QueryInput", "ScanInput"].contains(&name)
}
