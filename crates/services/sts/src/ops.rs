//! The table of operations: every operation of the service once, built or planned.

mod assume_role;
mod assume_role_with_web_identity;
mod decode_authorization_message;
mod get_access_key_info;
mod get_caller_identity;
mod get_federation_token;
mod get_session_token;

use crate::service::Sts;
use model::sts::{
    AssumeRole, AssumeRoleWithWebIdentity, DecodeAuthorizationMessage, GetAccessKeyInfo, GetCallerIdentity,
    GetFederationToken, GetSessionToken,
};
use pipeline::{Entry, document_entry, planned};

/// STS's operations.
pub static OPERATIONS: [Entry<Sts>; 11] = [
    document_entry::<_, GetCallerIdentity>(),
    document_entry::<_, GetAccessKeyInfo>(),
    document_entry::<_, GetSessionToken>(),
    document_entry::<_, GetFederationToken>(),
    document_entry::<_, AssumeRole>(),
    document_entry::<_, AssumeRoleWithWebIdentity>(),
    document_entry::<_, DecodeAuthorizationMessage>(),
    planned("AssumeRoleWithSAML"),
    planned("AssumeRoot"),
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
