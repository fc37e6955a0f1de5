//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo, Detail, code};
use std::io;
use store::StoreError;

const fn info(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.s3", name, status)
}

const NO_SUCH_BUCKET: Code = Code::of(&info("NoSuchBucket", 404));
const NO_SUCH_KEY: Code = Code::of(&info("NoSuchKey", 404));
const NO_SUCH_UPLOAD: Code = Code::of(&info("NoSuchUpload", 404));
const INVALID_PART: Code = Code::of(&info("InvalidPart", 400));
const INVALID_PART_ORDER: Code = Code::of(&info("InvalidPartOrder", 400));
const ENTITY_TOO_SMALL: Code = Code::of(&info("EntityTooSmall", 400));
const BUCKET_EXISTS: Code = Code::of(&info("BucketAlreadyExists", 409));
const BUCKET_OWNED: Code = Code::of(&info("BucketAlreadyOwnedByYou", 409));
const BUCKET_NOT_EMPTY: Code = Code::of(&info("BucketNotEmpty", 409));
const INVALID_BUCKET_NAME: Code = Code::of(&info("InvalidBucketName", 400));
const INVALID_ARGUMENT: Code = Code::of(&info("InvalidArgument", 400));
const INVALID_REQUEST: Code = Code::of(&info("InvalidRequest", 400));
const INVALID_DIGEST: Code = Code::of(&info("InvalidDigest", 400));
const BAD_DIGEST: Code = Code::of(&info("BadDigest", 400));
const INVALID_RANGE: Code = Code::of(&info("InvalidRange", 416));
const INVALID_PART_NUMBER: Code = Code::of(&info("InvalidPartNumber", 416));
const PRECONDITION_FAILED: Code = Code::of(&info("PreconditionFailed", 412));
const NOT_MODIFIED: Code = Code::of(&info("NotModified", 304));
const NOT_IMPLEMENTED: Code = Code::of(&info("NotImplemented", 501));
const ENTITY_TOO_LARGE: Code = Code::of(&info("EntityTooLarge", 400));
const KEY_TOO_LONG: Code = Code::of(&info("KeyTooLongError", 400));
const METADATA_TOO_LARGE: Code = Code::of(&info("MetadataTooLarge", 400));
const MISSING_LENGTH: Code = Code::of(&info("MissingContentLength", 411));
const INCOMPLETE_BODY: Code = Code::of(&info("IncompleteBody", 400));
const MALFORMED_XML: Code = Code::of(&info("MalformedXML", 400));
const OPERATION_ABORTED: Code = Code::of(&info("OperationAborted", 409));
const REQUEST_TIMEOUT: Code = Code::of(&info("RequestTimeout", 400));
const SLOW_DOWN: Code = Code::of(&info("SlowDown", 503));
const KMS_NOT_FOUND: Code = Code::of(&info("KMS.NotFoundException", 400));
const KMS_DISABLED: Code = Code::of(&info("KMS.DisabledException", 400));
const KMS_INVALID_STATE: Code = Code::of(&info("KMS.KMSInvalidStateException", 400));
/// Something broke on this side.
pub(crate) const INTERNAL: Code = Code::of(&info("InternalError", 500));

