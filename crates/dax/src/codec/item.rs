//! Items without their keys: the id of an attribute list, then the values of these attributes one after another, with
//! no count and no delimiter.

use super::reader::{Fault, Reader};
use super::value::{self, Findings};
use super::writer::{put_int, put_map};
use engine::KeySchema;
use types::{Item, ItemBuilder, MapRef};
use wire::attribute::Attributes;

/// The id of the empty attribute list, on which clients and server agree without asking.
pub const EMPTY_LIST: i64 = 1;

/// More bytes than an item of the largest size has, in the longest spelling of numbers.
const VALUES_BYTES_MAX: usize = 2 << 20;

/// The id of the attribute list, and the values behind it.
///
/// # Errors
/// When there is no id.
pub fn split(bytes: &[u8]) -> Result<(i64, &[u8]), Fault> {
    let mut reader = Reader::new(bytes);
    Ok((reader.int()?, reader.rest()))
}

/// Reads the values of these attributes, and makes an item of them and a key.
///
/// # Errors
/// When there are fewer values or more, or one is none, or they are too large for any item.
pub fn read<'n>(
    names: impl Iterator<Item = &'n str>,
    values: &[u8],
    key: MapRef<'_>,
) -> Result<Attributes, Fault> {
    if values.len() > VALUES_BYTES_MAX {
        return Err(Fault::TooLarge);
    }
    let (mut reader, mut findings) = (Reader::new(values), Findings::default());
    let (mut item, mut encoded) = (ItemBuilder::new(), Vec::new());
    for name in names {
        findings.note_name(name);
        encoded.clear();
        value::read_into(&mut reader, &mut encoded, &mut findings)?;
        item.put_encoded(name, &encoded);
    }
    reader.end()?;
    for index in 0..key.len() {
        let (name, value) = key.entry_bytes(index);
        item.put_encoded(name, value);
    }
    Ok(findings.into_attributes(item.build()))
}

/// The names of an item's attributes that are not of its key, as an attribute list has them: sorted by their bytes.
pub fn names<'a>(schema: &'a KeySchema, item: MapRef<'a>) -> impl Iterator<Item = &'a str> + 'a {
    item.iter().map(|(name, _)| name).filter(|name| !schema.contains(name))
}

/// Appends an item whose attribute list has this id.
pub fn put(out: &mut Vec<u8>, schema: &KeySchema, list: i64, item: MapRef<'_>) {
    put_int(out, list);
    let attributes = item.iter().filter(|(name, _)| !schema.contains(name));
    attributes.for_each(|(_, value)| value::put_value(out, value));
}

/// Appends what an update returns of an item: the id of the list of these attributes, and a map from position to value.
pub fn put_changes(out: &mut Vec<u8>, list: i64, attributes: MapRef<'_>) {
    put_int(out, list);
    put_map(out, attributes.len());
    for (at, (_, value)) in attributes.iter().enumerate() {
        put_int(out, at as i64);
        value::put_value(out, value);
    }
}

/// The attributes alone, as the key schema has them.
pub fn key_of(schema: &KeySchema, item: MapRef<'_>) -> Item {
    let mut key = ItemBuilder::new();
    for attribute in schema.attributes() {
        if let Some(value) = item.get_bytes(&attribute.name) {
            key.put_encoded(&attribute.name, value);
        }
    }
    key.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{KeyAttribute, KeyType};
    use types::Value;

    #[test]
    fn an_item_is_its_list_and_its_values() {
        let pk = KeyAttribute { name: "pk".into(), ty: KeyType::S };
        let schema = KeySchema { hash: vec![pk], range: vec![] };
        let mut item = ItemBuilder::new();
        item.put("pk", &Value::S("a".into())).put("name", &Value::S("Ann".into()));
        let (item, mut bytes) = (item.build(), Vec::new());
        put(&mut bytes, &schema, 2, item.as_ref());
        assert_eq!(bytes, [2, 0x63, b'A', b'n', b'n']);
        let (list, values) = split(&bytes).unwrap();
        assert_eq!((list, names(&schema, item.as_ref()).collect::<Vec<_>>()), (2, vec!["name"]));
        let key = key_of(&schema, item.as_ref());
        let read_back = read(["name"].into_iter(), values, key.as_ref()).unwrap();
        assert_eq!(read_back.item, item);
        for (names, fault) in [(&["name", "more"][..], Fault::CutOff), (&[], Fault::Surplus)] {
            assert_eq!(read(names.iter().copied(), values, key.as_ref()), Err(fault));
        }
    }
}
