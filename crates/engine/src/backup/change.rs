//! The row of an item that was changed between two times, in the copy that an incremental export reads.
//!
//! ```text
//! format u8 = 1 | flags u8 | checksum u64 LE | time of the last change u64 LE, in µs since the Unix epoch
//!   | key (length u32 LE, item) | [the item before the first change; flag 2] | [that behind the last one; flag 4]
//!                                          flag 1: what is behind the last change is known for certain
//! ```
//!
//! The checksum is that of [`CopiedItem`](super::CopiedItem).

use super::row::{CopyFault, Totals, checksum};
use types::{Item, MapRef};

const FORMAT: u8 = 1;
const FLAG_SETTLED: u8 = 1;
const FLAG_OLD: u8 = 2;
const FLAG_NEW: u8 = 4;
const FLAGS_KNOWN: u8 = FLAG_SETTLED | FLAG_OLD | FLAG_NEW;
const HEADER_BYTES: usize = 10;

/// An item that was changed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CopiedChange {
    /// When it was changed last.
    pub time_micros: u64,
    /// Its key attributes.
    pub key: Item,
    /// The item before the first change, where there was one.
    pub old: Option<Item>,
    /// The item behind the last one, where there is one.
    pub new: Option<Item>,
    /// Whether the new item is that of the end of the time for certain.
    pub is_settled: bool,
}

impl CopiedChange {
    /// The row under a key, which is that behind the copy's prefix.
    pub(crate) fn encode(&self, key: &[u8]) -> Vec<u8> {
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        let flags = flag(self.is_settled, FLAG_SETTLED)
            | flag(self.old.is_some(), FLAG_OLD)
            | flag(self.new.is_some(), FLAG_NEW);
        let mut row = vec![FORMAT, flags, 0, 0, 0, 0, 0, 0, 0, 0];
        row.extend_from_slice(&self.time_micros.to_le_bytes());
        for item in [Some(&self.key), self.old.as_ref(), self.new.as_ref()].into_iter().flatten() {
            row.extend_from_slice(&(item.as_bytes().len() as u32).to_le_bytes());
            row.extend_from_slice(item.as_bytes());
        }
        let checksum = checksum(key, &row[HEADER_BYTES..]);
        row[2..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
        row
    }

    /// Reads and checks a row.
    pub(crate) fn read(key: &[u8], row: &[u8]) -> Result<CopiedChange, CopyFault> {
        let (header, rest) = row.split_first_chunk::<HEADER_BYTES>().ok_or(CopyFault::Damaged)?;
        let [format, flags, checksum @ ..] = *header;
        if format != FORMAT || flags & !FLAGS_KNOWN != 0 {
            return Err(CopyFault::Newer { format, flags });
        }
        if u64::from_le_bytes(checksum) != self::checksum(key, rest) {
            return Err(CopyFault::Damaged);
        }
        let (time, mut rest) = rest.split_first_chunk::<8>().ok_or(CopyFault::Damaged)?;
        let key = take(&mut rest)?;
        let old = (flags & FLAG_OLD != 0).then(|| take(&mut rest)).transpose()?;
        let new = (flags & FLAG_NEW != 0).then(|| take(&mut rest)).transpose()?;
        let time_micros = u64::from_le_bytes(*time);
        Ok(CopiedChange { time_micros, key, old, new, is_settled: flags & FLAG_SETTLED != 0 })
    }

    /// The DynamoDB sizes of what is told of it.
    fn size_bytes(&self) -> u64 {
        let items = [Some(&self.key), self.old.as_ref(), self.new.as_ref()];
        items.into_iter().flatten().map(|item| item.size_bytes() as u64).sum()
    }

    /// Counts it, whose row this is.
    pub(crate) fn add_to(&self, totals: &mut Totals, row: &[u8]) {
        totals.add_row(self.size_bytes(), checksum_in(row));
    }

    /// Counts it no longer.
    pub(crate) fn remove_from(&self, totals: &mut Totals, row: &[u8]) {
        totals.remove_row(self.size_bytes(), checksum_in(row));
    }
}

fn checksum_in(row: &[u8]) -> u64 {
    row.get(2..HEADER_BYTES).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn take(rest: &mut &[u8]) -> Result<Item, CopyFault> {
    let (length, tail) = rest.split_first_chunk::<4>().ok_or(CopyFault::Damaged)?;
    let (item, tail) =
        tail.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or(CopyFault::Damaged)?;
    *rest = tail;
    if item.len() < 4 { Err(CopyFault::Damaged) } else { Ok(MapRef::new(item).to_item()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{ItemBuilder, Value};

    fn item(n: i64) -> Item {
        ItemBuilder::new().put("pk", &Value::S("a".into())).put("n", &Value::N(n.into())).build()
    }

    #[test]
    fn a_row_is_read_under_its_own_key_and_undamaged() {
        for (old, new, is_settled) in
            [(Some(1), None, false), (None, Some(2), true), (Some(1), Some(2), true)]
        {
            let change = CopiedChange {
                time_micros: 77,
                key: item(0),
                old: old.map(item),
                new: new.map(item),
                is_settled,
            };
            let row = change.encode(b"key");
            assert_eq!(CopiedChange::read(b"key", &row), Ok(change));
            assert_eq!(CopiedChange::read(b"kez", &row), Err(CopyFault::Damaged));
            for at in 2..row.len() {
                let mut damaged = row.clone();
                damaged[at] ^= 1;
                assert_eq!(CopiedChange::read(b"key", &damaged), Err(CopyFault::Damaged), "{at}");
                assert_eq!(CopiedChange::read(b"key", &row[..at]), Err(CopyFault::Damaged), "{at}");
            }
        }
    }

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let empty = Item::empty();
        let change = CopiedChange {
            time_micros: 258,
            key: empty.clone(),
            old: None,
            new: Some(empty),
            is_settled: true,
        };
        let row = change.encode(b"k");
        assert_eq!(row[..2], [1, 5]);
        assert_eq!(row[10..], [2, 1, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0]);
        let mut newer = row.clone();
        newer[0] = 2;
        assert_eq!(CopiedChange::read(b"k", &newer), Err(CopyFault::Newer { format: 2, flags: 5 }));
    }
}
