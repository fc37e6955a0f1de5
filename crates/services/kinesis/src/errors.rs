//! The codes and texts of this service.

mod date;

use crate::consumer_ref::ConsumerRef;
use crate::stream::{LineageError, Mode, Shard, Status, Stream};
use crate::streams::AppendError;
use engine::Scope;
use model::{ApiError, Code, CodeInfo, code};
use store::StoreError;
use store::records::RecordError;

const fn described(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("", name, status)
}

/// A member that its operation does not take.
pub const INVALID_ARGUMENT: Code = Code::of(&described("InvalidArgumentException", 400));
/// No such stream, shard or consumer.
pub const RESOURCE_NOT_FOUND: Code = Code::of(&described("ResourceNotFoundException", 400));
/// It exists, or is being changed.
pub const RESOURCE_IN_USE: Code = Code::of(&described("ResourceInUseException", 400));
/// A quota.
pub const LIMIT_EXCEEDED: Code = Code::of(&described("LimitExceededException", 400));
/// An iterator that is too old.
pub const EXPIRED_ITERATOR: Code = Code::of(&described("ExpiredIteratorException", 400));
/// A token of a page that is too old.
pub const EXPIRED_NEXT_TOKEN: Code = Code::of(&described("ExpiredNextTokenException", 400));
/// A shard has taken or given as much as it does in a second.
pub const PROVISIONED_THROUGHPUT_EXCEEDED: Code =
    Code::of(&described("ProvisionedThroughputExceededException", 400));
/// A call that was only to be tried.
pub const DRY_RUN: Code = Code::of(&described("DryRunOperationException", 400));
/// Something broke on this side; the server's log says what.
pub const INTERNAL_FAILURE: Code = Code::of(&described("InternalFailureException", 500));

/// A member that its operation does not take, in other words.
pub fn invalid_argument(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_ARGUMENT, text.into())
}

/// Neither a name nor an ARN.
pub fn no_stream_named() -> ApiError {
    invalid_argument("Either the StreamARN or the StreamName must be provided")
}

