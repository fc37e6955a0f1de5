//! The list of all operations, and a type for each that is built.

use super::shapes::Shapes;
use crate::model_table::ModelTable;

/// The file that lists the others.
pub(super) fn module(shapes: &Shapes<'_>) -> String {
    let mut files = vec!["operations"];
    if !shapes.operations.is_empty() {
        files.extend(["constraints", "decode", "encode", "requests", "responses"]);
    }
    let shown = files.iter().filter(|file| !matches!(**file, "constraints" | "decode" | "encode"));
    let modules: String = files.iter().map(|file| format!("mod {file};\n")).collect();
    let shown: String = shown.map(|file| format!("pub use {file}::*;\n")).collect();
    format!(
        "//! The shapes of {}. Members are what they are in the model: all optional, texts and enums alike\n\
         //! `String`; which are required is said by `Constraints`.\n\
         #![allow(missing_docs)]\n\n{modules}\n{shown}",
        shapes.table.service
    )
}

pub(super) fn file(shapes: &Shapes<'_>) -> String {
    let ModelTable { target_prefix, operations, .. } = shapes.table;
    let names: String = operations.iter().map(|operation| format!("{:?},\n", operation.name)).collect();
    let imports = "use super::requests::*;\nuse super::responses::*;\nuse crate::Shape;\n\n";
    let mut text = format!(
        "//! All operations by name, and those that are built as types.\n\n{}\
         /// What `X-Amz-Target` begins with, without the dot.\n\
         pub const TARGET_PREFIX: &str = {target_prefix:?};\n\n\
         /// Every operation of the model.\n\
         pub const OPERATIONS: &[&str] = &[\n{names}];\n\n",
        if shapes.operations.is_empty() { "" } else { imports }
    );
    for operation in &shapes.operations {
        text += &declaration(&operation.name);
    }
    text
}

fn declaration(name: &str) -> String {
    format!(
        "#[derive(Debug, Clone, Copy)]\npub struct {name};\n\n\
         impl Shape for {name} {{\nconst NAME: &'static str = {name:?};\n\
         type Input = {name}Input;\ntype Output = {name}Output;\n}}\n\n"
    )
}
