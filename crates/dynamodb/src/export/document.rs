//! What is kept of exports: a document for each, and until it is done its task and its files.

use crate::describe::seconds;
use crate::errors::codes;
use crate::service::DynamoDb;
use crate::transfer::manifest::WrittenFile;
use crate::transfer::{self, Kinds, Order, Transfer, TransferArn, Transfers};
use engine::{ExportedSince, Totals};
use model::ApiError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The algorithm of objects under a key of KMS.
const KMS: &str = "KMS";

/// The documents of exports.
pub type Exports = Transfers<Export>;
/// How far an export is.
pub type Task = transfer::Task<Stage>;

/// An export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: String,
    /// Its table, which may be gone.
    pub table: ExportedTable,
    /// What makes the same request again this one.
    pub client_token: String,
    /// Where it goes.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What its keys begin with.
    pub prefix: Option<String>,
    /// How its objects are encrypted.
    pub sse_algorithm: String,
    /// The key of KMS for that, as the request names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sse_kms_key_id: Option<String>,
    /// What its lines are.
    pub format: Format,
    /// What is exported.
    pub what: What,
    /// Which items of it, and which attributes: FilterSpecification, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether the request named its type.
    pub shows_type: bool,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// How it ended.
    pub end: Option<Ended>,
}

/// The table of an export, as it was when that was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedTable {
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// What tells it from others of the name.
    pub uuid: String,
}

/// What lines of an export are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// JSON with a type at each value.
    DynamoDbJson,
    /// Text of Ion.
    Ion,
}

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The table at a time, in microseconds since the Unix epoch.
    Full {
        /// The time.
        time_micros: u64,
    },
    /// What has changed in it.
    Incremental {
        /// Since then.
        from_micros: u64,
        /// Before then.
        to_micros: u64,
        /// What is told of each item.
        view: View,
    },
}

/// What an incremental export tells of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// What it is at the end.
    New,
    /// That, and what it was before.
    NewAndOld,
}

/// How an export ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// With what.
    pub outcome: Outcome,
}

/// What came of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// All of it is in the bucket.
    Completed {
        /// Its items.
        items: u64,
        /// Their DynamoDB size.
        size_bytes: u64,
    },
    /// It is not.
    Failed(transfer::Failure),
}

/// What is next of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// To begin.
    New,
    /// To write the file of this number, with what the copy has behind the key.
    Files {
        /// Its number.
        number: u32,
        /// What is exported already.
        after: Option<Vec<u8>>,
        /// What that comes to in the copy.
        totals: Totals,
        /// How many items of that are in the files, where the export has a filter.
        #[serde(default, skip_serializing_if = "is_zero")]
        taken: u64,
    },
    /// To write the manifests, which tell this.
    Manifests {
        /// How many files there are.
        number: u32,
        /// What they tell.
        ended: Ended,
    },
    /// To delete what is not needed any more, and to tell this end.
    Ending {
        /// How many files there are.
        number: u32,
        /// The end.
        ended: Ended,
    },
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Export {
    /// Whether its objects are put under a key of KMS.
    pub fn is_by_kms(&self) -> bool {
        self.sse_algorithm == KMS
    }

    /// What the engine's copy for it is of.
    pub fn since(&self) -> ExportedSince {
        match self.what {
            What::Full { time_micros } => ExportedSince::Time(time_micros),
            What::Incremental { from_micros, to_micros, .. } => {
                ExportedSince::Changes { from_micros, to_micros }
            }
        }
    }
}

/// What two requests have in common that are the same: all that was asked for.
pub fn token_print(export: &Export, asked_time: Option<f64>, asked_until: Option<f64>) -> String {
    let What::Incremental { from_micros, view, .. } = export.what else {
        return print_of(export, &format!("full {asked_time:?}"));
    };
    print_of(export, &format!("from {:?} to {asked_until:?} view {view:?}", seconds(from_micros)))
}

fn print_of(export: &Export, what: &str) -> String {
    let Export { table, bucket, bucket_owner, prefix, sse_algorithm, format, .. } = export;
    let mut told = format!(
        "{}\n{bucket:?}\n{bucket_owner:?}\n{prefix:?}\n{sse_algorithm:?}\n{format:?}\n{what}",
        table.arn
    );
    if let Some(key) = &export.sse_kms_key_id {
        told.push_str(&format!("\nunder {key:?}"));
    }
    if let Some(filter) = &export.filter {
        told.push_str(&format!("\nfilter {filter}"));
    }
    stdx::hex::encode(&Sha256::digest(told.as_bytes()))
}

impl Transfer for Export {
    const NAME: &'static str = "export";
    const KINDS: Kinds =
        Kinds { transfer: "export", task: "export-task", token: "export-token", file: "export-file" };
    const RUNNING_MAX: usize = 300;
    type Stage = Stage;
    type Ended = Ended;
    type File = WrittenFile;

    fn order(&self) -> Order<'_> {
        Order {
            account: &self.table.account,
            region: &self.table.region,
            table_name: &self.table.name,
            id: &self.id,
            client_token: &self.client_token,
            bucket_owners: [self.bucket_owner.as_deref(), None],
            start_micros: self.start_micros,
        }
    }

    fn ended(&self) -> Option<&Ended> {
        self.end.as_ref()
    }

    fn with_end(self, ended: Ended) -> Export {
        Export { end: Some(ended), ..self }
    }

    fn documents(service: &DynamoDb) -> &Exports {
        &service.exports
    }

    fn no_arn() -> ApiError {
        ApiError::validation("Invalid Export ARN")
    }

    fn not_found(arn: &TransferArn<Export>) -> ApiError {
        let text = format!("Export not found: Export not found: {}", arn.as_sent());
        ApiError::new(codes::EXPORT_NOT_FOUND, text)
    }

    fn elsewhere(_: &TransferArn<Export>) -> ApiError {
        ApiError::new(codes::EXPORT_NOT_FOUND, "Export not found: Invalid export arn")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        let export = include_str!("fixtures/export-1.json");
        let export: Export = serde_json::from_str(export).unwrap();
        assert_eq!(export.what, What::Incremental { from_micros: 1, to_micros: 2, view: View::NewAndOld });
        assert_eq!(serde_json::to_string(&export).unwrap(), include_str!("fixtures/export-1.json").trim());
        let task = include_str!("fixtures/export-task-1.json");
        let read: Task = serde_json::from_str(task).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), task.trim());
    }
}
