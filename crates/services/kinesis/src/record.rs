//! The format of a record in the feed of its shard.
//!
//! ```text
//! version u8 = 1 | length of the partition key u16 LE | partition key | data
//! ```

use store::StoreError;

const VERSION: u8 = 1;

/// A record as it stands in a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// What chose its shard.
    pub partition_key: &'a str,
    /// What a producer put.
    pub data: &'a [u8],
}

impl<'a> Record<'a> {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let length =
            u16::try_from(self.partition_key.len()).expect("partition keys have 1,024 bytes at most");
        [&[VERSION], &length.to_le_bytes()[..], self.partition_key.as_bytes(), self.data].concat()
    }

    pub(crate) fn read(bytes: &'a [u8]) -> Result<Record<'a>, StoreError> {
        let damaged = || StoreError::Corrupt("a record of a Kinesis stream cannot be read".to_owned());
        let (version, rest) = bytes.split_first().ok_or_else(damaged)?;
        if *version != VERSION {
            let text =
                format!("a record of a Kinesis stream has format {version}; this version knows {VERSION}");
            return Err(StoreError::Corrupt(text));
        }
        let (length, rest) = rest.split_first_chunk::<2>().ok_or_else(damaged)?;
        let at = usize::from(u16::from_le_bytes(*length));
        let (key, data) = rest.split_at_checked(at).ok_or_else(damaged)?;
        let partition_key = std::str::from_utf8(key).map_err(|_| damaged())?;
        Ok(Record { partition_key, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: if this changes, the version must.
    #[test]
    fn the_format_is_fixed() {
        let record = Record { partition_key: "ab", data: &[7, 8] };
        let bytes = [1, 2, 0, b'a', b'b', 7, 8];
        assert_eq!(record.encode(), bytes);
        assert_eq!(Record::read(&bytes), Ok(record));
        assert!((0..5).all(|length| Record::read(&bytes[..length]).is_err()));
        assert!(Record::read(&[2, 0, 0]).is_err());
    }
}
