//! The codes and texts of this service.

use crate::functions::InvocationType;
use crate::name::Arn;
use model::{ApiError, Code, CodeInfo, code};
use std::io;
use store::StoreError;
use store::records::RecordError;

const fn info(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.lambda", name, status).with_fault_in_body()
}

const INVALID_PARAMETER_VALUE: Code = Code::of(&info("InvalidParameterValueException", 400));
const INVALID_REQUEST_CONTENT: Code = Code::of(&info("InvalidRequestContentException", 400));
const RESOURCE_NOT_FOUND: Code = Code::of(&info("ResourceNotFoundException", 404).with_message_in("Message"));
const RESOURCE_CONFLICT: Code = Code::of(&info("ResourceConflictException", 409));
const PRECONDITION_FAILED: Code =
    Code::of(&info("PreconditionFailedException", 412).with_message_in("Message"));
const ENTITY_TOO_LARGE: Code = Code::of(&info("RequestEntityTooLargeException", 413));
const TOO_MANY_REQUESTS: Code = Code::of(&info("TooManyRequestsException", 429));
/// Something broke on this side.
pub(crate) const SERVICE: Code = Code::of(&info("ServiceException", 500).with_message_in("Message"));

/// A value that its parameter does not take.
pub(crate) fn invalid(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_PARAMETER_VALUE, text.into())
}

/// Functions are not run by this server.
pub(crate) fn switched_off() -> ApiError {
    let text = "This server runs no functions: start it with --lambda, or write enabled = true into [lambda] of \
                stator.toml";
    ApiError::new(code::ACCESS_DENIED, text)
}

/// There is no such function, version or alias.
pub(crate) fn function_not_found(arn: &Arn) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Function not found: {arn}"))
}

pub(crate) fn other_region(named: &str, own: &str) -> ApiError {
    let text = format!("Functions from '{named}' are not reachable in this region ('{own}')");
    ApiError::new(RESOURCE_NOT_FOUND, text)
}

pub(crate) fn other_account(arn: &str) -> ApiError {
    ApiError::new(code::ACCESS_DENIED, format!("No function of another account can be used: {arn}"))
}

pub(crate) fn qualifiers_differ() -> ApiError {
    invalid("The derived qualifier from the function name does not match the specified qualifier.")
}

pub(crate) fn function_exists(name: &str) -> ApiError {
    ApiError::new(RESOURCE_CONFLICT, format!("Function already exist: {name}"))
}

pub(crate) fn latest_cannot_be_deleted() -> ApiError {
    invalid("$LATEST version cannot be deleted without deleting the function.")
}

pub(crate) fn unknown_runtime(text: String) -> ApiError {
    invalid(text)
}

pub(crate) fn retired_runtime(runtime: &str) -> ApiError {
    invalid(format!(
        "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. \
         We recommend you use a supported runtime while creating or updating functions."
    ))
}

/// There is no such role, or it does not let Lambda in.
pub(crate) fn role_not_assumable() -> ApiError {
    invalid("The role defined for the function cannot be assumed by Lambda.")
}

/// What this server cannot do, said when it is asked for and not at the first event.
pub(crate) fn not_offered(what: &str) -> ApiError {
    invalid(format!("This server does not offer {what}"))
}

pub(crate) fn needs_runtime_and_handler() -> ApiError {
    invalid("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
}

pub(crate) fn no_code() -> ApiError {
    invalid("Please provide a source for function code.")
}

pub(crate) fn two_sources_of_code() -> ApiError {
    invalid("Please do not provide other FunctionCode parameters when providing a ZipFile.")
}

/// S3 does not give the object that a package is to be made of.
pub(crate) fn code_unreadable(bucket: &str, key: &str, error: ApiError) -> ApiError {
    let s3 = error.code.rest_xml();
    let told = format!("S3 Error Code: {}. S3 Error Message: {}", s3.code, error.message.unwrap_or_default());
    match s3.status {
        403 => {
            let text = format!(
                "Your access has been denied by S3, please make sure your request credentials have permission to \
                 GetObject for {bucket}/{key}. {told}"
            );
            ApiError::new(code::ACCESS_DENIED, text)
        }
        500.. => ApiError::new(SERVICE, told),
        _ => invalid(format!("Error occurred while GetObject. {told}")),
    }
}

pub(crate) fn not_a_zip() -> ApiError {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

/// A package with an entry that no file may be made of.
pub(crate) fn unsafe_entry(entry: &str, why: &str) -> ApiError {
    let entry: String = entry.chars().take(200).collect();
    invalid(format!(
        "Could not unzip uploaded file. Please check your file, then try to upload again. The entry {entry:?} {why}"
    ))
}

pub(crate) fn unzipped_too_large() -> ApiError {
    invalid(format!("Unzipped size must be smaller than {} bytes", crate::package::UNZIPPED_BYTES_MAX))
}

pub(crate) fn zipped_too_large() -> ApiError {
    let text = format!("Zipped size must be smaller than {} bytes", crate::package::ZIPPED_BYTES_MAX);
    ApiError::new(ENTITY_TOO_LARGE, text)
}

pub(crate) fn environment_too_large(measured: &str) -> ApiError {
    invalid(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have \
         provided exceeded the 4KB limit. String measured: {measured}"
    ))
}

pub(crate) fn reserved_variables(names: &str) -> ApiError {
    invalid(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have \
         provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
         this request: {names}"
    ))
}