fn with(error: ApiError, members: impl IntoIterator<Item = (&'static str, String)>) -> ApiError {
    error.with(Detail::Members(members.into_iter().collect()))
}

pub(crate) fn no_such_bucket(name: &str) -> ApiError {
    let error = ApiError::new(NO_SUCH_BUCKET, "The specified bucket does not exist");
    with(error, [("BucketName", name.to_owned())])
}

pub(crate) fn no_such_key(key: &str) -> ApiError {
    with(ApiError::new(NO_SUCH_KEY, "The specified key does not exist."), [("Key", key.to_owned())])
}

/// Whether the object of a request is what is missing.
pub fn is_no_such_key(error: &ApiError) -> bool {
    error.code == NO_SUCH_KEY
}

pub(crate) fn no_such_upload(id: &str) -> ApiError {
    let text = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
                completed.";
    with(ApiError::new(NO_SUCH_UPLOAD, text), [("UploadId", id.to_owned())])
}

pub(crate) fn invalid_part(upload: &str, number: i64, etag: &str) -> ApiError {
    let text = "One or more of the specified parts could not be found.  The part may not have been uploaded, or the \
                specified entity tag may not match the part's entity tag.";
    let members =
        [("UploadId", upload.to_owned()), ("PartNumber", number.to_string()), ("ETag", etag.to_owned())];
    with(ApiError::new(INVALID_PART, text), members)
}

pub(crate) fn invalid_part_order(upload: &str) -> ApiError {
    let text = "The list of parts was not in ascending order. Parts must be ordered by part number.";
    with(ApiError::new(INVALID_PART_ORDER, text), [("UploadId", upload.to_owned())])
}

pub(crate) fn too_small(proposed: u64, min: u64, number: u16, etag: &str) -> ApiError {
    let text = "Your proposed upload is smaller than the minimum allowed size";
    let members = [
        ("ProposedSize", proposed.to_string()),
        ("MinSizeAllowed", min.to_string()),
        ("PartNumber", number.to_string()),
        ("ETag", etag.to_owned()),
    ];
    with(ApiError::new(ENTITY_TOO_SMALL, text), members)
}

/// It is another account's.
pub(crate) fn access_denied() -> ApiError {
    ApiError::new(code::ACCESS_DENIED, "Access Denied")
}

pub(crate) fn bucket_exists(name: &str) -> ApiError {
    let text = "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                system. Please select a different name and try again.";
    with(ApiError::new(BUCKET_EXISTS, text), [("BucketName", name.to_owned())])
}

/// A key of KMS beside an algorithm that has none.
pub(crate) fn key_without_kms(key: &str) -> ApiError {
    let text =
        "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse";
    invalid_argument(text, "KMSMasterKeyID", key)
}

pub(crate) fn bucket_owned(name: &str) -> ApiError {
    let text = "Your previous request to create the named bucket succeeded and you already own it.";
    with(ApiError::new(BUCKET_OWNED, text), [("BucketName", name.to_owned())])
}

pub(crate) fn bucket_not_empty(name: &str) -> ApiError {
    let error = ApiError::new(BUCKET_NOT_EMPTY, "The bucket you tried to delete is not empty");
    with(error, [("BucketName", name.to_owned())])
}

/// The bucket is being deleted.
pub(crate) fn aborted() -> ApiError {
    let text = "A conflicting conditional operation is currently in progress against this resource. Please try again.";
    ApiError::new(OPERATION_ABORTED, text)
}

pub(crate) fn invalid_bucket_name(name: &str) -> ApiError {
    let error = ApiError::new(INVALID_BUCKET_NAME, "The specified bucket is not valid.");
    with(error, [("BucketName", name.to_owned())])
}

pub(crate) fn key_too_long(size: usize, max: usize) -> ApiError {
    let error = ApiError::new(KEY_TOO_LONG, "Your key is too long");
    with(error, [("Size", size.to_string()), ("MaxSizeAllowed", max.to_string())])
}

pub(crate) fn metadata_too_large(size: usize, max: usize) -> ApiError {
    let text = "Your metadata headers exceed the maximum allowed metadata size";
    let members = [("Size", size.to_string()), ("MaxSizeAllowed", max.to_string())];
    with(ApiError::new(METADATA_TOO_LARGE, text), members)
}

pub(crate) fn too_large(proposed: u64, max: u64) -> ApiError {
    let text = "Your proposed upload exceeds the maximum allowed size";
    let members = [("ProposedSize", proposed.to_string()), ("MaxSizeAllowed", max.to_string())];
    with(ApiError::new(ENTITY_TOO_LARGE, text), members)
}

/// A body without the length of its data.
pub(crate) fn missing_length() -> ApiError {
    ApiError::new(MISSING_LENGTH, "You must provide the Content-Length HTTP header.")
}

pub(crate) fn incomplete_body() -> ApiError {
    let text = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    ApiError::new(INCOMPLETE_BODY, text)
}

/// An upload that took too long to be kept.
pub(crate) fn timed_out() -> ApiError {
    let text = "Your socket connection to the server was not read from or written to within the timeout period. Idle \
                connections will be closed.";
    ApiError::new(REQUEST_TIMEOUT, text)
}

pub(crate) fn invalid_argument(text: impl Into<String>, name: &str, value: &str) -> ApiError {
    let members = [("ArgumentName", name.to_owned()), ("ArgumentValue", value.to_owned())];
    with(ApiError::new(INVALID_ARGUMENT, text.into()), members)
}

pub(crate) fn invalid_request(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_REQUEST, text.into())
}

pub(crate) fn malformed_xml() -> ApiError {
    let text = "The XML you provided was not well-formed or did not validate against our published schema";
    ApiError::new(MALFORMED_XML, text)
}

/// Everything of this server is sealed, and files of objects are not; or its data is in a database, beside which there
/// is no folder.
pub(crate) fn no_folder() -> ApiError {
    let text = "This server has no folder for the files of objects, since its data is in a database: start it with \
                --s3-dir, or write dir into [s3] of stator.toml, to name one";
    ApiError::new(NOT_IMPLEMENTED, text)
}

