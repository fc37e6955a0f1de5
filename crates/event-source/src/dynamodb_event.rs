//! A record of a DynamoDB stream as a function gets it. It is the record of GetRecords with small letters in
//! `userIdentity`, a time with a fraction, and the ARN of its source.

use dynamodb::stream_record;
use engine::stream::{Stream, StreamRecord};
use model::dynamodb_streams as shapes;
use wire::Encode;
use wire::json::ObjectWriter;

/// Writes a record as JSON.
pub fn write(stream: &Stream, source_arn: &str, record: StreamRecord<'_>, out: &mut Vec<u8>) {
    let (record, _) = stream_record::record(stream, record);
    ObjectWriter::begin(out)
        .member("eventID", &record.event_id)
        .member("eventName", &record.event_name)
        .member("eventVersion", &record.event_version)
        .member("eventSource", &record.event_source)
        .member("awsRegion", &record.aws_region)
        .member("dynamodb", &record.dynamodb.map(Change))
        .member("userIdentity", &record.user_identity.map(UserIdentity))
        .member("eventSourceARN", &Some(source_arn.to_owned()))
        .end();
}

struct Change(shapes::StreamRecord);

impl Encode for Change {
    fn encode(&self, out: &mut Vec<u8>) {
        let Change(change) = self;
        ObjectWriter::begin(out)
            .member("ApproximateCreationDateTime", &change.approximate_creation_date_time)
            .member("Keys", &change.keys)
            .member("NewImage", &change.new_image)
            .member("OldImage", &change.old_image)
            .member("SequenceNumber", &change.sequence_number)
            .member("SizeBytes", &change.size_bytes)
            .member("StreamViewType", &change.stream_view_type)
            .end();
    }
}

struct UserIdentity(shapes::Identity);

impl Encode for UserIdentity {
    fn encode(&self, out: &mut Vec<u8>) {
        let UserIdentity(identity) = self;
        ObjectWriter::begin(out)
            .member("type", &identity.r#type)
            .member("principalId", &identity.principal_id)
            .end();
    }
}