pub(crate) fn invalid_marker() -> ApiError {
    invalid("Invalid pagination token provided: the marker is not one that a page ended with")
}

/// The store's trouble.
pub(crate) fn store(error: &StoreError) -> ApiError {
    match error {
        StoreError::Unavailable(why) => ApiError::new(code::SERVICE_UNAVAILABLE, why.clone()),
        StoreError::Full(_) => ApiError::new(SERVICE, "No space is left for this request"),
        StoreError::Corrupt(_) | StoreError::Locked(_) | StoreError::Poisoned(_) => {
            tracing::error!(%error, "a request of Lambda failed");
            ApiError::silent(SERVICE)
        }
    }
}

/// The same behind a document.
pub(crate) fn record(error: RecordError) -> ApiError {
    match error {
        RecordError::Store(error) => store(&error),
        error => {
            tracing::error!(%error, "a document of Lambda cannot be read");
            ApiError::silent(SERVICE)
        }
    }
}

pub(crate) fn too_many_tags() -> ApiError {
    invalid("Number of tags exceeds resource tag limit.")
}

/// The text of the model's constraints, for limits that are lower than the model's.
pub(crate) fn above(member: &str, value: Option<i64>, most: i64) -> ApiError {
    let value = value.unwrap_or_default();
    ApiError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
         value less than or equal to {most}"
    ))
}

pub(crate) fn name_too_long(name: &str) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must have \
         length less than or equal to 64"
    ))
}

/// Whether an error says that something is not there.
pub(crate) fn is_not_found(error: &ApiError) -> bool {
    error.code == RESOURCE_NOT_FOUND
}

/// A mapping cannot be made for a function that is not there: the service calls that a wrong value.
pub(crate) fn mapped_function_not_found() -> ApiError {
    invalid("Function does not exist")
}

pub(crate) fn unrecognized_source() -> ApiError {
    invalid("Unrecognized event source.")
}

/// The text of a constraint of the model, under the service's own code.
pub(crate) fn no_starting_position() -> ApiError {
    invalid(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not \
         be null.",
    )
}

pub(crate) fn no_starting_timestamp() -> ApiError {
    invalid("StartingPositionTimestamp is required with AT_TIMESTAMP.")
}

pub(crate) fn starting_timestamp_in_future() -> ApiError {
    invalid("StartingPositionTimestamp cannot be in the future.")
}

pub(crate) fn unsupported_starting_position(arn: &str) -> ApiError {
    invalid(format!("Unsupported starting position for arn type: {arn}"))
}

pub(crate) fn stream_not_found(arn: &str) -> ApiError {
    invalid(format!("Stream not found: {arn}"))
}

/// The role of the function may not read the stream.
pub(crate) fn stream_not_readable(arn: &str) -> ApiError {
    invalid(event_source::permission::denial(arn))
}

pub(crate) fn unsupported_destination() -> ApiError {
    invalid("Unsupported DestinationConfig parameter for given event source mapping type.")
}

pub(crate) fn invalid_destination(arn: &str) -> ApiError {
    invalid(format!("The provided destination ARN is invalid: {arn}"))
}

/// A destination of a service that is not here.
pub(crate) fn no_destination(service: &str, arn: &str) -> ApiError {
    let what = match service {
        "sqs" => "SQS",
        "sns" => "SNS",
        _ => "event buses",
    };
    invalid(format!(
        "The destination ARN {arn} is invalid. This server has no {what}: records that are given up are in its log and \
         in that of the function, and a function can be told of events"
    ))
}

pub(crate) fn unknown_destination(arn: &str) -> ApiError {
    invalid(format!("The destination ARN {arn} is invalid."))
}

/// The role of the function may not put objects into a bucket.
pub(crate) fn role_cannot_put() -> ApiError {
    invalid("The provided execution role does not have permissions to call PutObject on S3")
}

/// The role of the function may not call another one.
pub(crate) fn role_cannot_call(function: &str) -> ApiError {
    invalid(format!(
        "The function's execution role does not have permissions to call InvokeFunction on {function}"
    ))
}

/// Functions that tell one another of events go round in a circle.
pub(crate) fn recursive_destination(hops: u32) -> ApiError {
    invalid(format!("{hops} functions were told of one another's events: this is a loop"))
}

pub(crate) fn own_destination() -> ApiError {
    invalid("You can't specify the function as a destination for itself.")
}

