//! Texts about the policies of tables and streams.

use crate::errors::codes;
use model::ApiError;
use policy::Fault;

/// The most bytes of a policy, white space included.
pub const POLICY_BYTES_MAX: usize = 20_480;

/// A resource without a policy.
pub fn no_policy(arn: &str) -> ApiError {
    let text = format!("Resource-based policy not found for the provided ResourceArn: {arn}");
    ApiError::new(codes::POLICY_NOT_FOUND, text)
}

/// Another revision than is expected.
pub fn other_revision(expected: &str, current: Option<u64>, table: &str) -> ApiError {
    let of_table = match current {
        Some(revision) => {
            format!("but the policy associated to target table {table} has revision id {revision}.")
        }
        None => format!("but table {table} has no associated policy."),
    };
    let text = format!(
        "Resource-based policy not found for the provided ResourceArn: Requested update for policy with revision id \
         {expected}, {of_table}"
    );
    ApiError::new(codes::POLICY_NOT_FOUND, text)
}

/// A policy that forbids its author to change it.
pub fn own_lockout() -> ApiError {
    ApiError::validation(
        "The policy would remove your permission to change it in the future. Set ConfirmRemoveSelfResourceAccess to \
         true to confirm that.",
    )
}

/// A policy that is too long.
pub fn policy_too_long() -> ApiError {
    ApiError::validation(format!("Maximum policy size of {POLICY_BYTES_MAX} bytes exceeded"))
}

/// A document that is no policy.
pub fn invalid_policy(fault: &Fault) -> ApiError {
    let why = match fault {
        Fault::NoStatement => "Could not parse the policy: Statement is empty!".to_owned(),
        Fault::NoResources => "Missing required field Resource".to_owned(),
        Fault::NoActions => "Missing required field Action".to_owned(),
        Fault::SameSid => "The Statement Ids in the policy are not unique".to_owned(),
        Fault::Principal { .. } => {
            return ApiError::validation("Invalid policy document: Invalid principal in policy document.");
        }
        fault => fault.to_string(),
    };
    ApiError::validation(format!("Invalid policy document: {why}"))
}

/// Actions that no policy of a table can be about.
pub fn invalid_actions(actions: &[&str]) -> ApiError {
    let names = actions.join(", ");
    ApiError::validation(format!("Invalid policy document: The following action names are invalid: {names}"))
}
