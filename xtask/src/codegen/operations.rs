//! The list of all operations, and a type for each that is built.

use super::shapes::Shapes;
use crate::model_table::{Http, ModelTable, Operation};

/// The file that lists the others; `shown` are those that hold shapes.
pub(super) fn module(shapes: &Shapes<'_>, shown: &[&str]) -> String {
    let hidden: &[&str] = match shown {
        [] => &[],
        ["shapes"] => &["constraints", "documents"],
        _ => &["constraints", "decode", "encode"],
    };
    let modules = hidden.iter().chain(&["operations"]).chain(shown).map(|file| format!("mod {file};\n"));
    let shown = ["operations"].iter().chain(shown).map(|file| format!("pub use {file}::*;\n"));
    format!(
        "//! The shapes of {}. Members are what they are in the model: all optional, texts and enums alike\n\
         //! `String`; which are required is said by `Constraints`.\n\
         #![allow(missing_docs)]\n\n{}\n{}",
        shapes.table.service,
        modules.collect::<String>(),
        shown.collect::<String>()
    )
}

/// All operations; the shapes of those that are built are in the files named.
pub(super) fn file(shapes: &Shapes<'_>, files: &[&str]) -> String {
    let mut imports: String = files.iter().map(|file| format!("use super::{file}::*;\n")).collect();
    if !files.is_empty() {
        imports += "use crate::Shape;\n\n";
    }
    let mut text = names(shapes, &imports);
    for operation in &shapes.operations {
        text += &declaration(shapes, operation);
    }
    text
}

/// The same for a service of documents.
pub(super) fn of_documents(shapes: &Shapes<'_>) -> String {
    let mut text = names(shapes, "use super::shapes::*;\nuse crate::{DocumentShape, Http, Shape};\n\n");
    text += &format!(
        "/// The namespace of XML.\npub const XML_NAMESPACE: &str = {:?};\n\n",
        shapes.table.xml_namespace
    );
    text +=
        &format!("/// The version of the API.\npub const VERSION: &str = {:?};\n\n", shapes.table.version);
    for operation in &shapes.operations {
        let Http { method, path, status } = operation.http.clone().unwrap_or_default();
        text += &declaration(shapes, operation);
        text += &format!(
            "impl DocumentShape for {} {{\nconst HTTP: Http = Http {{ method: {method:?}, path: {path:?}, status: {status} }};\n}}\n\n",
            operation.name
        );
    }
    text
}

fn names(shapes: &Shapes<'_>, imports: &str) -> String {
    let ModelTable { target_prefix, operations, .. } = shapes.table;
    let names: String = operations.iter().map(|operation| format!("{:?},\n", operation.name)).collect();
    format!(
        "//! All operations by name, and those that are built as types.\n\n{imports}\
         /// What `X-Amz-Target` begins with, without the dot.\n\
         pub const TARGET_PREFIX: &str = {target_prefix:?};\n\n\
         /// Every operation of the model.\n\
         pub const OPERATIONS: &[&str] = &[\n{names}];\n\n"
    )
}

fn declaration(shapes: &Shapes<'_>, operation: &Operation) -> String {
    let name = &operation.name;
    let named = |shape: &Option<String>, side: &str| {
        shape.as_deref().map_or_else(|| format!("{name}{side}"), |shape| shapes.rust_name(shape))
    };
    let (input, output) = (named(&operation.input, "Input"), named(&operation.output, "Output"));
    format!(
        "#[derive(Debug, Clone, Copy)]\npub struct {name};\n\n\
         impl Shape for {name} {{\nconst NAME: &'static str = {name:?};\n\
         type Input = {input};\ntype Output = {output};\n}}\n\n"
    )
}
