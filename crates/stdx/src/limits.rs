//! Every limit of the product, by name. The DynamoDB figures are part of the API: changing one changes
//! behaviour that clients can see.

/// Largest item, in bytes of DynamoDB size, inclusive.
pub const ITEM_SIZE_BYTES_MAX: usize = 409_600;
/// Largest partition-key value in bytes (all HASH attributes of a multi-attribute key together).
pub const PARTITION_KEY_BYTES_MAX: usize = 2_048;
/// Largest sort-key value in bytes (all RANGE attributes of a multi-attribute key together).
pub const SORT_KEY_BYTES_MAX: usize = 1_024;
/// Longest attribute name in bytes.
pub const ATTRIBUTE_NAME_BYTES_MAX: usize = 65_535;
/// Maps and lists around a leaf that a stored value may have; one more is refused.
pub const NESTING_LEVELS_MAX: usize = 31;
/// Levels at which reading a document ends with a serialization error.
pub const JSON_DEPTH_MAX: usize = 2_000;
/// A request body, before and after decompression, in bytes.
pub const REQUEST_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// A page of Query or Scan, in bytes of DynamoDB size before filter and projection.
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Records on a page of GetRecords.
pub const STREAM_PAGE_RECORDS_MAX: usize = 1_000;
/// A page of GetRecords, in bytes of DynamoDB size of the keys and images.
pub const STREAM_PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Streams on a page of ListStreams.
pub const STREAMS_PER_PAGE_MAX: usize = 100;
/// Shards on a page of DescribeStream.
pub const SHARDS_PER_PAGE_MAX: usize = 100;
/// A BatchGetItem response, in bytes of DynamoDB size.
pub const BATCH_GET_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Keys in one BatchGetItem.
pub const BATCH_GET_KEYS_MAX: usize = 100;
/// Requests in one BatchWriteItem.
pub const BATCH_WRITE_REQUESTS_MAX: usize = 25;
/// Actions in one transaction.
pub const TRANSACTION_ACTIONS_MAX: usize = 100;
/// Items of one transaction together, in bytes.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long a ClientRequestToken is kept, in microseconds.
pub const IDEMPOTENCY_WINDOW_MICROS: u64 = 10 * 60 * 1_000_000;
/// Bytes of an expression as sent.
pub const EXPRESSION_BYTES_MAX: usize = 4_096;
/// Operators and functions in one expression.
pub const EXPRESSION_OPERATORS_MAX: usize = 300;
/// Operands of IN.
pub const IN_OPERANDS_MAX: usize = 100;
/// Names and values substituted into the expressions of one request, in bytes.
pub const SUBSTITUTION_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Global secondary indexes of a table.
pub const GSI_PER_TABLE_MAX: usize = 20;
/// Local secondary indexes of a table.
pub const LSI_PER_TABLE_MAX: usize = 5;
/// Attributes in all INCLUDE projections of a table together.
pub const PROJECTED_ATTRIBUTES_MAX: usize = 100;
/// An item collection of a table with local secondary indexes, in bytes.
pub const ITEM_COLLECTION_BYTES_MAX: u64 = 10 * 1024 * 1024 * 1024;
/// Tables of one account and region.
pub const TABLES_PER_REGION_MAX: usize = 2_500;
/// Read or write capacity units of one table.
pub const TABLE_CAPACITY_UNITS_MAX: u64 = 40_000;
/// Read or write capacity units of one account and region.
pub const ACCOUNT_CAPACITY_UNITS_MAX: u64 = 80_000;
/// Tags of one resource.
pub const TAGS_PER_RESOURCE_MAX: usize = 50;
/// The key of a tag, in characters.
pub const TAG_KEY_CHARACTERS_MAX: usize = 128;
/// The value of a tag, in characters.
pub const TAG_VALUE_CHARACTERS_MAX: usize = 256;
/// Keys and values of all tags of one resource together, in bytes.
pub const TAG_SET_BYTES_MAX: usize = 10 * 1024;
