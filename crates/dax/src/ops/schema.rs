//! What clients ask before they can speak of a table: its key, and the numbers of attribute lists.

use super::Call;
use crate::codec::Reader;
use crate::codec::writer::{put_array, put_int, put_map, put_text};
use crate::errors::Refused;

/// More bytes of names than an item has room for.
const NAMES_BYTES_MAX: usize = 400 * 1024;
const NAME_BYTES_MAX: usize = 65_535;

/// The name of a table, which most methods have first.
pub(super) fn table_name<'a>(arguments: &mut Reader<'a>) -> Result<&'a str, Refused> {
    std::str::from_utf8(arguments.bytes()?).map_err(|_| Refused::Request("The name of a table is no text"))
}

pub(super) async fn define_key_schema(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let table = call.table(table_name(arguments)?).await?;
    put_array(out, 0);
    put_map(out, table.key.attributes().count());
    for attribute in table.key.attributes() {
        put_text(out, &attribute.name);
        put_text(out, attribute.ty.as_type().tag());
    }
    Ok(())
}

pub(super) async fn define_attribute_list_id(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    // Some clients send the names as a set of texts.
    arguments.skip_tag()?;
    let (mut left, mut names, mut bytes) = (arguments.array()?, Vec::new(), 0);
    while left.next(arguments)? {
        let name = arguments.text()?;
        bytes += name.len().max(1);
        if name.len() > NAME_BYTES_MAX || bytes > NAMES_BYTES_MAX {
            return Err(Refused::Request("The names of the attributes are too long for an item"));
        }
        names.push(name);
    }
    let number = call.dax.lists.number(names.iter().copied()).await?;
    put_array(out, 0);
    put_int(out, number);
    Ok(())
}

pub(super) async fn define_attribute_list(
    call: &Call<'_>,
    arguments: &mut Reader<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Refused> {
    let names = call.dax.lists.names(arguments.int()?).await?;
    let names = names.ok_or(Refused::Request("There is no such attribute list"))?;
    put_array(out, 0);
    put_array(out, names.len());
    names.iter().for_each(|name| put_text(out, name));
    Ok(())
}
