//! The document of a policy of a table or a stream, as PutResourcePolicy and CreateTable take it.

use crate::errors::resource_policies::{POLICY_BYTES_MAX, invalid_actions, invalid_policy, policy_too_long};
use model::ApiError;
use policy::{Fault, Kind, Policy, canonical};

/// The document as it is kept. Order of refusals: the size, the document, actions of other services.
pub fn document(text: &str) -> Result<String, ApiError> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(policy_too_long());
    }
    let policy = Policy::parse(text, Kind::Resource).map_err(|fault| invalid_policy(&fault))?;
    let foreign: Vec<&str> = policy.actions().filter(|action| !is_of_tables(action)).collect();
    if !foreign.is_empty() {
        return Err(invalid_actions(&foreign));
    }
    canonical(text).ok_or_else(|| invalid_policy(&Fault::InvalidJson))
}

/// Whether an action is about tables or streams: of DynamoDB, or all.
fn is_of_tables(action: &str) -> bool {
    action == "*" || action.get(..9).is_some_and(|vendor| vendor.eq_ignore_ascii_case("dynamodb:"))
}
