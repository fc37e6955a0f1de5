//! The codes and texts of this service.

use crate::alias;
use engine::Scope;
use model::{ApiError, Code, CodeInfo};
use store::StoreError;
use store::records::RecordError;

const fn described(name: &'static str, status: u16) -> CodeInfo {
    CodeInfo::new("", name, status)
}

/// No such key, alias or grant.
pub const NOT_FOUND: Code = Code::of(&described("NotFoundException", 400));
/// A disabled key.
pub const DISABLED: Code = Code::of(&described("DisabledException", 400));
/// A key in a state that forbids it.
pub const INVALID_STATE: Code = Code::of(&described("KMSInvalidStateException", 400));
/// A ciphertext that does not open.
pub const INVALID_CIPHERTEXT: Code = Code::of(&described("InvalidCiphertextException", 400));
/// A ciphertext of another key than named.
pub const INCORRECT_KEY: Code = Code::of(&described("IncorrectKeyException", 400));
/// A name that is taken.
pub const ALREADY_EXISTS: Code = Code::of(&described("AlreadyExistsException", 400));
/// An ARN of no principal.
pub const INVALID_ARN: Code = Code::of(&described("InvalidArnException", 400));
/// A token of no grant.
pub const INVALID_GRANT_TOKEN: Code = Code::of(&described("InvalidGrantTokenException", 400));
/// A marker of no page.
pub const INVALID_MARKER: Code = Code::of(&described("InvalidMarkerException", 400));
/// A quota.
pub const LIMIT_EXCEEDED: Code = Code::of(&described("LimitExceededException", 400));
/// A policy that is none.
pub const MALFORMED_POLICY: Code = Code::of(&described("MalformedPolicyDocumentException", 400));
/// Something an account may not do.
pub const NOT_AUTHORIZED: Code = Code::of(&described("NotAuthorizedException", 400));
/// Tags that are not taken.
pub const TAG: Code = Code::of(&described("TagException", 400));
/// What this server does not have.
pub const UNSUPPORTED: Code = Code::of(&described("UnsupportedOperationException", 400));
/// A use that the key is not for.
pub const INVALID_KEY_USAGE: Code = Code::of(&described("InvalidKeyUsageException", 400));
/// A call that was only to be tried.
pub const DRY_RUN: Code = Code::of(&described("DryRunOperationException", 400));
/// No permission, or no such key: which of them is not told.
pub const ACCESS_DENIED: Code = Code::of(&described("AccessDeniedException", 400));
/// The store does not answer.
pub const DEPENDENCY_TIMEOUT: Code = Code::of(&described("DependencyTimeoutException", 500));
/// Something broke on this side; the server's log says what.
pub const KMS_INTERNAL: Code = Code::of(&described("KMSInternalException", 500));

/// A text that names no key in any form.
pub fn invalid_key_id(text: &str) -> ApiError {
    ApiError::new(NOT_FOUND, format!("Invalid keyId '{text}'"))
}

/// No key of this ARN.
pub fn no_key(arn: &str) -> ApiError {
    ApiError::new(NOT_FOUND, format!("Key '{arn}' does not exist"))
}

/// A key of another region.
pub fn other_region(region: &str) -> ApiError {
    ApiError::new(NOT_FOUND, format!("Invalid arn {region}"))
}

/// No alias of this ARN.
pub fn no_alias(arn: &str) -> ApiError {
    ApiError::new(NOT_FOUND, format!("Alias {arn} is not found."))
}

/// No grant of this id.
pub fn no_grant(id: &str) -> ApiError {
    ApiError::new(NOT_FOUND, format!("Grant ID {id} not found"))
}

/// No policy but the one.
pub fn no_policy() -> ApiError {
    ApiError::new(NOT_FOUND, "No such policy exists")
}

/// A token that names no grant.
pub fn invalid_grant_token() -> ApiError {
    ApiError::new(INVALID_GRANT_TOKEN, "Invalid grant token")
}

/// A grantee that is no principal.
pub fn invalid_principal(text: &str) -> ApiError {
    ApiError::new(INVALID_ARN, format!("ARN does not refer to a valid principal: {text}"))
}

/// Neither a token nor a grant of a key.
pub fn no_grant_named() -> ApiError {
    ApiError::validation("Must specify either GrantToken or both KeyId and GrantId.")
}

/// A key that a service of this server manages: nobody else changes it.
pub fn managed(arn: &str) -> ApiError {
    ApiError::new(
        ACCESS_DENIED,
        format!("{arn} is managed by an AWS service and cannot be changed by its account."),
    )
}

