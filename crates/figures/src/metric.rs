//! The metrics by the names that CloudWatch has for them in the namespace `AWS/DynamoDB`.

/// What a series measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the service's")]
pub enum Metric {
    ConditionalCheckFailedRequests,
    ConsumedReadCapacityUnits,
    ConsumedWriteCapacityUnits,
    OnlineIndexConsumedWriteCapacity,
    OnlineIndexPercentageProgress,
    ReadThrottleEvents,
    ReturnedItemCount,
    SuccessfulRequestLatency,
    SystemErrors,
    ThrottledRequests,
    TimeToLiveDeletedItemCount,
    TransactionConflict,
    UserErrors,
    WriteThrottleEvents,
}

impl Metric {
    /// The namespace of all of them.
    pub const NAMESPACE: &'static str = "AWS/DynamoDB";

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Metric::ConditionalCheckFailedRequests => "ConditionalCheckFailedRequests",
            Metric::ConsumedReadCapacityUnits => "ConsumedReadCapacityUnits",
            Metric::ConsumedWriteCapacityUnits => "ConsumedWriteCapacityUnits",
            Metric::OnlineIndexConsumedWriteCapacity => "OnlineIndexConsumedWriteCapacity",
            Metric::OnlineIndexPercentageProgress => "OnlineIndexPercentageProgress",
            Metric::ReadThrottleEvents => "ReadThrottleEvents",
            Metric::ReturnedItemCount => "ReturnedItemCount",
            Metric::SuccessfulRequestLatency => "SuccessfulRequestLatency",
            Metric::SystemErrors => "SystemErrors",
            Metric::ThrottledRequests => "ThrottledRequests",
            Metric::TimeToLiveDeletedItemCount => "TimeToLiveDeletedItemCount",
            Metric::TransactionConflict => "TransactionConflict",
            Metric::UserErrors => "UserErrors",
            Metric::WriteThrottleEvents => "WriteThrottleEvents",
        }
    }

    /// The unit of its values, in CloudWatch's words.
    pub fn unit(self) -> &'static str {
        match self {
            Metric::SuccessfulRequestLatency => "Milliseconds",
            _ => "Count",
        }
    }
}
