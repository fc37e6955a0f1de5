//! Writers of the structures that responses carry.

use super::shapes::Shapes;
use super::types::snake_case;
use crate::model_table::Kind;

pub(super) fn file(shapes: &Shapes<'_>) -> String {
    let requests = if shapes.share_structures() { "use super::requests::*;\n" } else { "" };
    let mut text = format!(
        "//! Writing responses.\n\n{requests}use super::responses::*;\n\
         use wire::json::{{Encode, ObjectWriter}};\n\n",
    );
    shapes.responses.iter().for_each(|name| text += &writer(shapes, name));
    for operation in shapes.operations.iter().filter(|operation| operation.output.is_none()) {
        text += &format!(
            "/// An operation without output answers an empty body.\n\
             impl Encode for {}Output {{\nfn encode(&self, _: &mut Vec<u8>) {{}}\n}}\n\n",
            operation.name
        );
    }
    text
}

fn writer(shapes: &Shapes<'_>, name: &str) -> String {
    let mut text = format!(
        "impl Encode for {} {{\nfn encode(&self, out: &mut Vec<u8>) {{\nObjectWriter::begin(out)",
        shapes.rust_name(name)
    );
    for member in &shapes.table.shapes[name].members {
        let write =
            if shapes.table.shapes[&member.shape].kind == Kind::Timestamp { "time" } else { "member" };
        text += &format!(".{write}({:?}, &self.{})\n", member.name, snake_case(&member.name));
    }
    text + ".end();\n}\n}\n\n"
}
