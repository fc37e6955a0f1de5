//! What is told of records that are given up: the document that goes to the destination for failures.

use crate::source::SourceKind;
use crate::time::{millisecond, second};
use serde_json::{Value, json};

/// Why records are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The batch has been tried as often as the mapping allows.
    RetryAttemptsExhausted,
    /// The records have become too old.
    RecordAgeExceeded,
}

/// The last answer of a function to records that are given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastResponse {
    /// The kind of error; `None` where the function itself named records that have failed.
    pub function_error: Option<String>,
    /// Which version of the function answered.
    pub executed_version: String,
    /// The id of the call.
    pub request_id: String,
}

/// Records that are given up. A call that ends a window has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Why.
    pub condition: Condition,
    /// How often the function was called with them.
    pub invocations: u32,
    /// How many there are.
    pub batch_size: usize,
    /// The first.
    pub first: Option<Ends>,
    /// The last.
    pub last: Option<Ends>,
    /// Of records that were tried as often as allowed.
    pub response: Option<LastResponse>,
    /// The records as the function gets them: `{"Records":[…]}`.
    pub records: Vec<u8>,
}

/// The record at an end of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ends {
    /// Its number.
    pub sequence_number: String,
    /// When it was written, in microseconds since the Unix epoch.
    pub arrived_micros: u64,
}

/// Where the records came from and who would not take them.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The function's ARN without a qualifier.
    pub function_arn: &'a str,
    /// The stream's.
    pub stream_arn: &'a str,
    /// The kind of stream.
    pub kind: SourceKind,
    /// The shard of the stream.
    pub shard_id: &'a str,
    /// The id that the document has if no call has given one.
    pub request_id: &'a str,
    /// When the document is made, in microseconds since the Unix epoch.
    pub now_micros: u64,
}

impl Condition {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Condition::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Condition::RecordAgeExceeded => "RecordAgeExceeded",
        }
    }
}

impl Report {
    /// The document for records of a stream.
    pub fn document(&self, origin: Origin<'_>) -> Value {
        let number = |ends: &Option<Ends>| ends.as_ref().map(|ends| ends.sequence_number.clone());
        let (batch, time): (&str, fn(u64) -> String) = match origin.kind {
            SourceKind::DynamoDb => ("DDBStreamBatchInfo", second),
            SourceKind::Kinesis => ("KinesisBatchInfo", millisecond),
        };
        let arrival = |ends: &Option<Ends>| ends.as_ref().map(|ends| time(ends.arrived_micros));
        let request_id = self.response.as_ref().map_or(origin.request_id, |response| &response.request_id);
        let mut document = json!({
            "requestContext": {
                "requestId": request_id,
                "functionArn": origin.function_arn,
                "condition": self.condition.name(),
                "approximateInvokeCount": self.invocations,
            },
            "version": "1.0",
            "timestamp": millisecond(origin.now_micros),
            batch: {
                "shardId": origin.shard_id,
                "startSequenceNumber": number(&self.first),
                "endSequenceNumber": number(&self.last),
                "approximateArrivalOfFirstRecord": arrival(&self.first),
                "approximateArrivalOfLastRecord": arrival(&self.last),
                "batchSize": self.batch_size,
                "streamArn": origin.stream_arn,
            },
        });
        if let Some(response) = &self.response {
            document["responseContext"] = json!({
                "statusCode": 200,
                "executedVersion": response.executed_version,
                "functionError": response.function_error,
            });
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_tells_batch_and_last_answer() {
        let ends =
            |number: &str, arrived_micros| Some(Ends { sequence_number: number.to_owned(), arrived_micros });
        let response = LastResponse {
            function_error: Some("Unhandled".to_owned()),
            executed_version: "$LATEST".to_owned(),
            request_id: "r-1".to_owned(),
        };
        let mut report = Report {
            condition: Condition::RetryAttemptsExhausted,
            invocations: 2,
            batch_size: 3,
            first: ends("100", 1_796_000_000_999_999),
            last: ends("102", 1_796_000_001_000_000),
            response: Some(response),
            records: Vec::new(),
        };
        let origin = Origin {
            function_arn: "arn:f",
            stream_arn: "arn:s",
            kind: SourceKind::DynamoDb,
            shard_id: "shardId-1",
            request_id: "r-0",
            now_micros: 1_796_000_002_034_567,
        };
        let expected = json!({
            "requestContext": {"requestId": "r-1", "functionArn": "arn:f",
                "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2},
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": "2026-11-30T00:53:22.034Z",
            "DDBStreamBatchInfo": {"shardId": "shardId-1", "startSequenceNumber": "100", "endSequenceNumber": "102",
                "approximateArrivalOfFirstRecord": "2026-11-30T00:53:20Z",
                "approximateArrivalOfLastRecord": "2026-11-30T00:53:21Z", "batchSize": 3, "streamArn": "arn:s"},
        });
        assert_eq!(report.document(origin), expected);
        (report.condition, report.response) = (Condition::RecordAgeExceeded, None);
        let document = report.document(origin);
        assert_eq!(document["requestContext"]["condition"], "RecordAgeExceeded");
        assert_eq!(document["requestContext"]["requestId"], "r-0");
        assert!(document.get("responseContext").is_none());
        let document = report.document(Origin { kind: SourceKind::Kinesis, ..origin });
        let arrived = &document["KinesisBatchInfo"]["approximateArrivalOfFirstRecord"];
        assert_eq!(arrived, "2026-11-30T00:53:20.999Z");
    }
}