/// No stream of this name.
pub fn stream_not_found(scope: &Scope, name: &str) -> ApiError {
    let text = format!("Stream {name} under account {} not found.", scope.account);
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

/// A stream of this name is there.
pub fn stream_exists(stream: &Stream) -> ApiError {
    let text = format!("{} already exists.", named(stream));
    ApiError::new(RESOURCE_IN_USE, text)
}

/// A change of a stream while one is under way.
pub fn not_active(stream: &Stream, status: Status) -> ApiError {
    let text = format!("{} not ACTIVE, instead in state {}", named(stream), status.name());
    ApiError::new(RESOURCE_IN_USE, text)
}

/// More open shards than an account may have.
pub fn too_many_shards(scope: &Scope, open: usize, more: usize, limit: usize) -> ApiError {
    let text = format!(
        "This request would exceed the shard limit for the account {} in {}. Current shard count for the account: \
         {open}. Limit: {limit}. Number of additional shards that would have resulted from this request: {more}. \
         Refer to the AWS Service Limits page \
         (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current limits and how to \
         request higher limits.",
        scope.account, scope.region
    );
    ApiError::new(LIMIT_EXCEEDED, text)
}

/// No such shard, for those who want to read it.
pub fn no_shard_to_read(stream: &Stream, shard_id: &str) -> ApiError {
    let Stream { name, scope, .. } = stream;
    let text = format!("Shard {shard_id} in stream {name} under account {} does not exist", scope.account);
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

/// The shard of an iterator, which is gone by now.
pub fn shard_gone(stream: &Stream) -> ApiError {
    let text = format!("The shard of this iterator is gone from stream {}.", stream.name);
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

/// A stream that is to go with its consumers, without the member that says so.
pub fn has_consumers(stream: &Stream) -> ApiError {
    let text = format!(
        "{} has registered consumers: deregister them, or set EnforceConsumerDeletion.",
        named(stream)
    );
    ApiError::new(RESOURCE_IN_USE, text)
}

/// A number that is not of the shard.
pub fn foreign_sequence_number(stream: &Stream, shard_id: &str, number: &str) -> ApiError {
    let Stream { name, scope, .. } = stream;
    invalid_argument(format!(
        "StartingSequenceNumber {number} used in GetShardIterator on shard {shard_id} in stream {name} under \
         account {} is invalid because it did not come from this stream.",
        scope.account
    ))
}

/// An iterator that this server has not made.
pub fn invalid_iterator() -> ApiError {
    invalid_argument("Invalid ShardIterator.")
}

/// An iterator that was made too long ago.
pub fn expired_iterator(made_micros: u64, now_micros: u64) -> ApiError {
    let text = format!(
        "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the \
         future than the tolerated delay of 300000 milliseconds.",
        date::java(made_micros),
        date::java(now_micros)
    );
    ApiError::new(EXPIRED_ITERATOR, text)
}

/// A token that no page ended with.
pub fn invalid_next_token() -> ApiError {
    invalid_argument("Invalid NextToken.")
}

/// A token of a page that was made too long ago.
pub fn expired_next_token() -> ApiError {
    ApiError::new(EXPIRED_NEXT_TOKEN, "NextToken is expired.")
}

/// A call that would have been served.
pub fn dry_run() -> ApiError {
    ApiError::new(DRY_RUN, "Request would have succeeded, but DryRun flag is set.")
}

/// A change of shards that is not possible.
pub fn lineage(stream: &Stream, operation: &str, error: LineageError) -> ApiError {
    let Stream { name, scope, .. } = stream;
    let account = &scope.account;
    match error {
        LineageError::NotFound { shard_id } => ApiError::new(
            RESOURCE_NOT_FOUND,
            format!("Could not find shard {shard_id} in stream {name} under account {account}."),
        ),
        LineageError::Closed { shard_id } => invalid_argument(format!(
            "Shard {shard_id} in stream {name} under account {account} has already been merged or split, and thus \
             is not eligible for merging or splitting."
        )),
        LineageError::NoSplit { at, shard_id } => invalid_argument(format!(
            "NewStartingHashKey {at} used in {operation}() on shard {shard_id} in stream {name} under account \
             {account} is not both greater than one plus the shard's StartingHashKey and less than the shard's \
             EndingHashKey."
        )),
        LineageError::NotAdjacent { shard_id, adjacent_id } => invalid_argument(format!(
            "Shards {shard_id} and {adjacent_id} in stream {name} under account {account} are not an adjacent pair \
             of shards eligible for merging"
        )),
    }
}

/// What a failed append answers.
pub fn append_error(scope: &Scope, name: &str, error: AppendError<ApiError>) -> ApiError {
    match error {
        AppendError::NotFound => stream_not_found(scope, name),
        AppendError::Refused(refusal) => refusal,
        AppendError::Outdated => store_error(&StoreError::Unavailable("nothing was written".to_owned())),
        AppendError::Store(error) => store_error(&error),
    }
}

/// What a failure of the store answers. The server's log has the details.
pub fn store_error(error: &StoreError) -> ApiError {
    let unavailable =
        |why: &str| ApiError::new(code::SERVICE_UNAVAILABLE, format!("The service cannot answer now: {why}"));
    match error {
        StoreError::Unavailable(why) => unavailable(why),
        StoreError::Full(_) => unavailable("the disk that holds the data is full"),
        StoreError::Corrupt(_) | StoreError::Locked(_) | StoreError::Poisoned(_) => {
            ApiError::new(INTERNAL_FAILURE, "Internal server error")
        }
    }
}

/// The same for a document.
pub fn record_error(error: &RecordError) -> ApiError {
    match error {
        RecordError::Store(error) => store_error(error),
        _ => ApiError::new(INTERNAL_FAILURE, "Internal server error"),
    }
}

/// A change of shards, of a stream whose shards are not its owner's to change.
pub fn refuse_on_demand(stream: &Stream) -> Result<(), ApiError> {
    match stream.mode {
        Mode::Provisioned => Ok(()),
        Mode::OnDemand => {
            Err(ApiError::validation(format!("Request is invalid. {} is in On-Demand mode.", named(stream))))
        }
    }
}

/// More than twice as many shards as a stream has.
pub fn target_too_high(target: usize, open: usize) -> ApiError {
    invalid_argument(format!(
        "UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: {open} \
         Target shard count: {target}"
    ))
}

/// Less than half as many shards as a stream has.
pub fn target_too_low(target: usize, open: usize) -> ApiError {
    invalid_argument(format!(
        "UpdateShardCount cannot scale down below half your current open shard count. Current open shard count: {open} \
         Target shard count: {target}"
    ))
}

/// The number of shards was set as often as it may be in a day.
pub fn scaled_too_often(stream: &Stream) -> ApiError {
    let text = format!("{}: UpdateShardCount can be called 10 times in 24 hours.", named(stream));
    ApiError::new(LIMIT_EXCEEDED, text)
}

/// No consumer of this name.
pub fn consumer_not_found(name: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Consumer {name} not found."))
}

/// A consumer of this name is there.
pub fn consumer_exists(stream: &Stream, name: &str) -> ApiError {
    let text = format!("Consumer {name} of {} already exists.", named(stream));
    ApiError::new(RESOURCE_IN_USE, text)
}

/// A consumer has subscribed to the shard a moment ago.
pub fn subscribed(scope: &Scope, consumer: &ConsumerRef, shard_id: &str) -> ApiError {
    let text = format!(
        "Another active subscription exists for this consumer: {}:{}:{}:{shard_id}",
        scope.account, consumer.stream.name, consumer.name
    );
    ApiError::new(RESOURCE_IN_USE, text)
}

/// A later subscription of the consumer has taken the place of this one.
pub fn replaced(consumer: &ConsumerRef) -> ApiError {
    let text = format!("Another subscription of consumer {} has taken the place of this one.", consumer.name);
    ApiError::new(RESOURCE_IN_USE, text)
}

/// A shard has taken or given as much as it does in a second.
pub fn rate_exceeded(stream: &Stream, shard: &Shard) -> ApiError {
    let Stream { name, scope, .. } = stream;
    let text =
        format!("Rate exceeded for shard {} in stream {name} under account {}.", shard.id(), scope.account);
    ApiError::new(PROVISIONED_THROUGHPUT_EXCEEDED, text)
}

/// A key of one's own, which nothing is sealed with here.
pub fn own_key(key: &str) -> ApiError {
    invalid_argument(format!(
        "This server seals no records with the key {key}: it takes alias/aws/kinesis and describes the stream as \
         encrypted"
    ))
}

/// A way to encrypt that is none.
pub fn no_encryption() -> ApiError {
    invalid_argument("EncryptionType must be KMS.")
}

/// More consumers than a stream may have.
pub fn too_many_consumers(stream: &Stream) -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, format!("{} can have 20 consumers at most.", named(stream)))
}

fn named(stream: &Stream) -> String {
    format!("Stream {} under account {}", stream.name, stream.scope.account)
}
