//! The table of operations: every operation of the service once, built or planned.

mod user {
    mod create_user;
    mod delete_user;
    mod get_login_profile;
    mod get_user;
    mod list_mfa_devices;
    mod list_signing_certificates;
    mod list_ssh_public_keys;
    mod list_user_tags;
    mod list_users;
    mod tag_user;
    mod untag_user;
    mod update_user;
}
mod role {
    mod create_role;
    mod delete_role;
    mod get_role;
    mod list_instance_profiles_for_role;
    mod list_role_tags;
    mod list_roles;
    mod tag_role;
    mod untag_role;
    mod update_assume_role_policy;
    mod update_role;
    mod update_role_description;
}
mod key {
    mod create_access_key;
    mod delete_access_key;
    mod get_access_key_last_used;
    mod list_access_keys;
    mod update_access_key;
}
mod group {
    mod add_user_to_group;
    mod create_group;
    mod delete_group;
    mod get_group;
    mod list_groups;
    mod list_groups_for_user;
    mod remove_user_from_group;
    mod update_group;
}
mod policy {
    mod create_policy;
    mod create_policy_version;
    mod delete_policy;
    mod delete_policy_version;
    mod get_policy;
    mod get_policy_version;
    mod list_entities_for_policy;
    mod list_policies;
    mod list_policy_tags;
    mod list_policy_versions;
    mod set_default_policy_version;
    mod tag_policy;
    mod untag_policy;
}
mod attached {
    mod attach_group_policy;
    mod attach_role_policy;
    mod attach_user_policy;
    mod detach_group_policy;
    mod detach_role_policy;
    mod detach_user_policy;
    mod list_attached_group_policies;
    mod list_attached_role_policies;
    mod list_attached_user_policies;
}
mod inline {
    mod delete_group_policy;
    mod delete_role_policy;
    mod delete_user_policy;
    mod get_group_policy;
    mod get_role_policy;
    mod get_user_policy;
    mod list_group_policies;
    mod list_role_policies;
    mod list_user_policies;
    mod put_group_policy;
    mod put_role_policy;
    mod put_user_policy;
}
mod boundary {
    mod delete_role_permissions_boundary;
    mod delete_user_permissions_boundary;
    mod put_role_permissions_boundary;
    mod put_user_permissions_boundary;
}
mod provider {
    mod add_client_id_to_open_id_connect_provider;
    mod create_open_id_connect_provider;
    mod delete_open_id_connect_provider;
    mod get_open_id_connect_provider;
    mod list_open_id_connect_providers;
    mod remove_client_id_from_open_id_connect_provider;
    mod update_open_id_connect_provider_thumbprint;
}
mod linked {
    mod create_service_linked_role;
    mod delete_service_linked_role;
    mod get_service_linked_role_deletion_status;
}
mod account {
    mod get_account_summary;
}
mod simulation {
    mod get_context_keys_for_custom_policy;
    mod get_context_keys_for_principal_policy;
    mod simulate_custom_policy;
    mod simulate_principal_policy;
}

use crate::service::Iam;
use model::iam::{
    AddClientIDToOpenIDConnectProvider, AddUserToGroup, AttachGroupPolicy, AttachRolePolicy,
    AttachUserPolicy, CreateAccessKey, CreateGroup, CreateOpenIDConnectProvider, CreatePolicy,
    CreatePolicyVersion, CreateRole, CreateServiceLinkedRole, CreateUser, DeleteAccessKey, DeleteGroup,
    DeleteGroupPolicy, DeleteOpenIDConnectProvider, DeletePolicy, DeletePolicyVersion, DeleteRole,
    DeleteRolePermissionsBoundary, DeleteRolePolicy, DeleteServiceLinkedRole, DeleteUser,
    DeleteUserPermissionsBoundary, DeleteUserPolicy, DetachGroupPolicy, DetachRolePolicy, DetachUserPolicy,
    GetAccessKeyLastUsed, GetAccountSummary, GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy,
    GetGroup, GetGroupPolicy, GetLoginProfile, GetOpenIDConnectProvider, GetPolicy, GetPolicyVersion,
    GetRole, GetRolePolicy, GetServiceLinkedRoleDeletionStatus, GetUser, GetUserPolicy, ListAccessKeys,
    ListAttachedGroupPolicies, ListAttachedRolePolicies, ListAttachedUserPolicies, ListEntitiesForPolicy,
    ListGroupPolicies, ListGroups, ListGroupsForUser, ListInstanceProfilesForRole, ListMFADevices,
    ListOpenIDConnectProviders, ListPolicies, ListPolicyTags, ListPolicyVersions, ListRolePolicies,
    ListRoleTags, ListRoles, ListSSHPublicKeys, ListSigningCertificates, ListUserPolicies, ListUserTags,
    ListUsers, PutGroupPolicy, PutRolePermissionsBoundary, PutRolePolicy, PutUserPermissionsBoundary,
    PutUserPolicy, RemoveClientIDFromOpenIDConnectProvider, RemoveUserFromGroup, SetDefaultPolicyVersion,
    SimulateCustomPolicy, SimulatePrincipalPolicy, TagPolicy, TagRole, TagUser, UntagPolicy, UntagRole,
    UntagUser, UpdateAccessKey, UpdateAssumeRolePolicy, UpdateGroup, UpdateOpenIDConnectProviderThumbprint,
    UpdateRole, UpdateRoleDescription, UpdateUser,
};
use pipeline::{Entry, document_entry, planned};

