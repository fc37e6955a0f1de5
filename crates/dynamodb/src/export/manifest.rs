//! The two manifests of an export: what was exported, and which files there are. Beside each is its MD5.

use super::description::view_name;
use super::document::{Ended, Export, Format, Outcome, What};
use super::layout;
use crate::transfer::Transfer;
use crate::transfer::manifest::{Json, time};

/// What was exported. Exports that are not complete have none.
pub(super) fn summary(export: &Export, ended: &Ended) -> Vec<u8> {
    let (items, size_bytes) = match ended.outcome {
        Outcome::Completed { items, size_bytes } => (items, size_bytes),
        Outcome::Failed(_) => (0, 0),
    };
    let mut json = Json::begin();
    let version = match export.what {
        What::Full { .. } => "2020-06-30",
        What::Incremental { .. } => "2023-08-01",
    };
    json.text("version", version).text("exportArn", &export.arn());
    json.text("startTime", &time(export.start_micros)).text("endTime", &time(ended.at_micros));
    json.text("tableArn", &export.table.arn).text("tableId", &export.table.uuid);
    match export.what {
        What::Full { time_micros } => json.text("exportTime", &time(time_micros)),
        What::Incremental { from_micros, to_micros, .. } => {
            json.text("exportFromTime", &time(from_micros)).text("exportToTime", &time(to_micros))
        }
    };
    json.text("s3Bucket", &export.bucket).text_or_null("s3Prefix", export.prefix.as_deref());
    json.text("s3SseAlgorithm", &export.sse_algorithm)
        .text_or_null("s3SseKmsKeyId", export.sse_kms_key_id.as_deref());
    let [files, _] = layout::of(export).manifest_files();
    json.text("manifestFilesS3Key", &files);
    json.number("billedSizeBytes", size_bytes).number("itemCount", items);
    json.text("outputFormat", format_name(export.format));
    match export.what {
        What::Full { .. } => json.text("exportType", "FULL_EXPORT"),
        What::Incremental { view, .. } => {
            json.text("outputView", view_name(view)).text("exportType", "INCREMENTAL_EXPORT")
        }
    };
    json.end()
}

/// The name of a format, in requests, answers and manifests.
pub(super) fn format_name(format: Format) -> &'static str {
    match format {
        Format::DynamoDbJson => "DYNAMODB_JSON",
        Format::Ion => "ION",
    }
}
