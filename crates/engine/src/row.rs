//! The row of an item or index entry.
//!
//! ```text
//! format u8 = 1 | flags u8 | DynamoDB size u32 LE | version u64 LE | write time µs u64 LE
//!   | [origin region: length u8, bytes; flag 1] | body: the item (or projected item) in canonical bytes
//! ```
//!
//! A format or flag that is not known was written by a newer version and is an error.

use types::MapRef;

const FORMAT: u8 = 1;
const FLAG_ORIGIN: u8 = 1;
const HEADER_BYTES: usize = 22;

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Written by a newer version.
    #[error("a row has format {format} and flags {flags:#x}; this version knows format 1")]
    Newer {
        /// The format.
        format: u8,
        /// The flags.
        flags: u8,
    },
    /// Shorter than the length in its header.
    #[error("a row is cut short")]
    Short,
    /// The key attributes in the row are not those of its key.
    #[error("a row stands under the key of another item")]
    OtherKey,
}

impl From<RowFault> for store::StoreError {
    fn from(fault: RowFault) -> Self {
        match fault {
            // The table came under its first key while the row was being read: it opens for the next read.
            RowFault::Newer { format: sealing::FORMAT, .. } => {
                store::StoreError::Unavailable("a row was sealed while it was read".to_owned())
            }
            fault => store::StoreError::Corrupt(fault.to_string()),
        }
    }
}

/// A row in place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowRef<'a> {
    /// DynamoDB's size of the item.
    pub size_bytes: u32,
    /// Counts the writes of this item.
    pub version: u64,
    /// When it was written; rises with every write of the item.
    pub write_time_micros: u64,
    /// The region it was written in, where that is not this one.
    pub origin: Option<&'a str>,
    body: &'a [u8],
}

impl<'a> RowRef<'a> {
    /// Reads the header.
    pub fn read(row: &'a [u8]) -> Result<RowRef<'a>, RowFault> {
        let (header, rest) = row.split_at_checked(HEADER_BYTES).ok_or(RowFault::Short)?;
        let (format, flags) = (header[0], header[1]);
        if format != FORMAT || flags & !FLAG_ORIGIN != 0 {
            return Err(RowFault::Newer { format, flags });
        }
        let (origin, body) = if flags & FLAG_ORIGIN == 0 { (None, rest) } else { read_origin(rest)? };
        if body.len() < 4 {
            return Err(RowFault::Short);
        }
        Ok(RowRef {
            size_bytes: u32::from_le_bytes([header[2], header[3], header[4], header[5]]),
            version: read_u64(&header[6..14]),
            write_time_micros: read_u64(&header[14..22]),
            origin,
            body,
        })
    }

    /// The item.
    pub fn item(&self) -> MapRef<'a> {
        MapRef::new(self.body)
    }
}

fn read_origin(rest: &[u8]) -> Result<(Option<&str>, &[u8]), RowFault> {
    let (length, rest) = rest.split_first().ok_or(RowFault::Short)?;
    let (origin, body) = rest.split_at_checked(usize::from(*length)).ok_or(RowFault::Short)?;
    Ok((Some(std::str::from_utf8(origin).map_err(|_| RowFault::Short)?), body))
}

fn read_u64(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("the caller cuts eight bytes"))
}

/// A row to be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub size_bytes: usize,
    pub version: u64,
    pub write_time_micros: u64,
    pub origin: Option<&'a str>,
    pub item: MapRef<'a>,
}

impl NewRow<'_> {
    /// The bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let origin = self.origin.map(|origin| &origin.as_bytes()[..origin.len().min(usize::from(u8::MAX))]);
        let origin_len = origin.map_or(0, |origin| 1 + origin.len());
        let mut row = Vec::with_capacity(HEADER_BYTES + origin_len + self.item.as_bytes().len());
        row.push(FORMAT);
        row.push(if origin.is_some() { FLAG_ORIGIN } else { 0 });
        row.extend_from_slice(&(self.size_bytes as u32).to_le_bytes());
        row.extend_from_slice(&self.version.to_le_bytes());
        row.extend_from_slice(&self.write_time_micros.to_le_bytes());
        if let Some(origin) = origin {
            row.push(origin.len() as u8);
            row.extend_from_slice(origin);
        }
        row.extend_from_slice(self.item.as_bytes());
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use types::{ItemBuilder, Value};

    fn row(origin: Option<&str>) -> Vec<u8> {
        let item = ItemBuilder::new().put("pk", &Value::S("a".into())).put("n", &Value::N(42.into())).build();
        let item = item.as_ref();
        NewRow { size_bytes: 6, version: 3, write_time_micros: 1_700_000_000_000_000, origin, item }.encode()
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The format on disk: if this changes, the format number must.
    #[test]
    fn the_format_is_fixed() {
        assert_eq!(
            hex(&row(None)),
            concat!(
                "0100",
                "06000000",
                "0300000000000000",
                "00401e18240a0600", // header
                "02000000",
                "0c000000",
                "14000000",
                "01006e",
                "020303832b",
                "0200706b",
                "010161"
            )
        );
    }

    #[test]
    fn reads_what_was_written() {
        for origin in [None, Some("eu-west-1")] {
            let bytes = row(origin);
            let read = RowRef::read(&bytes).unwrap();
            assert_eq!((read.size_bytes, read.version, read.origin), (6, 3, origin));
            assert_eq!(read.item().len(), 2);
            for len in 0..HEADER_BYTES + 4 {
                assert!(RowRef::read(&bytes[..len]).is_err());
            }
        }
    }

    #[test]
    fn what_is_newer_is_refused() {
        let mut bytes = row(None);
        bytes[0] = 2;
        assert_eq!(RowRef::read(&bytes), Err(RowFault::Newer { format: 2, flags: 0 }));
        bytes[..2].copy_from_slice(&[1, 4]);
        assert_eq!(RowRef::read(&bytes), Err(RowFault::Newer { format: 1, flags: 4 }));
    }
}