/// IAM's operations.
pub static OPERATIONS: [Entry<Iam>; 181] = [
    // Users
    document_entry::<_, CreateUser>(),
    document_entry::<_, GetUser>(),
    document_entry::<_, UpdateUser>(),
    document_entry::<_, DeleteUser>(),
    document_entry::<_, ListUsers>(),
    document_entry::<_, TagUser>(),
    document_entry::<_, UntagUser>(),
    document_entry::<_, ListUserTags>(),
    document_entry::<_, ListSSHPublicKeys>(),
    document_entry::<_, ListMFADevices>(),
    document_entry::<_, ListSigningCertificates>(),
    document_entry::<_, GetLoginProfile>(),
    // Roles
    document_entry::<_, TagRole>(),
    document_entry::<_, UntagRole>(),
    document_entry::<_, ListRoleTags>(),
    document_entry::<_, CreateRole>(),
    document_entry::<_, GetRole>(),
    document_entry::<_, UpdateRole>(),
    document_entry::<_, UpdateRoleDescription>(),
    document_entry::<_, DeleteRole>(),
    document_entry::<_, ListRoles>(),
    document_entry::<_, UpdateAssumeRolePolicy>(),
    document_entry::<_, ListInstanceProfilesForRole>(),
    // Access keys
    document_entry::<_, CreateAccessKey>(),
    document_entry::<_, ListAccessKeys>(),
    document_entry::<_, UpdateAccessKey>(),
    document_entry::<_, DeleteAccessKey>(),
    document_entry::<_, GetAccessKeyLastUsed>(),
    // Groups
    document_entry::<_, CreateGroup>(),
    document_entry::<_, GetGroup>(),
    document_entry::<_, UpdateGroup>(),
    document_entry::<_, DeleteGroup>(),
    document_entry::<_, ListGroups>(),
    document_entry::<_, AddUserToGroup>(),
    document_entry::<_, RemoveUserFromGroup>(),
    document_entry::<_, ListGroupsForUser>(),
    // Managed policies
    document_entry::<_, CreatePolicy>(),
    document_entry::<_, GetPolicy>(),
    document_entry::<_, DeletePolicy>(),
    document_entry::<_, ListPolicies>(),
    document_entry::<_, CreatePolicyVersion>(),
    document_entry::<_, GetPolicyVersion>(),
    document_entry::<_, DeletePolicyVersion>(),
    document_entry::<_, ListPolicyVersions>(),
    document_entry::<_, SetDefaultPolicyVersion>(),
    document_entry::<_, TagPolicy>(),
    document_entry::<_, UntagPolicy>(),
    document_entry::<_, ListPolicyTags>(),
    document_entry::<_, ListEntitiesForPolicy>(),
    // Attached policies
    document_entry::<_, AttachUserPolicy>(),
    document_entry::<_, DetachUserPolicy>(),
    document_entry::<_, ListAttachedUserPolicies>(),
    document_entry::<_, AttachGroupPolicy>(),
    document_entry::<_, DetachGroupPolicy>(),
    document_entry::<_, ListAttachedGroupPolicies>(),
    document_entry::<_, AttachRolePolicy>(),
    document_entry::<_, DetachRolePolicy>(),
    document_entry::<_, ListAttachedRolePolicies>(),
    // Inline policies
    document_entry::<_, PutUserPolicy>(),
    document_entry::<_, GetUserPolicy>(),
    document_entry::<_, DeleteUserPolicy>(),
    document_entry::<_, ListUserPolicies>(),
    document_entry::<_, PutGroupPolicy>(),
    document_entry::<_, GetGroupPolicy>(),
    document_entry::<_, DeleteGroupPolicy>(),
    document_entry::<_, ListGroupPolicies>(),
    document_entry::<_, PutRolePolicy>(),
    document_entry::<_, GetRolePolicy>(),
    document_entry::<_, DeleteRolePolicy>(),
    document_entry::<_, ListRolePolicies>(),
    // Permissions boundaries
    document_entry::<_, PutUserPermissionsBoundary>(),
    document_entry::<_, DeleteUserPermissionsBoundary>(),
    document_entry::<_, PutRolePermissionsBoundary>(),
    document_entry::<_, DeleteRolePermissionsBoundary>(),
    // Identity providers
    document_entry::<_, CreateOpenIDConnectProvider>(),
    document_entry::<_, GetOpenIDConnectProvider>(),
    document_entry::<_, ListOpenIDConnectProviders>(),
    document_entry::<_, DeleteOpenIDConnectProvider>(),
    document_entry::<_, AddClientIDToOpenIDConnectProvider>(),
    document_entry::<_, RemoveClientIDFromOpenIDConnectProvider>(),
    document_entry::<_, UpdateOpenIDConnectProviderThumbprint>(),
    // Roles of services
    document_entry::<_, CreateServiceLinkedRole>(),
    document_entry::<_, DeleteServiceLinkedRole>(),
    document_entry::<_, GetServiceLinkedRoleDeletionStatus>(),
    // The account
    document_entry::<_, GetAccountSummary>(),
    // Simulation
    document_entry::<_, SimulateCustomPolicy>(),
    document_entry::<_, SimulatePrincipalPolicy>(),
    document_entry::<_, GetContextKeysForCustomPolicy>(),
    document_entry::<_, GetContextKeysForPrincipalPolicy>(),
    // Not built
    planned("AcceptDelegationRequest"),
    planned("AcquireRole"),
    planned("AddRoleToInstanceProfile"),
    planned("AssociateDelegationRequest"),
    planned("ChangePassword"),
    planned("CreateAccountAlias"),
    planned("CreateDelegationRequest"),
    planned("CreateInstanceProfile"),
    planned("CreateLoginProfile"),
    planned("CreateSAMLProvider"),
    planned("CreateServiceSpecificCredential"),
    planned("CreateVirtualMFADevice"),
    planned("DeactivateMFADevice"),
    planned("DeleteAccountAlias"),
    planned("DeleteAccountPasswordPolicy"),
    planned("DeleteInstanceProfile"),
    planned("DeleteLoginProfile"),
    planned("DeleteSAMLProvider"),
    planned("DeleteSSHPublicKey"),
    planned("DeleteServerCertificate"),
    planned("DeleteServiceSpecificCredential"),
    planned("DeleteSigningCertificate"),
    planned("DeleteVirtualMFADevice"),
    planned("DisableOrganizationsRootCredentialsManagement"),
    planned("DisableOrganizationsRootSessions"),
    planned("DisableOutboundWebIdentityFederation"),
    planned("EnableMFADevice"),
    planned("EnableOrganizationsRootCredentialsManagement"),
    planned("EnableOrganizationsRootSessions"),
    planned("EnableOutboundWebIdentityFederation"),
    planned("GenerateCredentialReport"),
    planned("GenerateOrganizationsAccessReport"),
    planned("GenerateServiceLastAccessedDetails"),
    planned("GetAccountAuthorizationDetails"),
    planned("GetAccountPasswordPolicy"),
    planned("GetAccountProperties"),
    planned("GetCredentialReport"),
    planned("GetDelegationRequest"),
    planned("GetHumanReadableSummary"),
    planned("GetInstanceProfile"),
    planned("GetMFADevice"),
    planned("GetOrganizationsAccessReport"),
    planned("GetOutboundWebIdentityFederationInfo"),
    planned("GetRoleTemplateVersion"),
    planned("GetSAMLProvider"),
    planned("GetSSHPublicKey"),
    planned("GetServerCertificate"),
    planned("GetServiceLastAccessedDetails"),
    planned("GetServiceLastAccessedDetailsWithEntities"),
    planned("ListAccountAliases"),
    planned("ListDelegationRequests"),
    planned("ListInstanceProfileTags"),
    planned("ListInstanceProfiles"),
    planned("ListMFADeviceTags"),
    planned("ListOpenIDConnectProviderTags"),
    planned("ListOrganizationsFeatures"),
    planned("ListPoliciesGrantingServiceAccess"),
    planned("ListSAMLProviderTags"),
    planned("ListSAMLProviders"),
    planned("ListServerCertificateTags"),
    planned("ListServerCertificates"),
    planned("ListServiceSpecificCredentials"),
    planned("ListVirtualMFADevices"),
    planned("PutAccountProperties"),
    planned("RejectDelegationRequest"),
    planned("RemoveRoleFromInstanceProfile"),
    planned("ResetServiceSpecificCredential"),
    planned("ResyncMFADevice"),
    planned("SendDelegationToken"),
    planned("SetSecurityTokenServicePreferences"),
    planned("TagInstanceProfile"),
    planned("TagMFADevice"),
    planned("TagOpenIDConnectProvider"),
    planned("TagSAMLProvider"),
    planned("TagServerCertificate"),
    planned("UntagInstanceProfile"),
    planned("UntagMFADevice"),
    planned("UntagOpenIDConnectProvider"),
    planned("UntagSAMLProvider"),
    planned("UntagServerCertificate"),
    planned("UpdateAccountPasswordPolicy"),
    planned("UpdateDelegationRequest"),
    planned("UpdateLoginProfile"),
    planned("UpdateOpenIDConnectProvider"),
    planned("UpdateSAMLProvider"),
    planned("UpdateSSHPublicKey"),
    planned("UpdateServerCertificate"),
    planned("UpdateServiceSpecificCredential"),
    planned("UpdateSigningCertificate"),
    planned("UploadSSHPublicKey"),
    planned("UploadServerCertificate"),
    planned("UploadSigningCertificate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::iam::OPERATIONS);
    }
}
