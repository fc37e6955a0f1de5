//! Texts of PartiQL's operations. What is wrong with a statement by itself is worded in `expr`.

use super::codes;
use model::ApiError;
use model::api_error::Detail;
use model::dynamodb::BatchStatementError;

/// INSERT of an item that is there, alone and as a reason of a cancelled transaction.
pub const DUPLICATE_ITEM: &str = "Duplicate primary key exists in table";
/// A key of several attributes of a kind, anywhere on the table.
pub const MULTI_ATTRIBUTE_KEYS: &str = "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys.";
/// An index that is not the table's.
pub const STATEMENT_INDEX_NOT_FOUND: &str = "The table does not have the specified index";
/// ConsistentRead of a global index.
pub const STATEMENT_CONSISTENT_READ: &str =
    "Strongly consistent read is not supported on Global Secondary Indexes";
/// A token that no page ended with.
pub const INVALID_NEXT_TOKEN: &str = "Invalid NextToken";
/// A token of another statement.
pub const OTHER_NEXT_TOKEN: &str = "NextToken does not match request";
/// SELECT beside other statements of a batch.
pub const BATCH_READS_AND_WRITES: &str =
    "Read and write requests together in the same batch is not supported.";
/// Two statements of a batch that are about one item.
pub const BATCH_SAME_ITEM: &str = "Provided list of item keys contains duplicates";
/// A SELECT of a batch that could find several items.
pub const BATCH_WITHOUT_KEY: &str =
    "Select statements within BatchExecuteStatement must specify the primary key in the where clause.";
/// SELECT beside other statements of a transaction.
pub const TRANSACTION_READS_AND_WRITES: &str =
    "ExecuteTransaction API does not support both read and write operations in the same request.";
/// SELECT of an index in a transaction.
pub const TRANSACTION_INDEX: &str = "Reads on indices are not supported within transactions.";
/// RETURNING in a transaction.
pub const TRANSACTION_RETURNING: &str = "RETURNING clause is not supported within transactions.";
/// EXISTS that asks for a key only.
pub const EXISTS_WITHOUT_CONDITION: &str =
    "EXISTS function must contain a condition on an attribute that is not part of the primary key";
/// EXISTS anywhere else.
pub const EXISTS_OUTSIDE: &str = "EXISTS is only supported within transactions.";

/// INSERT of an item that is there.
pub fn duplicate_item() -> ApiError {
    ApiError::new(codes::DUPLICATE_ITEM, DUPLICATE_ITEM)
}

/// What is wrong with one statement of a transaction; positions count from 0.
pub fn statement_of_transaction(at: usize, error: ApiError) -> ApiError {
    let text = error.message.as_deref().unwrap_or_default();
    let message = format!("Validation failed in TransactStatements[{at}]: {text}");
    ApiError { message: Some(message.into()), ..error }
}

/// An error as an element of a batch's answer.
pub fn of_batch(error: ApiError) -> BatchStatementError {
    let name = error.code.name();
    let code = match name {
        "ValidationException" => "ValidationError",
        "ThrottlingException" => "ThrottlingError",
        other => other.strip_suffix("Exception").unwrap_or(other),
    };
    let item = match error.detail.map(|detail| *detail) {
        Some(Detail::Item(item)) => Some(item),
        _ => None,
    };
    BatchStatementError { code: Some(code.to_owned()), message: error.message.map(String::from), item }
}
