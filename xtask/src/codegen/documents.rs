//! Tables of the structures of a service that speaks several protocols, and their way from and to documents.

use super::shapes::Shapes;
use super::types::snake_case;
use crate::model_table::{Kind, Member, Shape};
use std::collections::BTreeSet;

pub(super) fn file(shapes: &Shapes<'_>) -> String {
    let mut text = String::new();
    let structures: BTreeSet<_> = shapes.requests.union(&shapes.responses).collect();
    for name in &structures {
        text += &structure(shapes, name, &shapes.rust_name(name));
    }
    for rust_name in shapes.without_shape() {
        text += &of_structure(&rust_name, &shapes.class(&rust_name), "", &[]);
        text += &structured(&rust_name);
    }
    for name in collections(shapes, structures.into_iter()) {
        text += &collection(shapes, name);
    }
    let events = if text.contains("DocumentEvents") { "DocumentEvents, " } else { "" };
    format!(
        "//! From documents and to them.\n\nuse super::shapes::*;\n\
         use wire::document::{{Document, {events}Documented, Structured}};\nuse wire::schema::*;\n\n{text}"
    )
}

fn structure(shapes: &Shapes<'_>, name: &str, rust_name: &str) -> String {
    let shape = &shapes.table.shapes[name];
    let table: String = shape.members.iter().map(|one| member(shapes, shape, one)).collect();
    let text = of_structure(rust_name, &shapes.class(name), &table, &shape.members);
    let is_events = |member: &&Member| shapes.table.shapes[&member.shape].event_stream;
    match shape.members.iter().find(is_events) {
        Some(member) => text + &structured_with_events(rust_name, member),
        None => text + &structured(rust_name),
    }
}

/// How the events that a structure has are taken.
fn structured_with_events(rust_name: &str, member: &Member) -> String {
    let field = snake_case(&member.name);
    format!(
        "impl Structured for {rust_name} {{\nconst SCHEMA: &'static Structure = &{};\n\n\
         fn take_events(&mut self) -> Option<DocumentEvents> {{\nself.{field}.take()?.into_documents()\n}}\n}}\n\n",
        static_name(rust_name)
    )
}

fn of_structure(rust_name: &str, class: &str, table: &str, members: &[Member]) -> String {
    let take: String = members
        .iter()
        .map(|member| format!("{}: members.take({:?}),\n", snake_case(&member.name), member.name))
        .collect();
    let give: String = members
        .iter()
        .map(|member| {
            format!(
                "({:?}, self.{}.map(Documented::into_document)),\n",
                member.name,
                snake_case(&member.name)
            )
        })
        .collect();
    let from = match members {
        [] => format!("document.members().map(|_| {rust_name} {{}})"),
        _ => format!("let mut members = document.members()?;\nSome({rust_name} {{\n{take}}})"),
    };
    format!(
        "static {}: Structure = Structure {{\nclass: {class:?},\nmembers: &[\n{table}],\n}};\n\n\
         impl Documented for {rust_name} {{\n\
         fn from_document(document: Document) -> Option<Self> {{\n{from}\n}}\n\n\
         fn into_document(self) -> Document {{\nDocument::structure(&mut [{give}])\n}}\n}}\n\n",
        static_name(rust_name)
    )
}

fn structured(rust_name: &str) -> String {
    format!(
        "impl Structured for {rust_name} {{\nconst SCHEMA: &'static Structure = &{};\n}}\n\n",
        static_name(rust_name)
    )
}

fn member(shapes: &Shapes<'_>, structure: &Shape, member: &Member) -> String {
    let mut text = format!("Member::new({:?}, {})", member.name, schema(shapes, &member.shape));
    if let Some(wire_name) = &member.wire_name {
        text += &format!(".named({wire_name:?})");
    }
    let place = match member.place.as_deref() {
        Some("header" | "headers") => "Header",
        Some("uri") => "Path",
        Some("querystring") => "Query",
        Some("statusCode") => "Status",
        _ if structure.payload.as_ref() == Some(&member.name) => "Payload",
        _ => return text + ",\n",
    };
    text + &format!(".at(Place::{place}),\n")
}

fn schema(shapes: &Shapes<'_>, name: &str) -> String {
    match shapes.table.shapes[name].kind {
        Kind::String => "Schema::Text".into(),
        Kind::Integer | Kind::Long => "Schema::Integer".into(),
        Kind::Double => "Schema::Double".into(),
        Kind::Timestamp => "Schema::Timestamp".into(),
        Kind::Boolean => "Schema::Boolean".into(),
        Kind::Blob => "Schema::Blob".into(),
        Kind::List => format!("Schema::List(&{})", static_name(name)),
        Kind::Map => format!("Schema::Map(&{})", static_name(name)),
        Kind::Structure => format!("Schema::Structure(&{})", static_name(&shapes.rust_name(name))),
    }
}

/// The lists and maps that structures hold, and those in them.
fn collections<'a>(
    shapes: &'a Shapes<'_>,
    structures: impl Iterator<Item = &'a String>,
) -> BTreeSet<&'a str> {
    let members = structures.flat_map(|name| &shapes.table.shapes[name].members);
    let mut left: Vec<&str> = members.map(|member| member.shape.as_str()).collect();
    let mut found = BTreeSet::new();
    while let Some(name) = left.pop() {
        let shape = &shapes.table.shapes[name];
        if matches!(shape.kind, Kind::List | Kind::Map) && found.insert(name) {
            left.extend(shape.element.iter().chain(&shape.value).map(String::as_str));
        }
    }
    found
}

fn collection(shapes: &Shapes<'_>, name: &str) -> String {
    let shape = &shapes.table.shapes[name];
    let part = |part: &Option<String>| schema(shapes, part.as_deref().expect("a collection names its parts"));
    let named =
        |place: usize, usual: &str| shape.part_names.get(place).map_or(usual, String::as_str).to_owned();
    match shape.kind {
        Kind::List => format!(
            "static {}: List = List {{ element: {}, element_name: {:?}, is_flattened: {} }};\n\n",
            static_name(name),
            part(&shape.element),
            named(0, "member"),
            shape.flattened
        ),
        _ => format!(
            "static {}: Map = Map {{ value: {}, entry_names: ({:?}, {:?}), is_flattened: {} }};\n\n",
            static_name(name),
            part(&shape.value),
            named(0, "key"),
            named(1, "value"),
            shape.flattened
        ),
    }
}

fn static_name(name: &str) -> String {
    snake_case(name).to_uppercase()
}