/// A key that is disabled.
pub fn disabled(arn: &str) -> ApiError {
    ApiError::new(DISABLED, format!("{arn} is disabled."))
}

/// A key that is about to be deleted.
pub fn pending_deletion(arn: &str) -> ApiError {
    ApiError::new(INVALID_STATE, format!("{arn} is pending deletion."))
}

/// A deletion that cannot be cancelled, since none is waited for.
pub fn not_pending_deletion(arn: &str) -> ApiError {
    ApiError::new(INVALID_STATE, format!("{arn} is not pending deletion."))
}

/// A ciphertext that is garbage, or has another context.
pub fn invalid_ciphertext() -> ApiError {
    ApiError::silent(INVALID_CIPHERTEXT)
}

/// A ciphertext whose key the caller cannot see.
pub fn ciphertext_of_nobody() -> ApiError {
    ApiError::new(
        ACCESS_DENIED,
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you \
         are not allowed to access.",
    )
}

/// A ciphertext of another key than named.
pub fn incorrect_key() -> ApiError {
    ApiError::new(
        INCORRECT_KEY,
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
}

/// A context above its limit.
pub fn context_too_long() -> ApiError {
    ApiError::validation("The encryption context is longer than 8192 bytes.")
}

/// An alias without its beginning.
pub fn alias_without_prefix() -> ApiError {
    ApiError::validation(
        "Alias must start with the prefix \"alias/\". Please see \
         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
    )
}

/// An alias of AWS's own.
pub fn reserved_alias() -> ApiError {
    ApiError::silent(NOT_AUTHORIZED)
}

/// An alias with characters that none has.
pub fn bad_alias(name: &str) -> ApiError {
    ApiError::validation(format!("{name} contains invalid characters for an alias"))
}

/// An alias of an alias.
pub fn alias_of_alias() -> ApiError {
    ApiError::validation("Aliases must refer to keys. Not aliases")
}

/// An alias that is there.
pub fn alias_exists(scope: &Scope, name: &str) -> ApiError {
    ApiError::new(
        ALREADY_EXISTS,
        format!("An alias with the name {} already exists", alias::arn(scope, name)),
    )
}

/// A policy that cannot be read.
pub fn malformed_policy(why: &impl ToString) -> ApiError {
    ApiError::new(MALFORMED_POLICY, why.to_string())
}

/// A policy that nobody could change again.
pub fn lockout() -> ApiError {
    ApiError::new(
        MALFORMED_POLICY,
        "The new key policy will not allow you to update the key policy in the future.",
    )
}

/// Tags that are not taken.
pub fn tag(text: &'static str) -> ApiError {
    ApiError::new(TAG, text)
}

/// What this server does not have.
pub fn unsupported(what: impl Into<String>) -> ApiError {
    ApiError::new(UNSUPPORTED, what.into())
}

/// An algorithm that the key does not have.
pub fn invalid_usage(arn: &str, algorithm: &str) -> ApiError {
    let text = format!(
        "{arn} key usage is ENCRYPT_DECRYPT with SYMMETRIC_DEFAULT, which is not valid for {algorithm}."
    );
    ApiError::new(INVALID_KEY_USAGE, text)
}

/// A usage that no key of this kind has.
pub fn incompatible_usage(usage: &str, spec: &str) -> ApiError {
    ApiError::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}"))
}

/// Too many rotations.
pub fn rotation_limit(arn: &str) -> ApiError {
    ApiError::new(
        LIMIT_EXCEEDED,
        format!(
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be \
             performed for this key: {arn}"
        ),
    )
}

/// A marker of no page.
pub fn invalid_marker() -> ApiError {
    ApiError::silent(INVALID_MARKER)
}

/// A call that would have been served.
pub fn dry_run() -> ApiError {
    ApiError::new(DRY_RUN, "The request would have succeeded, but the DryRun option is set.")
}

/// Material that does not open: the root key was checked at the start, so the store is damaged.
pub fn damaged_material(arn: &str) -> ApiError {
    ApiError::new(KMS_INTERNAL, format!("the material of {arn} is damaged"))
}

/// What a failure of the store answers. The server's log has the details.
pub fn record_error(error: RecordError) -> ApiError {
    match error {
        RecordError::Store(StoreError::Unavailable(why)) => ApiError::new(DEPENDENCY_TIMEOUT, why),
        RecordError::Store(StoreError::Full(_)) => {
            ApiError::new(DEPENDENCY_TIMEOUT, "the disk that holds the data is full")
        }
        error => {
            tracing::error!("KMS: {error}");
            ApiError::new(KMS_INTERNAL, "Internal server error")
        }
    }
}
