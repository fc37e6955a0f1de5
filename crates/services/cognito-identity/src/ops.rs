//! The table of operations: every operation of the service once, built or planned.

mod create_identity_pool;
mod delete_identities;
mod delete_identity_pool;
mod describe_identity;
mod describe_identity_pool;
mod get_credentials_for_identity;
mod get_id;
mod get_identity_pool_roles;
mod get_open_id_token;
mod get_open_id_token_for_developer_identity;
mod list_identities;
mod list_identity_pools;
mod lookup_developer_identity;
mod set_identity_pool_roles;
mod update_identity_pool;

use crate::service::CognitoIdentity;
use model::cognito_identity::{
    CreateIdentityPool, DeleteIdentities, DeleteIdentityPool, DescribeIdentity, DescribeIdentityPool,
    GetCredentialsForIdentity, GetId, GetIdentityPoolRoles, GetOpenIdToken,
    GetOpenIdTokenForDeveloperIdentity, ListIdentities, ListIdentityPools, LookupDeveloperIdentity,
    SetIdentityPoolRoles, UpdateIdentityPool,
};
use pipeline::{Entry, document_entry, planned};

/// Cognito Identity's operations.
pub static OPERATIONS: [Entry<CognitoIdentity>; 23] = [
    document_entry::<_, CreateIdentityPool>(),
    document_entry::<_, DescribeIdentityPool>(),
    document_entry::<_, UpdateIdentityPool>(),
    document_entry::<_, DeleteIdentityPool>(),
    document_entry::<_, ListIdentityPools>(),
    document_entry::<_, SetIdentityPoolRoles>(),
    document_entry::<_, GetIdentityPoolRoles>(),
    document_entry::<_, GetId>(),
    document_entry::<_, GetOpenIdTokenForDeveloperIdentity>(),
    document_entry::<_, GetOpenIdToken>(),
    document_entry::<_, GetCredentialsForIdentity>(),
    document_entry::<_, DescribeIdentity>(),
    document_entry::<_, ListIdentities>(),
    document_entry::<_, DeleteIdentities>(),
    document_entry::<_, LookupDeveloperIdentity>(),
    planned("GetPrincipalTagAttributeMap"),
    planned("ListTagsForResource"),
    planned("MergeDeveloperIdentities"),
    planned("SetPrincipalTagAttributeMap"),
    planned("TagResource"),
    planned("UnlinkDeveloperIdentity"),
    planned("UnlinkIdentity"),
    planned("UntagResource"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::cognito_identity::OPERATIONS);
    }
}
