//! A boundary in the change feed: the shards of a stream differ before and behind it.
//!
//! ```text
//! version u8 = 2 | schema version of the table from there on u64 LE | label of the stream
//! ```
//!
//! Change records have version 1, so the first byte distinguishes the two.

use crate::row::RowFault;

const VERSION: u8 = 2;

/// A change of the shards of a stream, as a record of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary<'a> {
    /// The schema version of the table by this change.
    pub schema_version: u64,
    /// Which of the table's streams.
    pub label: &'a str,
}

/// Whether a record is a boundary.
pub(crate) fn is_boundary(record: &[u8]) -> bool {
    record.first() == Some(&VERSION)
}

impl<'a> Boundary<'a> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        [&[VERSION], &self.schema_version.to_le_bytes()[..], self.label.as_bytes()].concat()
    }

    /// Reads a boundary; `None` if the record is a change.
    pub fn read(bytes: &'a [u8]) -> Result<Option<Boundary<'a>>, RowFault> {
        let Some((&VERSION, rest)) = bytes.split_first() else { return Ok(None) };
        let (version, label) = rest.split_first_chunk::<8>().ok_or(RowFault::Short)?;
        let label = std::str::from_utf8(label).map_err(|_| RowFault::Short)?;
        Ok(Some(Boundary { schema_version: u64::from_le_bytes(*version), label }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let boundary = Boundary { schema_version: 258, label: "ab" };
        let bytes = [2, 2, 1, 0, 0, 0, 0, 0, 0, b'a', b'b'];
        assert_eq!(boundary.encode(), bytes);
        assert_eq!(Boundary::read(&bytes), Ok(Some(boundary)));
        assert_eq!(Boundary::read(&bytes[..8]), Err(RowFault::Short));
        assert_eq!((Boundary::read(&[1, 0]), Boundary::read(&[])), (Ok(None), Ok(None)));
    }
}
