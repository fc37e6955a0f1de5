//! Tombstones: when, and in which region, an item of a table with replicas was deleted. An older write of another
//! replica that comes later does nothing against it.
//!
//! ```text
//! format u8 = 1 | write time µs u64 LE | origin region: length u8 (0: this one), bytes
//!   | the key attributes in canonical bytes
//! ```

use crate::keys::{ItemKey, KeyBuf, tombstone_key};
use crate::row::RowFault;
use crate::table::Table;
use store::RowWrite;
use types::MapRef;

const FORMAT: u8 = 1;

/// A tombstone in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tombstone<'a> {
    /// When the item was deleted.
    pub write_time_micros: u64,
    /// The region it was deleted in, where that is not this one.
    pub origin: Option<&'a str>,
    /// The item's key.
    pub key: MapRef<'a>,
}

impl<'a> Tombstone<'a> {
    /// The bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let origin = self.origin.unwrap_or_default().as_bytes();
        let origin = &origin[..origin.len().min(usize::from(u8::MAX))];
        let time = self.write_time_micros.to_le_bytes();
        [&[FORMAT], &time[..], &[origin.len() as u8], origin, self.key.as_bytes()].concat()
    }

    /// Reads a row.
    pub(crate) fn read(row: &'a [u8]) -> Result<Tombstone<'a>, RowFault> {
        let (format, rest) = row.split_first().ok_or(RowFault::Short)?;
        if *format != FORMAT {
            return Err(RowFault::Newer { format: *format, flags: 0 });
        }
        let (time, rest) = rest.split_first_chunk().ok_or(RowFault::Short)?;
        let (length, rest) = rest.split_first().ok_or(RowFault::Short)?;
        let (origin, key) = rest.split_at_checked(usize::from(*length)).ok_or(RowFault::Short)?;
        if key.len() < 4 {
            return Err(RowFault::Short);
        }
        let origin = std::str::from_utf8(origin).map_err(|_| RowFault::Short)?;
        Ok(Tombstone {
            write_time_micros: u64::from_le_bytes(*time),
            origin: (!origin.is_empty()).then_some(origin),
            key: MapRef::new(key),
        })
    }
}

/// The key of an item's tombstone, in a table that keeps some.
pub(crate) fn key_of(table: &Table, item: &ItemKey) -> Option<KeyBuf> {
    Some(tombstone_key(table.id, table.tombstones_since()?, item.as_bytes()))
}

/// Puts the tombstone of an item, or deletes it, in a table that keeps some.
pub(crate) fn row(table: &Table, item: &ItemKey, tombstone: Option<Tombstone<'_>>) -> Option<RowWrite> {
    let row = tombstone.map(|tombstone| tombstone.encode());
    Some(RowWrite { key: key_of(table, item)?.to_vec(), row })
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::Item;

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let key = Item::empty();
        let of = |origin| Tombstone { write_time_micros: 258, origin, key: key.as_ref() };
        let bytes = [1, 2, 1, 0, 0, 0, 0, 0, 0, 2, b'e', b'u', 0, 0, 0, 0];
        assert_eq!(of(Some("eu")).encode(), bytes);
        assert_eq!(Tombstone::read(&bytes), Ok(of(Some("eu"))));
        assert_eq!(Tombstone::read(&of(None).encode()), Ok(of(None)));
        assert!((0..bytes.len()).all(|len| Tombstone::read(&bytes[..len]).is_err()));
        assert_eq!(Tombstone::read(&[2]), Err(RowFault::Newer { format: 2, flags: 0 }));
    }
}
