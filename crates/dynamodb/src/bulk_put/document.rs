//! What is kept of bulk operations: a document for each, and until it is done its task and its reports.

use crate::errors::codes;
use crate::input::{Compression, Format, Input, Place, Records};
use crate::service::DynamoDb;
use crate::transfer::manifest::WrittenFile;
use crate::transfer::{self, Failure, Kinds, Order, Transfer, TransferArn, Transfers};
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The documents of bulk operations.
pub type BulkPuts = Transfers<BulkPut>;
/// How far a bulk operation is.
pub type Task = transfer::Task<Stage>;

/// A bulk operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkPut {
    /// `<14 digits of milliseconds>-<8 hexadecimal digits>`
    pub id: String,
    /// Account of the table.
    pub account: String,
    /// Region of the table.
    pub region: String,
    /// Name of the table.
    pub table_name: String,
    /// What tells the table from others of the name.
    pub table_uuid: String,
    /// What makes the same request again this one.
    pub client_token: String,
    /// What is read.
    pub input: InputObjects,
    /// Where it is told what was not put.
    pub output: Outputs,
    /// Write units a second at most.
    pub units_per_second: Option<u64>,
    /// PerformanceTier
    pub tier: String,
    /// When it was ordered, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// Whether a client has asked for its end.
    pub is_cancelled: bool,
    /// How it ended.
    pub end: Option<Ended>,
}

/// What a bulk operation reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputObjects {
    /// Where.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What the keys of the objects begin with.
    pub prefix: Option<String>,
    /// What records are.
    pub format: Format,
    /// How objects are packed.
    pub compression: Compression,
}

/// Where a bulk operation tells what was not put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outputs {
    /// Where.
    pub bucket: String,
    /// Whose the bucket is said to be.
    pub bucket_owner: Option<String>,
    /// What its keys begin with.
    pub prefix: Option<String>,
    /// How its objects are encrypted, where the request says it.
    pub sse_algorithm: Option<String>,
    /// The key of KMS they are put under, where the request says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sse_kms_key_id: Option<String>,
    /// What is told.
    pub kinds: Vec<ReportKind>,
}

/// What a report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportKind {
    /// Records that cannot be put.
    Error,
    /// Records whose condition does not hold.
    ConditionCheckFailure,
}

/// How a bulk operation ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// When, in microseconds since the Unix epoch.
    pub at_micros: u64,
    /// With what.
    pub outcome: Outcome,
    /// How far it came.
    pub progress: Progress,
}

/// What came of a bulk operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// All records were read.
    Completed,
    /// A client has ended it.
    Cancelled,
    /// It could not go on.
    Failed(Failure),
}

/// How far a bulk operation is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// How far the objects are read, where that was begun.
    pub place: Option<Place>,
    /// What came of it.
    pub counts: Counts,
    /// The size of all objects, once that is known.
    pub total_bytes: Option<u64>,
    /// How many reports are in the bucket.
    pub files: u32,
}

/// What was read and written.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Records.
    pub processed: u64,
    /// Those of them that cannot be put.
    pub failed: u64,
    /// Those of them whose condition does not hold.
    pub conditions_failed: u64,
    /// Bytes that they were read from, unpacked.
    pub bytes: u64,
    /// Write units of the table.
    pub table_units: u64,
    /// Write units of its local indexes, by their names.
    pub local_index_units: BTreeMap<String, u64>,
    /// Write units of its global indexes, by their names.
    pub global_index_units: BTreeMap<String, u64>,
}

/// What is next of a bulk operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// To look at the buckets.
    New,
    /// To read objects.
    Reading(Progress),
    /// To write the manifests, which tell this.
    Manifests(Ended),
    /// To tell this end.
    Ending(Ended),
}

/// A report that is in the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it is of.
    pub kind: ReportKind,
    /// The object.
    pub file: WrittenFile,
}

impl ReportKind {
    /// Its name in requests and answers.
    pub fn name(self) -> &'static str {
        match self {
            ReportKind::Error => "ERROR",
            ReportKind::ConditionCheckFailure => "CONDITION_CHECK_FAILURE",
        }
    }
}

impl Stage {
    /// How far the operation is.
    pub fn progress(&self) -> Progress {
        match self {
            Stage::New => Progress::default(),
            Stage::Reading(progress) => progress.clone(),
            Stage::Manifests(ended) | Stage::Ending(ended) => ended.progress.clone(),
        }
    }
}

impl BulkPut {
    /// Whether reports are put under a key of KMS.
    pub fn is_by_kms(&self) -> bool {
        self.output.sse_algorithm.as_deref() == Some("KMS")
    }

    /// What is read.
    pub fn input(&self) -> Input {
        let InputObjects { format, compression, .. } = self.input;
        Input { format, csv: None, compression, records: Records::Puts }
    }
}

impl Transfer for BulkPut {
    const NAME: &'static str = "bulk-operation";
    const KINDS: Kinds =
        Kinds { transfer: "bulk-put", task: "bulk-put-task", token: "bulk-put-token", file: "bulk-put-file" };
    const RUNNING_MAX: usize = 50;
    type Stage = Stage;
    type Ended = Ended;
    type File = Report;

    fn order(&self) -> Order<'_> {
        Order {
            account: &self.account,
            region: &self.region,
            table_name: &self.table_name,
            id: &self.id,
            client_token: &self.client_token,
            bucket_owners: [self.input.bucket_owner.as_deref(), self.output.bucket_owner.as_deref()],
            start_micros: self.start_micros,
        }
    }

    fn ended(&self) -> Option<&Ended> {
        self.end.as_ref()
    }

    fn with_end(self, ended: Ended) -> BulkPut {
        BulkPut { end: Some(ended), ..self }
    }

    fn documents(service: &DynamoDb) -> &BulkPuts {
        &service.bulk_puts
    }

    fn no_arn() -> ApiError {
        ApiError::validation("Invalid Bulk Operation ARN")
    }

    fn not_found(arn: &TransferArn<BulkPut>) -> ApiError {
        let text = format!("Requested resource not found: Bulk operation: {} not found", arn.as_sent());
        ApiError::new(codes::RESOURCE_NOT_FOUND, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The format on disk: what another version has written is read.
    #[test]
    fn the_format_is_fixed() {
        let text = include_str!("fixtures/bulk-put-1.json");
        let read: BulkPut = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text.trim());
        let text = include_str!("fixtures/bulk-put-task-1.json");
        let read: Task = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text.trim());
        let text = include_str!("fixtures/bulk-put-file-1.json");
        let read: Report = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text.trim());
    }
}
