//! The metrics by the names that CloudWatch has for them in the namespace `AWS/DynamoDB`.

use crate::minute::Throttle;
use capacity::{Direction, Reason};

/// What a series measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the service's")]
pub enum Metric {
    AgeOfOldestUnreplicatedRecord,
    ConditionalCheckFailedRequests,
    ConsumedChangeDataCaptureUnits,
    ConsumedReadCapacityUnits,
    ConsumedWriteCapacityUnits,
    FailedToReplicateRecordCount,
    ObservedReadThrottleEvents,
    ObservedWriteThrottleEvents,
    OnlineIndexConsumedWriteCapacity,
    OnlineIndexPercentageProgress,
    OnlineIndexThrottleEvents,
    ReadAccountLimitThrottleEvents,
    ReadKeyRangeThroughputThrottleEvents,
    ReadMaxOnDemandThroughputThrottleEvents,
    ReadProvisionedThroughputThrottleEvents,
    ReadThrottleEvents,
    PendingReplicationCount,
    ReplicationLatency,
    ReturnedBytes,
    ReturnedItemCount,
    ReturnedRecordsCount,
    SuccessfulRequestLatency,
    SystemErrors,
    ThrottledPutRecordCount,
    ThrottledRequests,
    TimeToLiveDeletedItemCount,
    TransactionConflict,
    UserErrors,
    WriteAccountLimitThrottleEvents,
    WriteKeyRangeThroughputThrottleEvents,
    WriteMaxOnDemandThroughputThrottleEvents,
    WriteProvisionedThroughputThrottleEvents,
    WriteThrottleEvents,
}

impl Metric {
    /// The namespace of all of them.
    pub const NAMESPACE: &'static str = "AWS/DynamoDB";

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Metric::AgeOfOldestUnreplicatedRecord => "AgeOfOldestUnreplicatedRecord",
            Metric::ConditionalCheckFailedRequests => "ConditionalCheckFailedRequests",
            Metric::ConsumedChangeDataCaptureUnits => "ConsumedChangeDataCaptureUnits",
            Metric::ConsumedReadCapacityUnits => "ConsumedReadCapacityUnits",
            Metric::ConsumedWriteCapacityUnits => "ConsumedWriteCapacityUnits",
            Metric::FailedToReplicateRecordCount => "FailedToReplicateRecordCount",
            Metric::ObservedReadThrottleEvents => "ObservedReadThrottleEvents",
            Metric::ObservedWriteThrottleEvents => "ObservedWriteThrottleEvents",
            Metric::OnlineIndexConsumedWriteCapacity => "OnlineIndexConsumedWriteCapacity",
            Metric::OnlineIndexPercentageProgress => "OnlineIndexPercentageProgress",
            Metric::OnlineIndexThrottleEvents => "OnlineIndexThrottleEvents",
            Metric::ReadAccountLimitThrottleEvents => "ReadAccountLimitThrottleEvents",
            Metric::ReadKeyRangeThroughputThrottleEvents => "ReadKeyRangeThroughputThrottleEvents",
            Metric::ReadMaxOnDemandThroughputThrottleEvents => "ReadMaxOnDemandThroughputThrottleEvents",
            Metric::ReadProvisionedThroughputThrottleEvents => "ReadProvisionedThroughputThrottleEvents",
            Metric::ReadThrottleEvents => "ReadThrottleEvents",
            Metric::PendingReplicationCount => "PendingReplicationCount",
            Metric::ReplicationLatency => "ReplicationLatency",
            Metric::ReturnedBytes => "ReturnedBytes",
            Metric::ReturnedItemCount => "ReturnedItemCount",
            Metric::ReturnedRecordsCount => "ReturnedRecordsCount",
            Metric::SuccessfulRequestLatency => "SuccessfulRequestLatency",
            Metric::SystemErrors => "SystemErrors",
            Metric::ThrottledPutRecordCount => "ThrottledPutRecordCount",
            Metric::ThrottledRequests => "ThrottledRequests",
            Metric::TimeToLiveDeletedItemCount => "TimeToLiveDeletedItemCount",
            Metric::TransactionConflict => "TransactionConflict",
            Metric::UserErrors => "UserErrors",
            Metric::WriteAccountLimitThrottleEvents => "WriteAccountLimitThrottleEvents",
            Metric::WriteKeyRangeThroughputThrottleEvents => "WriteKeyRangeThroughputThrottleEvents",
            Metric::WriteMaxOnDemandThroughputThrottleEvents => "WriteMaxOnDemandThroughputThrottleEvents",
            Metric::WriteProvisionedThroughputThrottleEvents => "WriteProvisionedThroughputThrottleEvents",
            Metric::WriteThrottleEvents => "WriteThrottleEvents",
        }
    }

    /// The unit of its values, in CloudWatch's words.
    pub fn unit(self) -> &'static str {
        match self {
            Metric::SuccessfulRequestLatency
            | Metric::AgeOfOldestUnreplicatedRecord
            | Metric::ReplicationLatency => "Milliseconds",
            Metric::ReturnedBytes => "Bytes",
            _ => "Count",
        }
    }

    /// What an event counts as. Those that only would have been refused are the server's own.
    pub(crate) fn of_throttle(throttle: &Throttle) -> impl Iterator<Item = Metric> {
        let Throttle { direction, reasons, is_enforced, is_build, .. } = *throttle;
        let all = match (direction, is_enforced) {
            (Direction::Read, true) => Metric::ReadThrottleEvents,
            (Direction::Write, true) => Metric::WriteThrottleEvents,
            (Direction::Read, false) => Metric::ObservedReadThrottleEvents,
            (Direction::Write, false) => Metric::ObservedWriteThrottleEvents,
        };
        let causes =
            reasons.iter().filter(move |_| is_enforced).map(move |reason| by_cause(direction, reason));
        let of_build = (is_enforced && is_build).then_some(Metric::OnlineIndexThrottleEvents);
        std::iter::once(all).chain(causes).chain(of_build)
    }
}

