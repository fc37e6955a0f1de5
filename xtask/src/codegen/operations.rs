//! The list of all operations, and a type for each that is built.

use super::shapes::Shapes;
use crate::model_table::ModelTable;

/// The file that lists the others.
pub(super) fn module() -> String {
    "//! The shapes of the public service model as Rust. Members are what they are in the model: all optional,\n\
     //! texts and enums alike `String`; which are required is said by `Constraints`.\n\
     #![allow(missing_docs)]\n\n\
     mod constraints;\nmod decode;\nmod encode;\nmod operations;\nmod requests;\nmod responses;\n\n\
     pub use operations::*;\npub use requests::*;\npub use responses::*;\n"
        .into()
}

pub(super) fn file(tables: &[ModelTable], shapes: &Shapes<'_>) -> String {
    let mut text = String::from(
        "//! All operations by name, and those that are built as types.\n\n\
         use super::requests::*;\nuse super::responses::*;\nuse crate::Shape;\n\n\
         /// Every operation of the model: its target prefix and its name.\n\
         pub const OPERATIONS: &[(&str, &str)] = &[\n",
    );
    for table in tables {
        for operation in &table.operations {
            text += &format!("({:?}, {:?}),\n", table.target_prefix, operation.name);
        }
    }
    text += "];\n\n";
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
