//! What the columns of CSV become: strings, but for key attributes of the table and its indexes, which have the type
//! that is defined.

use engine::{KeyAttribute, KeyType, Table};
use stdx::limits::ATTRIBUTE_NAME_BYTES_MAX;
use types::{Item, ItemBuilder, Number, Value};
use wire::json::decode_base64;

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

#[derive(Debug)]
struct Column {
    name: String,
    ty: KeyType,
}

impl Columns {
    /// Those of these names, in a table, if they can be names of attributes.
    pub(super) fn of(table: &Table, names: Vec<String>) -> Result<Columns, String> {
        let keys = std::iter::once(&table.key).chain(table.indexes.iter().map(|index| &index.key));
        let keys: Vec<&KeyAttribute> = keys.flat_map(|key| key.hash.iter().chain(&key.range)).collect();
        let column = |(at, name): (usize, String)| {
            let name = if at == 0 { name.trim_start_matches('\u{feff}').to_owned() } else { name };
            let ty = keys.iter().find(|key| key.name == name).map_or(KeyType::S, |key| key.ty);
            Column { name, ty }
        };
        let columns: Vec<Column> = names.into_iter().enumerate().map(column).collect();
        let is_name = |column: &Column| (1..=ATTRIBUTE_NAME_BYTES_MAX).contains(&column.name.len());
        match columns.iter().all(is_name) {
            true => Ok(Columns(columns)),
            false => Err("A column of the header is no name of an attribute".to_owned()),
        }
    }

    /// The item of a record, or what is wrong with a value. Outside: what is wrong with the record.
    pub(super) fn item(&self, fields: &[&str]) -> Result<Result<Item, String>, String> {
        if fields.len() != self.0.len() {
            return Err(format!("The record has {} fields, and the header {}", fields.len(), self.0.len()));
        }
        let mut item = ItemBuilder::new();
        for (column, field) in self.0.iter().zip(fields) {
            match value(column, field) {
                Ok(value) => _ = item.put(&column.name, &value),
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(Ok(item.build()))
    }
}

fn value(column: &Column, field: &str) -> Result<Value, String> {
    match column.ty {
        KeyType::S => Ok(Value::S(field.to_owned())),
        KeyType::N => {
            let number = Number::parse(field.trim());
            number.map(Value::N).map_err(|_| format!("The value of {} is no number: {field}", column.name))
        }
        KeyType::B => {
            let mut bytes = Vec::new();
            let decoded = decode_base64(field, &mut bytes);
            decoded.map_err(|_| format!("The value of {} is not in Base64: {field}", column.name))?;
            Ok(Value::B(bytes))
        }
    }
}