/// A header that asks for what is not there.
pub(crate) fn not_implemented(header: &str) -> ApiError {
    let error =
        ApiError::new(NOT_IMPLEMENTED, "A header you provided implies functionality that is not implemented");
    with(error, [("Header", header.to_owned())])
}

pub(crate) fn invalid_digest(value: &str) -> ApiError {
    let error = ApiError::new(INVALID_DIGEST, "The Content-MD5 you specified was invalid.");
    with(error, [("Content-MD5", value.to_owned())])
}

pub(crate) fn bad_md5() -> ApiError {
    ApiError::new(BAD_DIGEST, "The Content-MD5 you specified did not match what we received.")
}

pub(crate) fn bad_checksum(algorithm: &str) -> ApiError {
    let text = format!("The {algorithm} you specified did not match the calculated checksum.");
    ApiError::new(BAD_DIGEST, text)
}

pub(crate) fn invalid_checksum(algorithm: &str) -> ApiError {
    let name = algorithm.to_ascii_lowercase();
    invalid_request(format!("Value for x-amz-checksum-{name} header is invalid."))
}

pub(crate) fn several_checksums() -> ApiError {
    invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
}

pub(crate) fn invalid_range(size: u64, asked: &str) -> ApiError {
    let error = ApiError::new(INVALID_RANGE, "The requested range is not satisfiable");
    with(error, [("ActualObjectSize", size.to_string()), ("RangeRequested", asked.to_owned())])
}

pub(crate) fn invalid_part_number(asked: i64, actual: usize) -> ApiError {
    let error = ApiError::new(INVALID_PART_NUMBER, "The requested partnumber is not satisfiable");
    with(error, [("PartNumberRequested", asked.to_string()), ("ActualPartCount", actual.to_string())])
}

pub(crate) fn range_and_part() -> ApiError {
    invalid_request("Cannot specify both Range header and partNumber query parameter")
}

pub(crate) fn precondition_failed(condition: &str) -> ApiError {
    let text = "At least one of the pre-conditions you specified did not hold";
    with(ApiError::new(PRECONDITION_FAILED, text), [("Condition", condition.to_owned())])
}

pub(crate) fn not_modified() -> ApiError {
    ApiError::silent(NOT_MODIFIED)
}

pub(crate) fn invalid_encoding_type(value: &str) -> ApiError {
    invalid_argument("Invalid Encoding Method specified in Request", "encoding-type", value)
}

pub(crate) fn invalid_token(value: &str) -> ApiError {
    let text = "The continuation token provided is incorrect";
    invalid_argument(text, "continuation-token", value)
}

pub(crate) fn invalid_version(id: &str) -> ApiError {
    invalid_argument("Invalid version id specified", "versionId", id)
}

pub(crate) fn copy_to_itself() -> ApiError {
    invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's \
         metadata, storage class, website redirect location or encryption attributes.",
    )
}

pub(crate) fn damaged() -> ApiError {
    tracing::error!("a row of S3 is damaged, or a newer version wrote it");
    internal()
}

pub(crate) fn store(error: &StoreError) -> ApiError {
    match error {
        StoreError::Unavailable(_) => ApiError::new(SLOW_DOWN, "Please reduce your request rate."),
        StoreError::Full(_) => no_space(),
        StoreError::Corrupt(_) | StoreError::Locked(_) | StoreError::Poisoned(_) => {
            tracing::error!("the store of S3: {error}");
            internal()
        }
    }
}

/// What KMS answers, as S3 tells it.
pub(crate) fn kms(error: ApiError) -> ApiError {
    let told = [
        (kms::errors::NOT_FOUND, KMS_NOT_FOUND),
        (kms::errors::DISABLED, KMS_DISABLED),
        (kms::errors::INVALID_STATE, KMS_INVALID_STATE),
        (kms::errors::DEPENDENCY_TIMEOUT, SLOW_DOWN),
    ];
    match told.into_iter().find(|(of_kms, _)| error.code == *of_kms) {
        Some((_, code)) => ApiError::new(code, error.message.unwrap_or_default()),
        None => {
            tracing::error!(?error, "KMS does not open the key of an object");
            internal()
        }
    }
}

/// A file could not be read or written; the place is for the log alone.
pub(crate) fn file(error: &io::Error) -> ApiError {
    tracing::error!("a file of S3: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => no_space(),
        _ => internal(),
    }
}

fn no_space() -> ApiError {
    ApiError::new(SLOW_DOWN, "There is no space left for objects.")
}

fn internal() -> ApiError {
    ApiError::new(INTERNAL, "We encountered an internal error. Please try again.")
}
