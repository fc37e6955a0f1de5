//! Members that would change what the server does and are not built: refused rather than ignored.

use crate::errors;
use model::ApiError;

/// Refuses the first of these members that is given.
pub fn check(members: &[(&str, bool)]) -> Result<(), ApiError> {
    match members.iter().find(|(_, given)| *given) {
        Some((member, _)) => Err(errors::not_built(member)),
        None => Ok(()),
    }
}
