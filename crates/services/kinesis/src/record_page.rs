//! Records of a shard as answers carry them, up to some number and size.

use crate::describe::{self, seconds};
use crate::sequence_number;
use crate::stream::{Shard, Stream};
use crate::streams::ReadRecord;
use model::kinesis::Record;
use wire::document::Blob;

/// Records that are taken one after another.
pub(crate) struct RecordPage<'a> {
    stream: &'a Stream,
    shard: &'a Shard,
    pub(crate) records: Vec<Record>,
    records_max: usize,
    /// Of keys and data.
    pub(crate) bytes: usize,
    bytes_max: usize,
}

impl RecordPage<'_> {
    /// Without records. One may be larger than `bytes_max` if it is alone.
    pub(crate) fn new<'a>(
        stream: &'a Stream,
        shard: &'a Shard,
        records_max: usize,
        bytes_max: usize,
    ) -> RecordPage<'a> {
        RecordPage { stream, shard, records: Vec::new(), records_max, bytes: 0, bytes_max }
    }

    /// False: the page is full, and the record begins the next one.
    pub(crate) fn take(&mut self, ReadRecord { record, place, time_micros }: ReadRecord<'_>) -> bool {
        let bytes = record.data.len() + record.partition_key.len();
        let is_full = self.records.len() == self.records_max || self.bytes + bytes > self.bytes_max;
        if is_full && !self.records.is_empty() {
            return false;
        }
        self.bytes += bytes;
        self.records.push(Record {
            sequence_number: Some(sequence_number::of_record(self.shard, place)),
            approximate_arrival_timestamp: Some(seconds(time_micros)),
            data: Some(Blob(record.data.to_vec())),
            partition_key: Some(record.partition_key.to_owned()),
            encryption_type: describe::record_encryption(self.stream),
        });
        true
    }
}
