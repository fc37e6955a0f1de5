//! A record of a Kinesis stream as a function gets it, and as filters see it.

use serde_json::{Value, json};
use wire::json::base64_text;

/// A record, and where it comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KinesisEvent<'a> {
    pub(crate) shard_id: &'a str,
    pub(crate) sequence_number: &'a str,
    pub(crate) partition_key: &'a str,
    pub(crate) data: &'a [u8],
    /// In microseconds since the Unix epoch.
    pub(crate) arrived_micros: u64,
    pub(crate) region: &'a str,
    /// The stream, or the consumer that the mapping names.
    pub(crate) source_arn: &'a str,
    /// The role of the function.
    pub(crate) identity_arn: &'a str,
}

impl KinesisEvent<'_> {
    /// The record in an event.
    pub(crate) fn json(&self) -> Vec<u8> {
        let event = json!({
            "kinesis": self.record(base64_text(self.data).into()),
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("{}:{}", self.shard_id, self.sequence_number),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": self.identity_arn,
            "awsRegion": self.region,
            "eventSourceARN": self.source_arn,
        });
        event.to_string().into_bytes()
    }

    /// Patterns are about the record alone, whose data they see as JSON where it is JSON.
    pub(crate) fn filtered(&self) -> Value {
        let text = || String::from_utf8_lossy(self.data).into_owned().into();
        self.record(serde_json::from_slice(self.data).unwrap_or_else(|_| text()))
    }

    fn record(&self, data: Value) -> Value {
        json!({
            "kinesisSchemaVersion": "1.0",
            "partitionKey": self.partition_key,
            "sequenceNumber": self.sequence_number,
            "data": data,
            "approximateArrivalTimestamp": (self.arrived_micros / 1_000) as f64 / 1_000.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(data: &[u8]) -> KinesisEvent<'_> {
        KinesisEvent {
            shard_id: "shardId-000000000000",
            sequence_number: "49",
            partition_key: "p",
            data,
            arrived_micros: 1_796_000_000_123_456,
            region: "eu-west-1",
            source_arn: "arn:s",
            identity_arn: "arn:r",
        }
    }

    #[test]
    fn a_record_in_an_event() {
        let event: Value = serde_json::from_slice(&event(b"\x00a").json()).unwrap();
        let expected = json!({
            "kinesis": {"kinesisSchemaVersion": "1.0", "partitionKey": "p", "sequenceNumber": "49", "data": "AGE=",
                "approximateArrivalTimestamp": 1_796_000_000.123},
            "eventSource": "aws:kinesis", "eventVersion": "1.0", "eventID": "shardId-000000000000:49",
            "eventName": "aws:kinesis:record", "invokeIdentityArn": "arn:r", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:s",
        });
        assert_eq!(event, expected);
    }

    #[test]
    fn filters_see_data_as_json_where_it_is() {
        assert_eq!(event(br#"{"n":1}"#).filtered()["data"], json!({"n": 1}));
        assert_eq!(event(b"plain").filtered()["data"], "plain");
    }
}
