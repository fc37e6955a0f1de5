//! Exports as answers show them.

use super::document::{Export, Outcome, View, What};
use super::layout::manifest_summary_key;
use super::manifest::format_name;
use crate::describe::seconds;
use crate::transfer::{Failure, Transfer};
use model::dynamodb as shapes;

/// The whole of it.
pub fn description(export: &Export) -> shapes::ExportDescription {
    let mut shown = shapes::ExportDescription {
        export_arn: Some(export.arn()),
        export_status: Some(status(export).to_owned()),
        start_time: Some(seconds(export.start_micros)),
        table_arn: Some(export.table.arn.clone()),
        table_id: Some(export.table.uuid.clone()),
        client_token: Some(export.client_token.clone()),
        s3_bucket: Some(export.bucket.clone()),
        s3_bucket_owner: export.bucket_owner.clone(),
        s3_prefix: export.prefix.clone(),
        s3_sse_algorithm: Some(export.sse_algorithm.clone()),
        s3_sse_kms_key_id: export.sse_kms_key_id.clone(),
        export_format: Some(format_name(export.format).to_owned()),
        filter_specification: export.filter.as_deref().and_then(shown_filter),
        export_type: export.shows_type.then(|| type_name(export).to_owned()),
        ..Default::default()
    };
    match export.what {
        What::Full { time_micros } => shown.export_time = Some(seconds(time_micros)),
        What::Incremental { from_micros, to_micros, view } => {
            shown.incremental_export_specification = Some(shapes::IncrementalExportSpecification {
                export_from_time: Some(seconds(from_micros)),
                export_to_time: Some(seconds(to_micros)),
                export_view_type: Some(view_name(view).to_owned()),
            });
        }
    }
    let Some(end) = &export.end else { return shown };
    shown.end_time = Some(seconds(end.at_micros));
    match &end.outcome {
        Outcome::Completed { items, size_bytes } => {
            shown.export_manifest = Some(manifest_summary_key(export));
            shown.item_count = i64::try_from(*items).ok();
            shown.billed_size_bytes = i64::try_from(*size_bytes).ok();
        }
        Outcome::Failed(Failure { code, message }) => {
            shown.failure_code = Some(code.clone());
            shown.failure_message = Some(message.clone());
        }
    }
    shown
}

/// FilterSpecification as it was sent.
fn shown_filter(json: &str) -> Option<shapes::FilterSpecification> {
    wire::json::decode(json.as_bytes()).ok()
}

/// The export in a list, which always shows its type.
pub fn summary(export: &Export) -> shapes::ExportSummary {
    shapes::ExportSummary {
        export_arn: Some(export.arn()),
        export_status: Some(status(export).to_owned()),
        export_type: Some(type_name(export).to_owned()),
    }
}

/// Whether it has ended, and how.
pub fn status(export: &Export) -> &'static str {
    match export.end.as_ref().map(|end| &end.outcome) {
        None => "IN_PROGRESS",
        Some(Outcome::Completed { .. }) => "COMPLETED",
        Some(Outcome::Failed(_)) => "FAILED",
    }
}

/// The name of a view, in requests, answers and manifests.
pub(super) fn view_name(view: View) -> &'static str {
    match view {
        View::New => "NEW_IMAGE",
        View::NewAndOld => "NEW_AND_OLD_IMAGES",
    }
}

fn type_name(export: &Export) -> &'static str {
    match export.what {
        What::Full { .. } => "FULL_EXPORT",
        What::Incremental { .. } => "INCREMENTAL_EXPORT",
    }
}
