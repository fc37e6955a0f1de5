//! Imports as answers show them. What was read and written shows once an import has ended.

use super::document::Import;
use super::table;
use crate::describe::seconds;
use crate::transfer::Transfer;
use model::dynamodb as shapes;

/// The whole of it.
pub fn description(import: &Import) -> shapes::ImportTableDescription {
    let counts = import.end.as_ref().map(|end| end.counts).unwrap_or_default();
    let whole = |number: u64| i64::try_from(number).ok();
    let failure = import.end.as_ref().and_then(|end| end.failure.clone());
    let options = import.csv.as_ref().map(|csv| shapes::InputFormatOptions {
        csv: Some(shapes::CsvOptions {
            delimiter: csv.delimiter.clone(),
            header_list: csv.header_list.clone(),
        }),
    });
    shapes::ImportTableDescription {
        import_arn: Some(import.arn()),
        import_status: Some(status(import).to_owned()),
        table_arn: Some(import.table_arn()),
        table_id: Some(import.table_uuid.clone()),
        client_token: Some(import.client_token.clone()),
        s3_bucket_source: Some(source(import)),
        error_count: whole(counts.errors),
        cloud_watch_log_group_arn: Some(log_group_arn(import)),
        input_format: Some(import.format.name().to_owned()),
        input_format_options: options,
        input_compression_type: Some(import.compression.name().to_owned()),
        table_creation_parameters: table::parameters(import),
        start_time: Some(seconds(import.start_micros)),
        end_time: import.end.as_ref().map(|end| seconds(end.at_micros)),
        processed_size_bytes: import.end.as_ref().and_then(|end| whole(end.counts.bytes)),
        processed_item_count: whole(counts.imported + counts.errors),
        imported_item_count: whole(counts.imported),
        failure_code: failure.as_ref().map(|failure| failure.code.clone()),
        failure_message: failure.map(|failure| failure.message),
    }
}

/// The import in a list.
pub fn summary(import: &Import) -> shapes::ImportSummary {
    shapes::ImportSummary {
        import_arn: Some(import.arn()),
        import_status: Some(status(import).to_owned()),
        table_arn: Some(import.table_arn()),
        s3_bucket_source: Some(source(import)),
        cloud_watch_log_group_arn: Some(log_group_arn(import)),
        input_format: Some(import.format.name().to_owned()),
        start_time: Some(seconds(import.start_micros)),
        end_time: import.end.as_ref().map(|end| seconds(end.at_micros)),
    }
}

fn status(import: &Import) -> &'static str {
    match import.end.as_ref().map(|end| end.failure.is_some()) {
        None => "IN_PROGRESS",
        Some(false) => "COMPLETED",
        Some(true) => "FAILED",
    }
}

/// The owner of the bucket shows even where it was not sent: buckets of other accounts are not read.
fn source(import: &Import) -> shapes::S3BucketSource {
    shapes::S3BucketSource {
        s3_bucket_owner: Some(import.bucket_owner.clone().unwrap_or_else(|| import.account.clone())),
        s3_bucket: Some(import.bucket.clone()),
        s3_key_prefix: import.prefix.clone(),
    }
}

fn log_group_arn(import: &Import) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{}:*", import.region, import.account, super::LOG_GROUP)
}
