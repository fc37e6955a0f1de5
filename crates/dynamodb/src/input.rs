//! Objects of S3 that are read as items, for imports and bulk operations: unpacked and [taken apart](records) by a
//! thread, and handed over in batches of writes, with how far that is.

mod columns;
mod csv;
mod object;
mod records;
mod source;

pub use object::ObjectReader;
pub use records::{BATCH_RECORDS_MAX, Batch};

use crate::transfer::{Bucket, Failure, Trouble};
use engine::{Refusal, WriteError};
use serde::{Deserialize, Serialize};

/// What is to be read, and how.
#[derive(Debug, Clone)]
pub struct Input {
    /// What records are.
    pub format: Format,
    /// How records of CSV are to be read, where the request says it.
    pub csv: Option<CsvOptions>,
    /// How objects are packed.
    pub compression: Compression,
    /// What records say.
    pub records: Records,
}

/// What records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// An item, which is put.
    Items,
    /// What PutItem is asked for: an item, and a condition for it to be put.
    Puts,
}

/// What records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Records of CSV.
    Csv,
    /// Lines of JSON with a type at each value.
    DynamoDbJson,
    /// Lines of Ion text.
    Ion,
}

impl Format {
    /// That of a request, JSON where it has none.
    pub fn of(name: Option<&str>) -> Format {
        match name {
            Some("CSV") => Format::Csv,
            Some("ION") => Format::Ion,
            _ => Format::DynamoDbJson,
        }
    }

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "CSV",
            Format::DynamoDbJson => "DYNAMODB_JSON",
            Format::Ion => "ION",
        }
    }
}

impl Compression {
    /// That of a request, none where it has none.
    pub fn of(name: Option<&str>) -> Compression {
        match name {
            Some("GZIP") => Compression::Gzip,
            Some("ZSTD") => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "NONE",
            Compression::Gzip => "GZIP",
            Compression::Zstd => "ZSTD",
        }
    }
}

/// How objects are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compression {
    /// Not at all.
    None,
    /// By gzip.
    Gzip,
    /// By Zstandard.
    Zstd,
}

/// How records of CSV are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CsvOptions {
    /// What is between fields; a comma where it is not given.
    pub delimiter: Option<String>,
    /// The names of columns, where they are not in the first record of each object.
    pub header_list: Option<Vec<String>>,
}

impl CsvOptions {
    /// What is between fields.
    pub fn delimiter(&self) -> u8 {
        self.delimiter.as_ref().and_then(|text| text.bytes().next()).unwrap_or(b',')
    }
}

/// How far the objects are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The object.
    pub key: String,
    /// Records of it that are done.
    pub records: u64,
    /// Whether it has no more.
    pub is_done: bool,
}

impl Place {
    /// The object that is to be read on, or the one behind it, if there is one with the prefix.
    pub async fn next(
        place: Option<Place>,
        bucket: &Bucket<'_>,
        prefix: Option<&str>,
    ) -> Result<Option<Place>, Trouble> {
        let after = match place {
            Some(place) if !place.is_done => return Ok(Some(place)),
            place => place.map(|place| place.key),
        };
        let found = bucket.next_object(prefix, after.as_deref()).await?;
        Ok(found.map(|listed| Place { key: listed.key, records: 0, is_done: false }))
    }
}

/// What an item or a condition refused a record for. Any other error stops the transfer, `gone` that its table is not
/// there any more.
pub fn refusal(error: WriteError, gone: impl FnOnce() -> Trouble) -> Result<Refusal, Trouble> {
    match error {
        WriteError::Refused(refusal) => Ok(refusal),
        WriteError::TableNotFound => Err(gone()),
        WriteError::Store(error) => Err(error.into()),
        WriteError::TransactionConflict | WriteError::ReplicatedWriteConflict | WriteError::Unknown => {
            Err(Trouble::Failed("an item was not put".to_owned()))
        }
    }
}

/// The failure, and how far the objects were read.
pub fn stopped_at(failure: Failure, place: Option<&Place>) -> Failure {
    let Some(Place { key, records, .. }) = place else { return failure };
    let message = format!("{} (stopped behind record {records} of {key})", failure.message);
    Failure { message, ..failure }
}
