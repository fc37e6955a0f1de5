//! What is kept of imports: a document for each, and until it is done its task.

use crate::errors::codes;
use crate::input::{Compression, CsvOptions, Format, Input, Place, Records};
use crate::service::DynamoDb;
use crate::transfer::{self, Failure, Kinds, Order, Transfer, TransferArn, Transfers};
use model::ApiError;
use serde::{Deserialize, Serialize};

/// The objects that an import reads at most.
pub const OBJECTS_MAX: usize = 50_000;

/// The documents of imports.
pub type Imports = Transfers<Import>;
/// How far an import is.
pub type Task = transfer::Task<Stage>;

/// An import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: String,
    /// Account of the table.
    pub account: String,
    /// Region of the table.
    pub region: String,
    /// Name of the table.
    pub table_name: String,
    /// What the table has as its id.
    pub table_uuid: String,
    /// What makes the same request again this one.
    pub client_token: String,
    /// Where it comes from.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What the keys of the objects begin with.
    pub prefix: Option<String>,
    /// What records are.
    pub format: Format,
    /// How records of CSV are to be read, where the request says it.
    pub csv: Option<CsvOptions>,
    /// How objects are packed.
    pub compression: Compression,
    /// TableCreationParameters, as JSON.
    pub parameters: String,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// How it ended.
    pub end: Option<Ended>,
}

/// How an import ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// What was read and written.
    pub counts: Counts,
    /// Why it failed, where it did.
    pub failure: Option<Failure>,
}

/// What was read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Items that were put.
    pub imported: u64,
    /// Records that were not.
    pub errors: u64,
    /// Bytes that they were read from, unpacked.
    pub bytes: u64,
}

/// What is next of an import.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// To create the table.
    New,
    /// To read objects.
    Reading {
        /// How far they are read, where that was begun.
        place: Option<Place>,
        /// What came of it.
        counts: Counts,
    },
    /// To make the table active, if there is one of this import, and to tell this end.
    Ending {
        /// The end.
        ended: Ended,
    },
}

impl Import {
    /// What is read.
    pub fn input(&self) -> Input {
        let (csv, records) = (self.csv.clone(), Records::Items);
        Input { format: self.format, csv, compression: self.compression, records }
    }
}

impl Transfer for Import {
    const NAME: &'static str = "import";
    const KINDS: Kinds =
        Kinds { transfer: "import", task: "import-task", token: "import-token", file: "import-file" };
    const RUNNING_MAX: usize = 50;
    type Stage = Stage;
    type Ended = Ended;
    type File = ();

    fn order(&self) -> Order<'_> {
        Order {
            account: &self.account,
            region: &self.region,
            table_name: &self.table_name,
            id: &self.id,
            client_token: &self.client_token,
            bucket_owners: [self.bucket_owner.as_deref(), None],
            start_micros: self.start_micros,
        }
    }

    fn ended(&self) -> Option<&Ended> {
        self.end.as_ref()
    }

    fn with_end(self, ended: Ended) -> Import {
        Import { end: Some(ended), ..self }
    }

    fn documents(service: &DynamoDb) -> &Imports {
        &service.imports
    }

    fn no_arn() -> ApiError {
        ApiError::validation("Invalid Import ARN")
    }

    fn not_found(arn: &TransferArn<Import>) -> ApiError {
        ApiError::new(codes::IMPORT_NOT_FOUND, format!("Import not found: {}", arn.as_sent()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        let import = include_str!("fixtures/import-1.json");
        let read: Import = serde_json::from_str(import).unwrap();
        assert_eq!((read.format, read.compression), (Format::Csv, Compression::Zstd));
        assert_eq!(serde_json::to_string(&read).unwrap(), import.trim());
        let task = include_str!("fixtures/import-task-1.json");
        let read: Task = serde_json::from_str(task).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), task.trim());
    }
}
