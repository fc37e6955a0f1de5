//! The row of a copied item.
//!
//! ```text
//! format u8 = 1 | flags u8 | checksum u64 LE | DynamoDB size u32 LE | the item in canonical bytes
//!                            flag 1: it is as of the position of the copy, whatever else the feed has of the item
//!                            flag 2: there was no item; nothing follows
//! ```
//!
//! The checksum covers the key behind the copy's prefix and all of the row behind itself, so that a row that is damaged
//! or stands in another place is noticed. A copy as a whole has the sum of its checksums ([`Totals`]): none is missing.

use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher24};
use std::hash::Hasher;
use types::MapRef;

const FORMAT: u8 = 1;
const FLAG_SETTLED: u8 = 1;
const FLAG_ABSENT: u8 = 2;
const HEADER_BYTES: usize = 10;
const SIZE_BYTES: usize = 4;

/// A copied item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CopiedItem<'a> {
    /// The item with its DynamoDB size; `None` where there was none.
    pub item: Option<(MapRef<'a>, u32)>,
    /// Whether it is as of the position of the copy for certain.
    pub is_settled: bool,
    checksum: u64,
}

/// Why a copied item cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CopyFault {
    /// Written by a newer version.
    #[error("a copied item has format {format} and flags {flags:#x}; this version knows format 1")]
    Newer {
        /// Its format.
        format: u8,
        /// Its flags.
        flags: u8,
    },
    /// Its checksum is another.
    #[error("the checksum of a copied item does not match")]
    Damaged,
}

