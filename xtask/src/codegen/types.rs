//! Names and types of Rust for what the model names.

use crate::model_table::{Kind, ModelTable, Shape};

/// Which of the two forms of an item a structure holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Read from requests: `Attributes`, which keep their faults.
    Request,
    /// Written only: `Item`.
    Response,
    /// Neither: the structure becomes a document.
    Document,
}

/// `TableName` → `table_name`, `SSEType` → `sse_type`; a word of Rust's own is written raw.
pub(super) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, c) in chars.iter().enumerate() {
        let starts_word = c.is_uppercase()
            && i > 0
            && (!chars[i - 1].is_uppercase() || chars.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if starts_word {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    if snake == "type" { "r#type".to_owned() } else { snake }
}

/// `TableName` → `tableName`, as DynamoDB writes members in paths.
pub(super) fn lower_camel(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_lowercase() + rest
}

/// The type of a member of this shape.
pub(super) fn rust_type(table: &ModelTable, name: &str, side: Side) -> String {
    let shape = &table.shapes[name];
    let of = |inner: &Option<String>| {
        rust_type(table, inner.as_deref().expect("a collection names its parts"), side)
    };
    match shape.kind {
        Kind::String => "String".into(),
        Kind::Integer | Kind::Long => "i64".into(),
        Kind::Double | Kind::Timestamp => "f64".into(),
        Kind::Boolean => "bool".into(),
        Kind::List => format!("Vec<{}>", of(&shape.element)),
        Kind::Map if is_item(table, shape) && side == Side::Request => "Attributes".into(),
        Kind::Map if is_item(table, shape) => "Item".into(),
        Kind::Map => format!("BTreeMap<String, {}>", of(&shape.value)),
        Kind::Structure if shape.event_stream => format!("Events<{name}>"),
        Kind::Structure => name.to_owned(),
        Kind::Blob if side == Side::Document => "Blob".into(),
        Kind::Blob => panic!("{name}: blobs outside attribute values are not generated yet"),
    }
}

/// Whether the shape is a map from attribute names to values. Another service may call plain texts so.
pub(super) fn is_item(table: &ModelTable, shape: &Shape) -> bool {
    let names_them =
        shape.key.as_deref() == Some("AttributeName") && shape.value.as_deref() == Some("AttributeValue");
    names_them && table.shapes["AttributeValue"].kind == Kind::Structure
}
