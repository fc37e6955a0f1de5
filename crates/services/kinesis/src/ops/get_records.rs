//! GetRecords: a page of a shard.
//!
//! A page has at most 10,000 records and 10 MiB. It may be empty though there is more: the next iterator goes on. None
//! is returned once a closed shard has been read to its end; the shards that continue it are named then.
//!
//! Order of refusals: the constraints of the model → not an iterator of ours → expired → no such stream → no such
//! shard → the shard has given as much as it gives.

use crate::describe;
use crate::errors::{self, invalid_iterator, store_error, stream_not_found};
use crate::record_page::RecordPage;
use crate::service::{Kinesis, scope_of};
use crate::shard_iterator::ShardIterator;
use crate::stream;
use crate::streams::ReadRecord;
use model::ApiError;
use model::kinesis::{GetRecords, GetRecordsInput, GetRecordsOutput};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const RECORDS_MAX: usize = 10_000;
const BYTES_MAX: usize = 10 * 1024 * 1024;

impl Operation<Kinesis> for GetRecords {
    const KIND: Kind = Kind::Read;
    const VALIDATION: Validation<GetRecordsInput> = Validation::MODEL;
    type Plan = GetRecordsInput;

    fn check(input: GetRecordsInput) -> Result<GetRecordsInput, ApiError> {
        Ok(input)
    }

    fn access(cx: &Cx<'_, Kinesis>, input: &GetRecordsInput) -> Access<'static> {
        let name = input.shard_iterator.as_deref().and_then(ShardIterator::claimed_stream);
        let arn = stream::arn(&scope_of(cx.caller), &name.unwrap_or_default());
        Need::new("kinesis:GetRecords", arn).into()
    }

    async fn run(cx: &Cx<'_, Kinesis>, input: GetRecordsInput) -> Result<GetRecordsOutput, ApiError> {
        let (scope, streams) = (scope_of(cx.caller), &cx.service.streams);
        let iterator = input.shard_iterator.as_deref().ok_or_else(invalid_iterator)?;
        let iterator = ShardIterator::open(iterator, cx.service, &scope, cx.now_micros).await?;
        let stream = streams.find(&scope, &iterator.stream).await.map_err(|error| store_error(&error))?;
        let stream = stream.ok_or_else(|| stream_not_found(&scope, &iterator.stream))?;
        let shard = stream.shards.iter().find(|shard| shard.feed() == iterator.feed);
        let shard = shard.ok_or_else(|| errors::shard_gone(&stream))?;
        if input.dry_run == Some(true) {
            return Err(errors::dry_run());
        }
        cx.service.admit_reading(&stream, shard, cx.now_micros)?;
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(RECORDS_MAX);
        let mut page = RecordPage::new(&stream, shard, limit, BYTES_MAX);
        let take = &mut |record: ReadRecord<'_>| page.take(record);
        let read = streams.read(&stream, shard, iterator.after, cx.now_micros, take).await;
        let read = read.map_err(|error| store_error(&error))?;
        cx.service.was_read(shard, page.bytes, cx.now_micros);
        let next = match read.next {
            Some(after) => {
                Some(ShardIterator { after, ..iterator }.seal(cx.service, &scope, cx.now_micros).await?)
            }
            None => None,
        };
        Ok(GetRecordsOutput {
            records: Some(page.records),
            child_shards: next.is_none().then(|| describe::children(&stream, shard)),
            next_shard_iterator: next,
            millis_behind_latest: Some((read.behind_micros / 1_000) as i64),
        })
    }
}
