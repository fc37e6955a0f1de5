//! Keys as opaque byte strings: the partition key alone, or the partition key as a CBOR value and behind it the sort
//! key to the end. Numbers have several spellings, so the bytes name no row; the key that is read from them does.

use super::reader::{Fault, Reader};
use super::writer::{put_bytes, put_text};
use super::{lex_decimal, number};
use engine::{KeyAttribute, KeySchema, KeyType};
use types::{Item, ItemBuilder, MapRef, Value, ValueRef};

/// Reads a key of a table.
///
/// # Errors
/// When the bytes are no key of this schema.
pub fn read(schema: &KeySchema, bytes: &[u8]) -> Result<Item, Fault> {
    let (partition, sort) = halves(schema)?;
    let mut key = ItemBuilder::new();
    let Some(sort) = sort else {
        key.put(&partition.name, &read_alone(partition.ty, bytes)?);
        return Ok(key.build());
    };
    let mut reader = Reader::new(bytes);
    key.put(&partition.name, &read_partition(partition.ty, &mut reader)?);
    key.put(&sort.name, &read_sort(sort.ty, reader.rest())?);
    Ok(key.build())
}

/// The two attributes that a table's key has at most.
fn halves(schema: &KeySchema) -> Result<(&KeyAttribute, Option<&KeyAttribute>), Fault> {
    Ok((schema.hash.first().ok_or(Fault::OtherType)?, schema.range.first()))
}

fn read_alone(ty: KeyType, bytes: &[u8]) -> Result<Value, Fault> {
    match ty {
        KeyType::N => {
            let mut reader = Reader::new(bytes);
            let number = read_partition(ty, &mut reader)?;
            reader.end().map(|()| number)
        }
        _ => read_raw(ty, bytes),
    }
}

fn read_partition(ty: KeyType, reader: &mut Reader<'_>) -> Result<Value, Fault> {
    match ty {
        KeyType::S => reader.text().map(|text| Value::S(text.to_owned())),
        KeyType::B => reader.bytes().map(|bytes| Value::B(bytes.to_vec())),
        KeyType::N => number::read(reader)?.map(Value::N).map_err(|_| Fault::TooLarge),
    }
}

fn read_sort(ty: KeyType, bytes: &[u8]) -> Result<Value, Fault> {
    match ty {
        KeyType::N => lex_decimal::read(bytes).map(Value::N),
        _ => read_raw(ty, bytes),
    }
}

fn read_raw(ty: KeyType, bytes: &[u8]) -> Result<Value, Fault> {
    match ty {
        KeyType::S => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::S(text.to_owned())),
            Err(_) => Err(Fault::NotCbor),
        },
        _ => Ok(Value::B(bytes.to_vec())),
    }
}

/// Appends the key of an item of the table as a byte string's content. The item has the key's attributes.
pub fn put(out: &mut Vec<u8>, schema: &KeySchema, item: MapRef<'_>) {
    let Ok((partition, sort)) = halves(schema) else { return };
    match (item.get(&partition.name), sort) {
        (Some(value), None) => put_alone(out, value),
        (Some(value), Some(sort)) => {
            put_partition(out, value);
            item.get(&sort.name).into_iter().for_each(|value| put_sort(out, value));
        }
        (None, _) => {}
    }
}

fn put_alone(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::S(text) => out.extend_from_slice(text.as_bytes()),
        ValueRef::B(bytes) => out.extend_from_slice(bytes),
        value => put_partition(out, value),
    }
}

fn put_partition(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::S(text) => put_text(out, text),
        ValueRef::B(bytes) => put_bytes(out, bytes),
        ValueRef::N(value) => number::put(out, value.as_bytes()),
        _ => {}
    }
}

fn put_sort(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::N(value) => lex_decimal::put(out, value.as_bytes()),
        value => put_alone(out, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Number;

    fn schema(types: &[KeyType]) -> KeySchema {
        let attribute = |name: &str, ty: &KeyType| KeyAttribute { name: name.to_owned(), ty: *ty };
        KeySchema {
            hash: types.iter().take(1).map(|ty| attribute("p", ty)).collect(),
            range: types.iter().skip(1).map(|ty| attribute("s", ty)).collect(),
        }
    }

    #[test]
    fn keys_of_every_schema_survive() {
        let value = |ty: KeyType| match ty {
            KeyType::S => Value::S("user#1".into()),
            KeyType::N => Value::N(Number::parse("-12.5").unwrap()),
            KeyType::B => Value::B(vec![0, 255]),
        };
        let types = [KeyType::S, KeyType::N, KeyType::B];
        let pairs = types.into_iter().flat_map(|p| types.into_iter().map(move |s| vec![p, s]));
        for types in types.into_iter().map(|ty| vec![ty]).chain(pairs) {
            let (schema, mut item) = (schema(&types), ItemBuilder::new());
            types.iter().zip(["p", "s"]).for_each(|(ty, name)| _ = item.put(name, &value(*ty)));
            let (item, mut bytes) = (item.build(), Vec::new());
            put(&mut bytes, &schema, item.as_ref());
            assert_eq!(read(&schema, &bytes), Ok(item), "{types:?}");
        }
    }

    #[test]
    fn keys_of_other_tables_are_refused() {
        for (types, bytes) in [
            (&[KeyType::S][..], &[0xff][..]),
            (&[KeyType::N], b"text"),
            (&[KeyType::N], &[1, 2]),
            (&[KeyType::S, KeyType::S], &[0x45, 1]),
            (&[KeyType::S, KeyType::N], &[0x61, b'a', 0xff]),
            (&[KeyType::S, KeyType::N], &[0x61, b'a']),
        ] {
            assert!(read(&schema(types), bytes).is_err(), "{types:?} {bytes:x?}");
        }
    }
}
