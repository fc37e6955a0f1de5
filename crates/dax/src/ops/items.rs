//! Keys and items of a table, in and out.

use super::Call;
use crate::codec::writer::{put_bytes, put_nested};
use crate::codec::{item, key};
use crate::errors::Refused;
use engine::Table;
use types::{Item, MapRef};
use wire::attribute::Attributes;

/// What DynamoDB says of a key that is another table's.
const OTHER_KEY: &str = "The provided key element does not match the schema";

/// Reads a key of the table.
pub(super) fn read_key(table: &Table, bytes: &[u8]) -> Result<Item, Refused> {
    key::read(&table.key, bytes).map_err(|_| Refused::Request(OTHER_KEY))
}

/// The same as a request has it.
pub(super) fn key_attributes(table: &Table, bytes: &[u8]) -> Result<Attributes, Refused> {
    Ok(Attributes { item: read_key(table, bytes)?, ..Attributes::default() })
}

/// Reads an item of the table from its key and its values.
pub(super) async fn read_item(
    call: &Call<'_>,
    table: &Table,
    key: &[u8],
    values: &[u8],
) -> Result<Attributes, Refused> {
    let key = read_key(table, key)?;
    let (list, values) = item::split(values)?;
    let names = call.dax.lists.names(list).await?;
    let names = names.ok_or(Refused::Request("There is no such attribute list"))?;
    Ok(item::read(names.iter().map(|name| &**name), values, key.as_ref())?)
}

/// Appends an item without its key, as bytes.
pub(super) async fn put_item(
    call: &Call<'_>,
    table: &Table,
    item: MapRef<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let values = values_of(call, table, item).await?;
    put_bytes(out, &values);
    Ok(())
}

/// The content of these bytes.
pub(super) async fn values_of(call: &Call<'_>, table: &Table, item: MapRef<'_>) -> Result<Vec<u8>, Refused> {
    let names: Vec<&str> = item::names(&table.key, item).collect();
    let list = call.dax.lists.number(names.into_iter()).await?;
    let mut values = Vec::with_capacity(item.as_bytes().len());
    item::put(&mut values, &table.key, list, item);
    Ok(values)
}

/// Appends the key of an item, as bytes.
pub(super) fn put_key(table: &Table, item: MapRef<'_>, out: &mut Vec<u8>) {
    put_nested(out, |out| key::put(out, &table.key, item));
}
