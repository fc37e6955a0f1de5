//! GetRecords: a page of a shard.
//!
//! A page has at most 1,000 records and 1 MB. It may be empty though there is more: the next iterator continues. None
//! is returned once a closed shard has been read to its end.
//!
//! Order of refusals: constraints → not an iterator of ours → expired → no such stream → no such shard → the next
//! record is older than 24 hours.

use crate::capacity::note_stream;
use crate::errors::{invalid_shard_iterator, limit_at_most, shard_read_error, store_error};
use crate::service::DynamoDbStreams;
use crate::shard_iterator::{self, ShardIterator};
use crate::{stream_arn, stream_record};
use engine::stream::{Stream, StreamRecord};
use model::dynamodb_streams::{GetRecords, GetRecordsInput, GetRecordsOutput, Record};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use stdx::limits::{STREAM_PAGE_BYTES_MAX, STREAM_PAGE_RECORDS_MAX};

impl Operation<DynamoDbStreams> for GetRecords {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetRecordsInput> = Validation::Own;
    type Plan = GetRecordsInput;

    fn check(input: GetRecordsInput) -> Result<GetRecordsInput, ApiError> {
        let mut violations = Vec::new();
        input.violations(&mut violations);
        violations.extend(limit_at_most(input.limit, STREAM_PAGE_RECORDS_MAX as i64));
        refuse(&violations)?;
        Ok(input)
    }

    fn access(cx: &Cx<'_, DynamoDbStreams>, input: &GetRecordsInput) -> Access<'static> {
        let arn = input.shard_iterator.as_deref().and_then(ShardIterator::claimed_arn);
        crate::access::stream(cx, "dynamodb:GetRecords", arn)
    }

    async fn run(cx: &Cx<'_, DynamoDbStreams>, input: GetRecordsInput) -> Result<GetRecordsOutput, ApiError> {
        let engine = &cx.service.engine;
        let secret = engine.secret(shard_iterator::SECRET).await.map_err(|error| store_error(&error))?;
        let iterator = input.shard_iterator.as_deref().ok_or_else(invalid_shard_iterator)?;
        let mut iterator = ShardIterator::open(iterator, &secret, cx.now_micros)?;
        let stream = stream_arn::find_to_read(cx, &iterator.stream_arn).await?;
        let mut page = Page::new(input.limit);
        let take = &mut |stream: &Stream, record: StreamRecord<'_>| page.take(stream, record);
        let read = engine.read_shard(&stream, &iterator.shard_id, iterator.from, take).await;
        let read = read.map_err(shard_read_error)?;
        note_stream(cx, &stream, page.records.len(), page.bytes);
        let next = read.next.map(|from| {
            iterator.from = from;
            iterator.seal(&secret, cx.now_micros)
        });
        Ok(GetRecordsOutput { records: Some(page.records), next_shard_iterator: next })
    }
}

struct Page {
    records: Vec<Record>,
    limit: usize,
    bytes: usize,
}

impl Page {
    fn new(limit: Option<i64>) -> Page {
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(STREAM_PAGE_RECORDS_MAX);
        Page { records: Vec::new(), limit, bytes: 0 }
    }

    /// False: the page is full, and the record begins the next one.
    fn take(&mut self, stream: &Stream, record: StreamRecord<'_>) -> bool {
        if self.records.len() == self.limit {
            return false;
        }
        let (record, size_bytes) = stream_record::record(stream, record);
        if self.bytes + size_bytes > STREAM_PAGE_BYTES_MAX && !self.records.is_empty() {
            return false;
        }
        self.bytes += size_bytes;
        self.records.push(record);
        true
    }
}