fn by_cause(direction: Direction, reason: Reason) -> Metric {
    match (direction, reason) {
        (Direction::Read, Reason::ProvisionedThroughput) => Metric::ReadProvisionedThroughputThrottleEvents,
        (Direction::Read, Reason::AccountLimit) => Metric::ReadAccountLimitThrottleEvents,
        (Direction::Read, Reason::KeyRangeThroughput) => Metric::ReadKeyRangeThroughputThrottleEvents,
        (Direction::Read, Reason::MaxOnDemandThroughput) => Metric::ReadMaxOnDemandThroughputThrottleEvents,
        (Direction::Write, Reason::ProvisionedThroughput) => Metric::WriteProvisionedThroughputThrottleEvents,
        (Direction::Write, Reason::AccountLimit) => Metric::WriteAccountLimitThrottleEvents,
        (Direction::Write, Reason::KeyRangeThroughput) => Metric::WriteKeyRangeThroughputThrottleEvents,
        (Direction::Write, Reason::MaxOnDemandThroughput) => Metric::WriteMaxOnDemandThroughputThrottleEvents,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use capacity::Reasons;

    fn names(is_enforced: bool, is_build: bool) -> Vec<&'static str> {
        let (direction, reasons) =
            (Direction::Write, Reasons::default().with(Reason::ProvisionedThroughput, true));
        let throttle = Throttle { index: 1, direction, reasons, is_enforced, is_build };
        Metric::of_throttle(&throttle).map(Metric::name).collect()
    }

    #[test]
    fn a_write_that_an_unfinished_index_refuses_counts_for_its_build_too() {
        let complete = ["WriteThrottleEvents", "WriteProvisionedThroughputThrottleEvents"];
        assert_eq!(names(true, false), complete);
        assert_eq!(names(true, true), [&complete[..], &["OnlineIndexThrottleEvents"]].concat());
        assert_eq!(names(false, true), ["ObservedWriteThrottleEvents"]);
    }
}
