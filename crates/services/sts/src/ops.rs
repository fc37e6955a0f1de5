//! The table of operations: every operation of the service once, built or planned.

mod get_caller_identity;

use crate::service::Sts;
use model::sts::GetCallerIdentity;
use pipeline::{Entry, document_entry, planned};

/// STS's operations.
pub static OPERATIONS: [Entry<Sts>; 11] = [
    document_entry::<_, GetCallerIdentity>(),
    planned("GetAccessKeyInfo"),
    planned("GetSessionToken"),
    planned("GetFederationToken"),
    planned("AssumeRole"),
    planned("AssumeRoleWithWebIdentity"),
    planned("AssumeRoleWithSAML"),
    planned("AssumeRoot"),
    planned("DecodeAuthorizationMessage"),
    planned("GetDelegatedAccessToken"),
    planned("GetWebIdentityToken"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::sts::OPERATIONS);
    }
}
