//! The codes and texts of this service.

use model::{ApiError, Code, CodeInfo, code};
use policy::Fault;
use store::records::RecordError;

const fn code(name: &'static str, query: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("com.amazonaws.iam.v2010_05_08", name, 400).in_query(query, status)
}

/// What is named is not there.
pub const NO_SUCH_ENTITY: Code = Code::of(&code("NoSuchEntityException", "NoSuchEntity", 404));
/// The name is taken.
pub const ENTITY_ALREADY_EXISTS: Code =
    Code::of(&code("EntityAlreadyExistsException", "EntityAlreadyExists", 409));
/// It is in use.
pub const DELETE_CONFLICT: Code = Code::of(&code("DeleteConflictException", "DeleteConflict", 409));
/// A quota is used up.
pub const LIMIT_EXCEEDED: Code = Code::of(&code("LimitExceededException", "LimitExceeded", 409));
/// A document is no policy.
pub const MALFORMED_POLICY: Code =
    Code::of(&code("MalformedPolicyDocumentException", "MalformedPolicyDocument", 400));
/// An input that the service does not take.
pub const INVALID_INPUT: Code = Code::of(&code("InvalidInputException", "InvalidInput", 400));
/// A role of a service.
pub const UNMODIFIABLE_ENTITY: Code =
    Code::of(&code("UnmodifiableEntityException", "UnmodifiableEntity", 400));
/// Something broke on this side.
pub const SERVICE_FAILURE: Code = Code::of(
    &CodeInfo::new("com.amazonaws.iam.v2010_05_08", "ServiceFailureException", 500)
        .in_query("ServiceFailure", 500),
);

/// Nothing of a kind has the name.
pub fn not_found(kind: &str, name: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The {kind} with name {name} cannot be found."))
}

/// No such access key.
pub fn no_key(id: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("The Access Key with id {id} cannot be found."))
}

/// No such managed policy.
pub fn no_policy(arn: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} was not found."))
}

/// A policy that cannot be attached.
pub fn not_attachable(arn: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} does not exist or is not attachable."))
}

/// A policy that is not attached.
pub fn not_attached(arn: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Policy {arn} was not found."))
}

/// No such version of a policy.
pub fn no_version(arn: &str, version: &str) -> ApiError {
    let text = format!("Policy {arn} version {version} does not exist or is not attachable.");
    ApiError::new(NO_SUCH_ENTITY, text)
}

/// No such identity provider.
pub fn no_provider(arn: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("OpenIDConnect Provider not found for arn {arn}"))
}

/// The name of a user, a group or a role is taken.
pub fn exists(kind: &str, name: &str) -> ApiError {
    ApiError::new(ENTITY_ALREADY_EXISTS, format!("{kind} with name {name} already exists."))
}

/// The name of a policy is taken.
pub fn policy_exists(name: &str) -> ApiError {
    let text = format!("A policy called {name} already exists. Duplicate names are not allowed.");
    ApiError::new(ENTITY_ALREADY_EXISTS, text)
}

/// What must be done before something can be deleted, such as `detach all policies`.
pub fn delete_conflict(first: &str) -> ApiError {
    ApiError::new(DELETE_CONFLICT, format!("Cannot delete entity, must {first} first."))
}

/// A quota by its name.
pub fn quota(name: &str, limit: usize) -> ApiError {
    ApiError::new(LIMIT_EXCEEDED, format!("Cannot exceed quota for {name}: {limit}"))
}

/// A document that is no policy.
pub fn malformed(fault: &Fault) -> ApiError {
    ApiError::new(MALFORMED_POLICY, fault.to_string())
}

/// An input that is not taken.
pub fn invalid_input(text: impl Into<String>) -> ApiError {
    ApiError::new(INVALID_INPUT, text.into())
}

/// An ARN that is none.
pub fn invalid_arn() -> ApiError {
    ApiError::new(code::VALIDATION, "Invalid ARN:  Could not be parsed!")
}

/// An operation that needs a name, called by nobody who has one.
pub fn no_user_name() -> ApiError {
    ApiError::new(code::VALIDATION, "Must specify userName when calling with non-User credentials")
}

/// A role that only its service changes.
pub fn protected_role(name: &str) -> ApiError {
    let text = format!(
        "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    );
    ApiError::new(UNMODIFIABLE_ENTITY, text)
}

/// The store failed.
pub fn store_error(_: &RecordError) -> ApiError {
    ApiError::silent(SERVICE_FAILURE)
}

/// A policy that is attached or a boundary.
pub fn attached() -> ApiError {
    ApiError::new(DELETE_CONFLICT, "Cannot delete a policy attached to entities.")
}

/// A policy with more versions than the default one.
pub fn has_versions() -> ApiError {
    let text = "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                versions. The default version is deleted with the policy.";
    ApiError::new(DELETE_CONFLICT, text)
}

/// The default version goes with its policy only.
pub fn default_version() -> ApiError {
    ApiError::new(DELETE_CONFLICT, "Cannot delete the default version of a policy.")
}

/// As many versions as there can be.
pub fn too_many_versions(limit: usize) -> ApiError {
    let text = format!(
        "A managed policy can have up to {limit} versions. Before you create a new version, you must delete an \
         existing version."
    );
    ApiError::new(LIMIT_EXCEEDED, text)
}

/// Inline policies that are too long together.
pub fn inline_size(limit: usize, kind: &str, name: &str) -> ApiError {
    let text = format!("Maximum policy size of {limit} bytes exceeded for {kind} {name}");
    ApiError::new(LIMIT_EXCEEDED, text)
}

/// What is no URL of an identity provider.
pub fn invalid_url() -> ApiError {
    ApiError::new(code::VALIDATION, "Invalid Open ID Connect Provider URL")
}

/// The provider is there.
pub fn provider_exists(url: &str) -> ApiError {
    ApiError::new(ENTITY_ALREADY_EXISTS, format!("Provider with url {url} already exists."))
}

/// A service that has no role here.
pub fn unknown_service(service: &str) -> ApiError {
    invalid_input(format!("Service {service} is not valid or has no service-linked role."))
}

/// A suffix, which these services do not take.
pub fn no_suffix(service: &str) -> ApiError {
    invalid_input(format!("Custom suffix is not allowed for {service}"))
}

/// The role of a service is there.
pub fn linked_role_exists(name: &str) -> ApiError {
    invalid_input(format!(
        "Service role name {name} has been taken in this account, please try a different suffix."
    ))
}

/// A role that belongs to no service.
pub fn not_linked(name: &str) -> ApiError {
    invalid_input(format!("The role with name {name} is not a service-linked role."))
}

/// No password.
pub fn not_found_login(user: &str) -> ApiError {
    ApiError::new(NO_SUCH_ENTITY, format!("Login Profile for User {user} cannot be found."))
}

/// A document of a simulation that is no policy.
pub fn evaluation(fault: &Fault) -> ApiError {
    ApiError::new(INVALID_INPUT, fault.to_string())
}
