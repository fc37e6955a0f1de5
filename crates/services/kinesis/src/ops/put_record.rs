//! PutRecord: a record, durable when it is answered.
//!
//! Order of refusals: the constraints of the model → no stream named → a hash key beyond 128 bits → no such stream →
//! a record larger than the stream takes → its shard has taken as much as it takes.

use crate::describe;
use crate::errors::{append_error, dry_run};
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use crate::streams::NewRecord;
use model::ApiError;
use model::kinesis::{PutRecord, PutRecordInput, PutRecordOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};

use super::new_record;

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    record: NewRecord,
    is_dry: bool,
}

impl Operation<Kinesis> for PutRecord {
    const KIND: Kind = Kind::Write;
    const VALIDATION: Validation<PutRecordInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: PutRecordInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
        let record = new_record::of(
            input.data,
            input.partition_key,
            input.explicit_hash_key.as_deref(),
            "partitionKey",
        )?;
        Ok(Plan { stream, record, is_dry: input.dry_run == Some(true) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:PutRecord")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<PutRecordOutput, ApiError> {
        let (scope, name) = (plan.stream.scope(cx)?, &plan.stream.name);
        let check = |stream: &Stream| {
            new_record::check_size(stream, &plan.record, || "data".to_owned())?;
            if plan.is_dry { Err(dry_run()) } else { Ok(()) }
        };
        if cx.service.enforces_limits() {
            let stream = plan.stream.find(cx).await?;
            check(&stream)?;
            cx.service.admit(&stream, &plan.record, cx.now_micros)?;
        }
        let records = std::slice::from_ref(&plan.record);
        let mut encryption_type = None;
        let check = |stream: &Stream| {
            encryption_type = describe::record_encryption(stream);
            check(stream)
        };
        let appended = cx.service.streams.append(&scope, name, records, check).await;
        let mut appended = appended.map_err(|error| append_error(&scope, name, error))?;
        let appended = appended.pop().expect("a place for the record");
        Ok(PutRecordOutput {
            shard_id: Some(appended.shard_id),
            sequence_number: Some(appended.sequence_number),
            encryption_type,
        })
    }
}
