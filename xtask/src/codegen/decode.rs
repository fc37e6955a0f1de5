//! Readers of the structures that requests carry.

use super::shapes::{Shapes, notes_inexact_integers};
use super::types::snake_case;
use crate::model_table::{Kind, Member};

pub(super) fn file(shapes: &Shapes<'_>) -> String {
    let mut text = String::from(
        "//! Reading requests.\n\nuse super::requests::*;\nuse wire::json::{DecodeError, Reader, Structure};\n\n",
    );
    shapes.requests.iter().for_each(|name| text += &reader(shapes, name));
    text
}

fn reader(shapes: &Shapes<'_>, name: &str) -> String {
    let members = &shapes.table.shapes[name].members;
    let head = format!(
        "impl Structure for {} {{\nconst CLASS: &'static str = {:?};\n\n",
        shapes.rust_name(name),
        shapes.class(name)
    );
    if members.is_empty() {
        return head
            + "fn member(&mut self, _: &str, _: &mut Reader<'_>) -> Result<bool, DecodeError> {\nOk(false)\n}\n}\n\n";
    }
    let mut text = head
        + "fn member(&mut self, name: &str, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {\nmatch name {\n";
    for member in members {
        let field = snake_case(&member.name);
        text += &format!("{:?} => self.{field} = reader.{}?,\n", member.name, read(shapes, name, member));
    }
    text + "_ => return Ok(false),\n}\nOk(true)\n}\n}\n\n"
}

fn read(shapes: &Shapes<'_>, structure: &str, member: &Member) -> &'static str {
    match shapes.table.shapes[&member.shape].kind {
        Kind::Integer if notes_inexact_integers(structure) => {
            "optional_integer_noting(&mut self.has_inexact_integer)"
        }
        Kind::Integer => "optional_integer()",
        _ => "optional()",
    }
}
