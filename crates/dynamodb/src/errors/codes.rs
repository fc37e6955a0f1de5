//! The codes that DynamoDB has beside those of every service.

use model::{Code, CodeInfo};

const fn code(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.dynamodb.v20120810", name, status)
}

/// A condition was false.
pub const CONDITIONAL_CHECK_FAILED: Code = Code::of(&code("ConditionalCheckFailedException", 400));
/// There is an item of this key already, in PartiQL.
pub const DUPLICATE_ITEM: Code = Code::of(&code("DuplicateItemException", 400));
/// No such table or index.
pub const RESOURCE_NOT_FOUND: Code = Code::of(&code("ResourceNotFoundException", 400));
/// No such table, in the code of backup operations.
pub const TABLE_NOT_FOUND: Code = Code::of(&code("TableNotFoundException", 400));
/// No such global table of version 2017.11.29.
pub const GLOBAL_TABLE_NOT_FOUND: Code = Code::of(&code("GlobalTableNotFoundException", 400));
/// There is such a global table of version 2017.11.29.
pub const GLOBAL_TABLE_ALREADY_EXISTS: Code = Code::of(&code("GlobalTableAlreadyExistsException", 400));
/// It has a replica there already.
pub const REPLICA_ALREADY_EXISTS: Code = Code::of(&code("ReplicaAlreadyExistsException", 400));
/// It has none there.
pub const REPLICA_NOT_FOUND: Code = Code::of(&code("ReplicaNotFoundException", 400));
/// Its tables have no such index.
pub const INDEX_NOT_FOUND: Code = Code::of(&code("IndexNotFoundException", 400));
/// No such backup.
pub const BACKUP_NOT_FOUND: Code = Code::of(&code("BackupNotFoundException", 400));
/// The backup is being made, or restored.
pub const BACKUP_IN_USE: Code = Code::of(&code("BackupInUseException", 400));
/// The table that is to be restored exists.
pub const TABLE_ALREADY_EXISTS: Code = Code::of(&code("TableAlreadyExistsException", 400));
/// The table that is to be restored is being restored.
pub const TABLE_IN_USE: Code = Code::of(&code("TableInUseException", 400));
/// The table has no point-in-time recovery.
pub const POINT_IN_TIME_RECOVERY_UNAVAILABLE: Code =
    Code::of(&code("PointInTimeRecoveryUnavailableException", 400));
/// A time that cannot be restored.
pub const INVALID_RESTORE_TIME: Code = Code::of(&code("InvalidRestoreTimeException", 400));
/// No such export.
pub const EXPORT_NOT_FOUND: Code = Code::of(&code("ExportNotFoundException", 400));
/// Another export has been asked for with the same token.
pub const EXPORT_CONFLICT: Code = Code::of(&code("ExportConflictException", 400));
/// No such import.
pub const IMPORT_NOT_FOUND: Code = Code::of(&code("ImportNotFoundException", 400));
/// Another import has been asked for with the same token.
pub const IMPORT_CONFLICT: Code = Code::of(&code("ImportConflictException", 400));
/// A time that cannot be exported.
pub const INVALID_EXPORT_TIME: Code = Code::of(&code("InvalidExportTimeException", 400));
/// No policy, or another than is expected.
pub const POLICY_NOT_FOUND: Code = Code::of(&code("PolicyNotFoundException", 400));
/// The table exists, or is being changed.
pub const RESOURCE_IN_USE: Code = Code::of(&code("ResourceInUseException", 400));
/// No such offering of reserved capacity; public models do not have this code.
pub const RESERVED_CAPACITY_OFFERING_NOT_FOUND: Code =
    Code::of(&code("ReservedCapacityOfferingNotFoundException", 400));
/// A quota of the control plane.
pub const LIMIT_EXCEEDED: Code = Code::of(&code("LimitExceededException", 400));
/// An item collection above 10 GB.
pub const ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED: Code =
    Code::of(&code("ItemCollectionSizeLimitExceededException", 400));
/// A transaction was cancelled.
pub const TRANSACTION_CANCELED: Code =
    Code::of(&code("TransactionCanceledException", 400).with_message_in("Message"));
/// A single write met a transaction.
pub const TRANSACTION_CONFLICT: Code = Code::of(&code("TransactionConflictException", 400));
/// A writer in another region of a strongly consistent global table is at the item.
pub const REPLICATED_WRITE_CONFLICT: Code = Code::of(&code("ReplicatedWriteConflictException", 400));
/// The same token is being executed.
pub const TRANSACTION_IN_PROGRESS: Code =
    Code::of(&code("TransactionInProgressException", 400).with_message_in("Message"));
/// The same token with another request.
pub const IDEMPOTENT_PARAMETER_MISMATCH: Code =
    Code::of(&code("IdempotentParameterMismatchException", 400).with_message_in("Message"));
/// A shard iterator is older than 15 minutes.
pub const EXPIRED_ITERATOR: Code = Code::of(&code("ExpiredIteratorException", 400));
/// Records of a stream are older than 24 hours.
pub const TRIMMED_DATA_ACCESS: Code = Code::of(&code("TrimmedDataAccessException", 400));
/// More than a table or index in provisioned mode may do.
pub const PROVISIONED_THROUGHPUT_EXCEEDED: Code =
    Code::of(&code("ProvisionedThroughputExceededException", 400));
/// More than a table or index in on-demand mode may do.
pub const THROTTLING: Code = Code::of(&code("ThrottlingException", 400));
/// More than an account may do.
pub const REQUEST_LIMIT_EXCEEDED: Code = Code::of(&code("RequestLimitExceeded", 400));
/// An internal error; the server's log has its cause.
pub const INTERNAL_SERVER: Code = Code::of(&code("InternalServerError", 500));