impl<'a> CopiedItem<'a> {
    /// The row of an item under a key, which is that behind the copy's prefix.
    pub(crate) fn encode(key: &[u8], item: Option<(MapRef<'_>, usize)>, is_settled: bool) -> Vec<u8> {
        let body = item.map_or(&[][..], |(item, _)| item.as_bytes());
        let mut row = Vec::with_capacity(HEADER_BYTES + SIZE_BYTES + body.len());
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = flag(is_settled, FLAG_SETTLED) | flag(item.is_none(), FLAG_ABSENT);
        row.extend_from_slice(&[FORMAT, flags, 0, 0, 0, 0, 0, 0, 0, 0]);
        if let Some((_, size_bytes)) = item {
            row.extend_from_slice(&(size_bytes as u32).to_le_bytes());
            row.extend_from_slice(body);
        }
        let checksum = checksum(key, &row[HEADER_BYTES..]);
        row[2..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
        row
    }

    /// Reads and checks a row.
    pub(crate) fn read(key: &[u8], row: &'a [u8]) -> Result<CopiedItem<'a>, CopyFault> {
        let (header, rest) = row.split_first_chunk::<HEADER_BYTES>().ok_or(CopyFault::Damaged)?;
        let [format, flags, checksum @ ..] = *header;
        if format != FORMAT || flags & !(FLAG_SETTLED | FLAG_ABSENT) != 0 {
            return Err(CopyFault::Newer { format, flags });
        }
        let checksum = u64::from_le_bytes(checksum);
        if checksum != self::checksum(key, rest) {
            return Err(CopyFault::Damaged);
        }
        let item = match flags & FLAG_ABSENT {
            0 => {
                let (size_bytes, body) = rest.split_first_chunk::<SIZE_BYTES>().ok_or(CopyFault::Damaged)?;
                let body = Some(body).filter(|body| body.len() >= 4).ok_or(CopyFault::Damaged)?;
                Some((MapRef::new(body), u32::from_le_bytes(*size_bytes)))
            }
            _ => None,
        };
        Ok(CopiedItem { item, is_settled: flags & FLAG_SETTLED != 0, checksum })
    }
}

/// Of a row under a key: of both together.
pub(super) fn checksum(key: &[u8], rest: &[u8]) -> u64 {
    let mut hasher = SipHasher24::new();
    hasher.write(&(key.len() as u32).to_le_bytes());
    hasher.write(key);
    hasher.write(rest);
    hasher.finish128().h1
}

/// What a copy holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Items.
    pub items: u64,
    /// Their DynamoDB sizes together.
    pub size_bytes: u64,
    /// The sum of their checksums.
    checksum: u64,
}

impl Totals {
    /// Those of a table by its counters, before its items are copied.
    pub(crate) fn estimate(items: u64, size_bytes: u64) -> Totals {
        Totals { items, size_bytes, checksum: 0 }
    }

    /// Adds an item.
    pub(crate) fn add(&mut self, copied: &CopiedItem<'_>) {
        let Some((_, size_bytes)) = copied.item else { return };
        self.add_row(u64::from(size_bytes), copied.checksum);
    }

    /// Adds what a row is about.
    pub(super) fn add_row(&mut self, size_bytes: u64, checksum: u64) {
        self.items += 1;
        self.size_bytes += size_bytes;
        self.checksum = self.checksum.wrapping_add(checksum);
    }

    /// Both together.
    pub fn and(self, other: Totals) -> Totals {
        Totals {
            items: self.items + other.items,
            size_bytes: self.size_bytes + other.size_bytes,
            checksum: self.checksum.wrapping_add(other.checksum),
        }
    }

    /// Takes an item away that was added.
    pub(crate) fn remove(&mut self, copied: &CopiedItem<'_>) {
        let Some((_, size_bytes)) = copied.item else { return };
        self.remove_row(u64::from(size_bytes), copied.checksum);
    }

    /// Takes away what a row is about, which was added.
    pub(super) fn remove_row(&mut self, size_bytes: u64, checksum: u64) {
        self.items -= 1;
        self.size_bytes -= size_bytes;
        self.checksum = self.checksum.wrapping_sub(checksum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{ItemBuilder, Value};

    #[test]
    fn a_row_is_read_under_its_own_key_and_undamaged() {
        let item = ItemBuilder::new().put("pk", &Value::S("a".into())).build();
        for (item, is_settled) in [(Some((item.as_ref(), 3)), false), (None, true)] {
            let row = CopiedItem::encode(b"key", item, is_settled);
            let read = CopiedItem::read(b"key", &row).unwrap();
            assert_eq!(read.item.map(|(item, size)| (item, size as usize)), item);
            assert_eq!(read.is_settled, is_settled);
            assert_eq!(CopiedItem::read(b"kez", &row), Err(CopyFault::Damaged));
            for at in 2..row.len() {
                let mut damaged = row.clone();
                damaged[at] ^= 1;
                assert_eq!(CopiedItem::read(b"key", &damaged), Err(CopyFault::Damaged), "{at}");
                assert_eq!(CopiedItem::read(b"key", &row[..at]), Err(CopyFault::Damaged), "{at}");
            }
        }
    }

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let item = types::Item::empty();
        let row = CopiedItem::encode(b"k", Some((item.as_ref(), 258)), true);
        assert_eq!((&row[..2], &row[10..]), (&[1, 1][..], &[2, 1, 0, 0, 0, 0, 0, 0][..]));
        assert_eq!(CopiedItem::encode(b"k", None, true)[..2], [1, 3]);
        let mut newer = row.clone();
        newer[0] = 2;
        assert_eq!(CopiedItem::read(b"k", &newer), Err(CopyFault::Newer { format: 2, flags: 1 }));
    }

    #[test]
    fn totals_are_those_of_the_items_in_any_order() {
        let item = ItemBuilder::new().put("pk", &Value::S("a".into())).build();
        let row = |key: &[u8]| CopiedItem::encode(key, Some((item.as_ref(), 3)), false);
        let (a, b) = (row(b"a"), row(b"b"));
        let (a, b) = (CopiedItem::read(b"a", &a).unwrap(), CopiedItem::read(b"b", &b).unwrap());
        let (mut one, mut other) = (Totals::default(), Totals::default());
        one.add(&a);
        one.add(&b);
        other.add(&b);
        assert_ne!(one, other);
        one.remove(&a);
        assert_eq!(one, other);
        assert_eq!((one.items, one.size_bytes), (1, 3));
    }
}
