//! What a bulk operation puts into its output bucket: in `<prefix>/AWSDynamoDB/<id>/` reports, and manifests that tell
//! of them.

use super::document::{BulkPut, Ended, Report, ReportKind};
use super::status;
use crate::transfer::Transfer;
use crate::transfer::manifest::{Folder, Json, file_name, listed, time};

const VERSION: &str = "2026-11-30";

/// The folder of an operation.
pub(super) fn of(bulk: &BulkPut) -> Folder {
    Folder::of(bulk.output.prefix.as_deref(), &bulk.id)
}

/// The manifest that tells what was done.
pub fn summary_key(bulk: &BulkPut) -> String {
    let [key, _] = of(bulk).manifest_summary();
    key
}

/// A report.
pub(super) fn report_key(bulk: &BulkPut, kind: ReportKind, number: u32) -> String {
    let folder = match kind {
        ReportKind::Error => "error",
        ReportKind::ConditionCheckFailure => "condition-check-failure",
    };
    of(bulk).key(&format!("{folder}/{}.json.gz", file_name(&bulk.arn(), number)))
}

/// The list of reports.
pub(super) fn reports(reports: &[Report]) -> Vec<u8> {
    let line = |report: &Report| {
        let mut json = listed(&report.file);
        json.text("outputType", report.kind.name());
        json.line()
    };
    reports.iter().flat_map(line).collect()
}

/// What was done.
pub(super) fn summary(bulk: &BulkPut, ended: &Ended) -> Vec<u8> {
    let ended_so = BulkPut { end: Some(ended.clone()), ..bulk.clone() };
    let counts = &ended.progress.counts;
    let mut json = Json::begin();
    json.text("version", VERSION).text("bulkOperationArn", &bulk.arn());
    json.text("bulkOperationStatus", status(&ended_so));
    json.text("startTime", &time(bulk.start_micros)).text("endTime", &time(ended.at_micros));
    json.text("tableArn", &bulk.table_arn()).text("tableId", &bulk.table_uuid);
    json.text("inputS3Bucket", &bulk.input.bucket);
    json.text_or_null("inputS3Prefix", bulk.input.prefix.as_deref());
    json.text("s3Bucket", &bulk.output.bucket).text_or_null("s3Prefix", bulk.output.prefix.as_deref());
    let [files, _] = of(bulk).manifest_files();
    json.text("manifestFilesS3Key", &files);
    json.number("processedItemCount", counts.processed).number("failedItemCount", counts.failed);
    json.number("conditionCheckFailureCount", counts.conditions_failed);
    json.end()
}
