//! Bulk operations as answers show them.
//!
//! What was written is counted in write units: of 1 KB, rounded up for each item and each entry of an index.

use super::document::{BulkPut, Counts, Outcome, Progress, Task};
use crate::describe::seconds;
use crate::transfer::Transfer;
use model::dynamodb as shapes;
use std::collections::BTreeMap;

const UNIT_BYTES: u64 = 1_024;

/// The whole of it, with how far it is where it has not ended.
pub fn description(bulk: &BulkPut, task: Option<&Task>) -> shapes::BulkOperationDescription {
    let under_way = || task.map(|task| task.stage.progress());
    let progress = bulk.end.as_ref().map(|end| end.progress.clone()).or_else(under_way).unwrap_or_default();
    let Progress { counts, total_bytes, .. } = progress;
    let (failure_code, failure_message) = failure(bulk).unzip();
    shapes::BulkOperationDescription {
        bulk_operation_arn: Some(bulk.arn()),
        bulk_operation_status: Some(status(bulk).to_owned()),
        table_details: Some(vec![shapes::BulkOperationTableDetail {
            table_name: Some(bulk.table_name.clone()),
            table_id: Some(bulk.table_uuid.clone()),
        }]),
        client_token: Some(bulk.client_token.clone()),
        input_s3_configuration: Some(input(bulk)),
        output_s3_configuration: Some(output(bulk)),
        start_time: Some(seconds(bulk.start_micros)),
        end_time: end_time(bulk),
        processed_item_count: whole(counts.processed),
        processed_input_bytes: whole(counts.bytes),
        total_input_bytes: total_bytes.and_then(whole),
        bulk_operation_usage: Some(vec![usage(bulk, &counts)]),
        failed_item_count: whole(counts.failed),
        failure_code,
        failure_message,
        max_write_request_units: bulk.units_per_second.and_then(whole),
        performance_tier: Some(bulk.tier.clone()),
    }
}

/// The operation in a list.
pub fn summary(bulk: &BulkPut) -> shapes::BulkOperationSummary {
    shapes::BulkOperationSummary {
        bulk_operation_arn: Some(bulk.arn()),
        bulk_operation_status: Some(status(bulk).to_owned()),
        start_time: Some(seconds(bulk.start_micros)),
        end_time: end_time(bulk),
    }
}

/// Whether it has ended, and how. Conditions that do not hold are no errors.
pub fn status(bulk: &BulkPut) -> &'static str {
    let Some(end) = &bulk.end else {
        return if bulk.is_cancelled { "CANCELLING" } else { "IN_PROGRESS" };
    };
    match (&end.outcome, end.progress.counts.failed) {
        (Outcome::Completed, 0) => "COMPLETED",
        (Outcome::Completed, _) => "COMPLETED_WITH_ERRORS",
        (Outcome::Cancelled, _) => "CANCELLED",
        (Outcome::Failed(_), _) => "FAILED",
    }
}

fn failure(bulk: &BulkPut) -> Option<(String, String)> {
    match &bulk.end.as_ref()?.outcome {
        Outcome::Completed => None,
        Outcome::Cancelled => {
            Some(("UserCancelled".to_owned(), "The bulk operation was cancelled".to_owned()))
        }
        Outcome::Failed(failure) => Some((failure.code.clone(), failure.message.clone())),
    }
}

/// The owners of buckets show even where they were not sent: buckets of other accounts are not used.
fn input(bulk: &BulkPut) -> shapes::InputS3Configuration {
    let input = &bulk.input;
    shapes::InputS3Configuration {
        s3_bucket_owner: Some(input.bucket_owner.clone().unwrap_or_else(|| bulk.account.clone())),
        s3_bucket: Some(input.bucket.clone()),
        s3_key_prefix: input.prefix.clone(),
        input_format: Some(input.format.name().to_owned()),
        input_compression_type: Some(input.compression.name().to_owned()),
    }
}

fn output(bulk: &BulkPut) -> shapes::OutputS3Configuration {
    let output = &bulk.output;
    shapes::OutputS3Configuration {
        s3_bucket_owner: Some(output.bucket_owner.clone().unwrap_or_else(|| bulk.account.clone())),
        s3_bucket: Some(output.bucket.clone()),
        s3_key_prefix: output.prefix.clone(),
        s3_sse_algorithm: output.sse_algorithm.clone(),
        s3_sse_kms_key_id: output.sse_kms_key_id.clone(),
        output_type: Some(output.kinds.iter().map(|kind| kind.name().to_owned()).collect()),
    }
}

fn usage(bulk: &BulkPut, counts: &Counts) -> shapes::BulkOperationUsage {
    let bytes = |units: u64| shapes::BulkOperationBytes { bulk_put_bytes: whole(units * UNIT_BYTES) };
    let (local, global) = (&counts.local_index_units, &counts.global_index_units);
    let all = counts.table_units + local.values().chain(global.values()).sum::<u64>();
    let of_indexes = |units: &BTreeMap<String, u64>| {
        let shown = units.iter().map(|(name, units)| (name.clone(), bytes(*units)));
        Some(shown.collect()).filter(|shown: &BTreeMap<_, _>| !shown.is_empty())
    };
    shapes::BulkOperationUsage {
        table_name: Some(bulk.table_name.clone()),
        bulk_put_bytes: whole(all * UNIT_BYTES),
        table: Some(bytes(counts.table_units)),
        local_secondary_indexes: of_indexes(local),
        global_secondary_indexes: of_indexes(global),
        vector_indexes: None,
    }
}

fn end_time(bulk: &BulkPut) -> Option<f64> {
    bulk.end.as_ref().map(|end| seconds(end.at_micros))
}

fn whole(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}
