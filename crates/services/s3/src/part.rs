//! The parts of uploads as they are kept: a file each, and the rows of an object that was made of them.

use crate::kept_file::KeptFile;
use crate::writing::Written;
use crate::{errors, keys, rows};
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use store::{Consistency, Direction, KeyRange, RangeRead, Store, Visit};

/// The highest number of a part.
pub(crate) const NUMBER_MAX: u16 = 10_000;
/// The least size of every part but the last.
pub(crate) const BYTES_MIN: u64 = 5 * 1024 * 1024;

/// A part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptPart {
    #[serde(skip)]
    pub(crate) number: u16,
    pub(crate) file: KeptFile,
    pub(crate) size_bytes: u64,
    /// Without quotation marks: the MD5 in hexadecimal.
    pub(crate) etag: String,
    /// In the algorithm of its upload, in base64.
    pub(crate) checksum: String,
    pub(crate) modified_millis: u64,
}

impl KeptPart {
    /// A part of bytes that are on disk.
    pub(crate) fn of(number: u16, written: Written) -> Self {
        KeptPart {
            number,
            file: written.file,
            size_bytes: written.size_bytes,
            etag: stdx::hex::encode(&written.digested.md5),
            checksum: written.digested.checksum.value,
            modified_millis: written.written_millis,
        }
    }
}

/// The number that a client names.
pub(crate) fn number(asked: Option<i64>) -> Result<u16, ApiError> {
    let asked = asked.unwrap_or_default();
    let number = u16::try_from(asked).ok().filter(|number| (1..=NUMBER_MAX).contains(number));
    number.ok_or_else(|| {
        let text = "Part number must be an integer between 1 and 10000, inclusive";
        errors::invalid_argument(text, "partNumber", &asked.to_string())
    })
}

/// All parts of an upload, in the order of their numbers.
pub(crate) async fn all(store: &dyn Store, upload: u128) -> Result<Vec<KeptPart>, ApiError> {
    let (start, end) = (keys::parts(upload), keys::after_prefix(&keys::parts(upload)));
    let range = KeyRange { start: Bound::Included(&start), end: Bound::Excluded(&end) };
    let (mut found, mut fault) = (Vec::new(), None);
    let visit = &mut |key: &[u8], row: &[u8]| {
        let number = keys::part_number(key).unwrap_or_default();
        match rows::parse::<KeptPart>(row) {
            Ok(part) => found.push(KeptPart { number, ..part }),
            Err(error) => fault = Some(error),
        }
        if fault.is_none() { Visit::Continue } else { Visit::Stop }
    };
    let (direction, consistency) = (Direction::Forward, Consistency::Strong);
    let read = RangeRead { range, direction, consistency, rows_expected: usize::from(NUMBER_MAX) };
    store.range(read, visit).await.map_err(|error| errors::store(&error))?;
    fault.map_or(Ok(found), Err)
}