pub(crate) fn no_event_invoke_members() -> ApiError {
    invalid("You must specify at least one of error handling or destination setting.")
}

pub(crate) fn no_function() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The function doesn't exist.")
}

pub(crate) fn no_event_invoke_config(arn: &Arn) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("The function {arn} doesn't have an EventInvokeConfig"))
}

pub(crate) fn invalid_filter_pattern() -> ApiError {
    invalid("Invalid filter pattern definition.")
}

pub(crate) fn too_many_filters(most: usize) -> ApiError {
    invalid(format!("Too many filters: an event source mapping has at most {most}"))
}

pub(crate) fn window_with_lanes() -> ApiError {
    invalid("TumblingWindowInSeconds needs a ParallelizationFactor of 1")
}

pub(crate) fn record_age_too_low(age: i64) -> ApiError {
    ApiError::validation(format!(
        "1 validation error detected: Value '{age}' at 'maximumRecordAgeInSeconds' failed to satisfy constraint: \
         Member must have value greater than or equal to 60"
    ))
}

pub(crate) fn mapping_exists(source: &str, function: &str, uuid: &str) -> ApiError {
    let text = format!(
        "The event source arn (\" {source} \") and function (\" {function} \") provided mapping already exists. Please \
         update or delete the existing mapping with UUID {uuid}"
    );
    ApiError::new(RESOURCE_CONFLICT, text)
}

pub(crate) fn mapping_not_found() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The resource you requested does not exist.")
}

pub(crate) fn mapping_in_use() -> ApiError {
    ApiError::new(RESOURCE_CONFLICT, "The mapping is being changed by others; try again")
}

/// The runtime that a function asks for is not on this machine.
pub(crate) fn no_interpreter(runtime: &str, program: &str) -> ApiError {
    invalid(format!(
        "The runtime {runtime} needs {program}, and there is none on the PATH of this server that a function may \
         execute: install it where every user can reach it, such as /usr/bin"
    ))
}

pub(crate) fn payload_too_large(bytes: usize, kind: InvocationType, most: usize) -> ApiError {
    let text =
        format!("{bytes} byte payload is too large for the {kind:?} invocation type (limit {most} bytes)");
    ApiError::new(ENTITY_TOO_LARGE, text)
}

pub(crate) fn payload_not_json(why: &str) -> ApiError {
    let text = format!("Could not parse request body into json: Could not parse payload into json: {why}");
    ApiError::new(INVALID_REQUEST_CONTENT, text)
}

/// As much runs as may.
pub(crate) fn throttled() -> ApiError {
    ApiError::new(TOO_MANY_REQUESTS, "Rate Exceeded.")
}

/// The system refuses to start a process.
pub(crate) fn cannot_start(what: &str, error: &io::Error) -> ApiError {
    tracing::error!(%error, what, "a function could not be started");
    ApiError::new(SERVICE, format!("{what} could not be started: {error}"))
}

pub(crate) fn other_revision() -> ApiError {
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                retrieve the latest Revision Id";
    ApiError::new(PRECONDITION_FAILED, text)
}

pub(crate) fn other_policy_revision() -> ApiError {
    let text = "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the \
                latest Revision Id";
    ApiError::new(PRECONDITION_FAILED, text)
}

pub(crate) fn code_differs(given: &str, current: &str) -> ApiError {
    invalid(format!(
        "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with the \
         CodeSHA256 in $LATEST."
    ))
}

pub(crate) fn alias_not_found(arn: &Arn) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Cannot find alias arn: {arn}"))
}

pub(crate) fn alias_exists(arn: &Arn) -> ApiError {
    ApiError::new(RESOURCE_CONFLICT, format!("Alias already exists: {arn}"))
}

pub(crate) fn version_is_used(arn: &Arn, alias: &str) -> ApiError {
    let text = format!("Version is being referenced by the alias {alias}: {arn}");
    ApiError::new(RESOURCE_CONFLICT, text)
}

pub(crate) fn tags_of_qualifier() -> ApiError {
    invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.")
}

pub(crate) fn invalid_principal() -> ApiError {
    invalid("The provided principal was invalid. Please check the principal and try again.")
}

pub(crate) fn no_policies_of_latest() -> ApiError {
    invalid("We currently do not support adding policies for $LATEST.")
}

pub(crate) fn statement_exists(sid: &str) -> ApiError {
    let text = format!(
        "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing \
         statement."
    );
    ApiError::new(RESOURCE_CONFLICT, text)
}

pub(crate) fn no_policy() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "The resource you requested does not exist.")
}

pub(crate) fn no_policy_to_remove_from() -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, "No policy is associated with the given resource.")
}

pub(crate) fn no_such_statement(sid: &str) -> ApiError {
    ApiError::new(RESOURCE_NOT_FOUND, format!("Statement {sid} is not found in resource policy."))
}
