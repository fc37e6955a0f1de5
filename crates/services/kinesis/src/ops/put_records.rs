//! PutRecords: up to 500 records in one commit, all of them or none; but those that their shards do not take now fail
//! by themselves.
//!
//! Order of refusals: the constraints of the model → no stream named → a hash key beyond 128 bits → more than 5 MiB
//! together → no such stream → a record larger than the stream takes.

use super::new_record;
use crate::describe;
use crate::errors::{append_error, dry_run, invalid_argument};
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use crate::streams::{Appended, NewRecord};
use model::ApiError;
use model::kinesis::{
    PutRecords, PutRecordsInput, PutRecordsOutput, PutRecordsRequestEntry, PutRecordsResultEntry,
};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::collections::HashMap;

/// Data and partition keys of one call, for streams with records of the usual size.
const BYTES_MAX: usize = 5 * 1024 * 1024;
/// The same for streams with larger ones.
const LARGE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    records: Vec<NewRecord>,
    is_dry: bool,
}

impl Operation<Kinesis> for PutRecords {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<PutRecordsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: PutRecordsInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let entries = input.records.into_iter().flatten().enumerate();
        let records = entries.map(|(index, entry)| record(index, entry)).collect::<Result<Vec<_>, _>>()?;
        Ok(Plan { stream, records, is_dry: input.dry_run == Some(true) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:PutRecords")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<PutRecordsOutput, ApiError> {
        let (scope, name) = (plan.stream.scope(cx)?, &plan.stream.name);
        let check = |stream: &Stream| {
            check_sizes(stream, &plan.records)?;
            if plan.is_dry { Err(dry_run()) } else { Ok(()) }
        };
        let refused = match cx.service.enforces_limits() {
            true => refused(cx, &plan, check).await?,
            false => HashMap::new(),
        };
        let is_taken = |(index, _): &(usize, NewRecord)| !refused.contains_key(index);
        let count = plan.records.len();
        let records = plan.records.into_iter().enumerate().filter(is_taken).map(|(_, record)| record);
        let records: Vec<_> = records.collect();
        let mut encryption_type = None;
        let check = |stream: &Stream| {
            encryption_type = describe::record_encryption(stream);
            check_sizes(stream, &records)?;
            if plan.is_dry { Err(dry_run()) } else { Ok(()) }
        };
        let appended = cx.service.streams.append(&scope, name, &records, check).await;
        let appended = appended.map_err(|error| append_error(&scope, name, error))?;
        Ok(PutRecordsOutput {
            failed_record_count: Some(refused.len() as i64),
            records: Some(results(count, refused, appended)),
            encryption_type,
        })
    }
}

/// The records that their shards do not take now, by their place among all.
async fn refused(
    cx: &Cx<'_, Kinesis>,
    plan: &Plan,
    check: impl Fn(&Stream) -> Result<(), ApiError>,
) -> Result<HashMap<usize, ApiError>, ApiError> {
    let stream = plan.stream.find(cx).await?;
    check(&stream)?;
    let admit = |record| cx.service.admit(&stream, record, cx.now_micros).err();
    let all = plan.records.iter().enumerate();
    Ok(all.filter_map(|(index, record)| Some((index, admit(record)?))).collect())
}

/// What became of each record, in their order.
fn results(
    count: usize,
    mut refused: HashMap<usize, ApiError>,
    appended: Vec<Appended>,
) -> Vec<PutRecordsResultEntry> {
    let mut appended = appended.into_iter();
    let result = |index| match refused.remove(&index) {
        Some(refusal) => Some(failure(refusal)),
        None => appended.next().map(result),
    };
    (0..count).filter_map(result).collect()
}

fn failure(refusal: ApiError) -> PutRecordsResultEntry {
    PutRecordsResultEntry {
        error_code: Some(refusal.code.name().to_owned()),
        error_message: refusal.message.map(std::borrow::Cow::into_owned),
        ..PutRecordsResultEntry::default()
    }
}

fn record(index: usize, entry: PutRecordsRequestEntry) -> Result<NewRecord, ApiError> {
    let path = format!("records.{}.member.partitionKey", index + 1);
    new_record::of(entry.data, entry.partition_key, entry.explicit_hash_key.as_deref(), &path)
}

fn check_sizes(stream: &Stream, records: &[NewRecord]) -> Result<(), ApiError> {
    for (index, record) in records.iter().enumerate() {
        new_record::check_size(stream, record, || format!("records.{}.member.data", index + 1))?;
    }
    let bytes: usize = records.iter().map(|record| record.data.len() + record.partition_key.len()).sum();
    match stream.has_large_records() {
        false if bytes > BYTES_MAX => Err(invalid_argument("Records size exceeds 5 MB limit")),
        true if bytes > LARGE_BYTES_MAX => Err(invalid_argument("Records size exceeds 10 MB limit")),
        _ => Ok(()),
    }
}

fn result(appended: Appended) -> PutRecordsResultEntry {
    PutRecordsResultEntry {
        sequence_number: Some(appended.sequence_number),
        shard_id: Some(appended.shard_id),
        ..PutRecordsResultEntry::default()
    }
}
