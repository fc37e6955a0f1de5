//! The metrics of each shard that a stream is asked for.

use super::stream_change;
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::EnhancedMonitoringOutput;
use pipeline::Cx;
use std::collections::BTreeSet;

const ALL: &str = "ALL";
const METRICS: [&str; 7] = [
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
];

/// What is asked for, checked.
pub struct Plan {
    pub(super) stream: StreamRef,
    metrics: BTreeSet<String>,
}

/// Which of the two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// EnableEnhancedMonitoring
    Enable,
    /// DisableEnhancedMonitoring
    Disable,
}

/// Metrics whose names have been checked; one of them stands for all.
pub(super) fn check(
    name: Option<String>,
    arn: Option<String>,
    metrics: Option<Vec<String>>,
) -> Result<Plan, ApiError> {
    let stream = StreamRef::of(name, arn)?;
    let named = metrics.unwrap_or_default();
    let metrics = match named.iter().any(|metric| metric == ALL) {
        true => METRICS.map(str::to_owned).into(),
        false => named.into_iter().collect(),
    };
    Ok(Plan { stream, metrics })
}

/// Changes them.
pub(super) async fn change(
    cx: &Cx<'_, Kinesis>,
    plan: &Plan,
    change: Change,
) -> Result<EnhancedMonitoringOutput, ApiError> {
    stream_change::updating(cx, &plan.stream, |stream, _| {
        let before = listed(stream);
        match change {
            Change::Enable => stream.shard_level_metrics.extend(plan.metrics.iter().cloned()),
            Change::Disable => stream.shard_level_metrics.retain(|metric| !plan.metrics.contains(metric)),
        }
        Ok(EnhancedMonitoringOutput {
            stream_name: Some(stream.name.clone()),
            stream_arn: Some(stream.arn()),
            current_shard_level_metrics: Some(before),
            desired_shard_level_metrics: Some(listed(stream)),
        })
    })
    .await
}

fn listed(stream: &Stream) -> Vec<String> {
    stream.shard_level_metrics.iter().cloned().collect()
}
