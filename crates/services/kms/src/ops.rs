//! The table of operations: every operation of the service once, built or planned.

mod algorithm;
mod blob_length;
mod cancel_key_deletion;
mod create_alias;
mod create_grant;
mod create_key;
mod data_key;
mod decrypt;
mod delete_alias;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encrypt;
mod generate_data_key;
mod generate_data_key_without_plaintext;
mod generate_random;
mod get_key_policy;
mod get_key_rotation_status;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod metadata;
mod put_key_policy;
mod re_encrypt;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod tag_resource;
mod tags;
mod untag_resource;
mod update_alias;
mod update_key_description;

use crate::service::Kms;
use model::kms::*;
use pipeline::{Entry, document_entry, planned};

/// KMS's operations.
pub static OPERATIONS: [Entry<Kms>; 56] = [
    document_entry::<_, CreateKey>(),
    document_entry::<_, DescribeKey>(),
    document_entry::<_, ListKeys>(),
    document_entry::<_, UpdateKeyDescription>(),
    document_entry::<_, EnableKey>(),
    document_entry::<_, DisableKey>(),
    document_entry::<_, ScheduleKeyDeletion>(),
    document_entry::<_, CancelKeyDeletion>(),
    document_entry::<_, CreateAlias>(),
    document_entry::<_, UpdateAlias>(),
    document_entry::<_, DeleteAlias>(),
    document_entry::<_, ListAliases>(),
    document_entry::<_, Encrypt>(),
    document_entry::<_, Decrypt>(),
    document_entry::<_, ReEncrypt>(),
    document_entry::<_, GenerateDataKey>(),
    document_entry::<_, GenerateDataKeyWithoutPlaintext>(),
    document_entry::<_, GenerateRandom>(),
    document_entry::<_, EnableKeyRotation>(),
    document_entry::<_, DisableKeyRotation>(),
    document_entry::<_, GetKeyRotationStatus>(),
    document_entry::<_, RotateKeyOnDemand>(),
    document_entry::<_, ListKeyRotations>(),
    document_entry::<_, GetKeyPolicy>(),
    document_entry::<_, PutKeyPolicy>(),
    document_entry::<_, ListKeyPolicies>(),
    document_entry::<_, CreateGrant>(),
    document_entry::<_, ListGrants>(),
    document_entry::<_, ListRetirableGrants>(),
    document_entry::<_, RevokeGrant>(),
    document_entry::<_, RetireGrant>(),
    document_entry::<_, TagResource>(),
    document_entry::<_, UntagResource>(),
    document_entry::<_, ListResourceTags>(),
    planned("ConnectCustomKeyStore"),
    planned("CreateCustomKeyStore"),
    planned("Decapsulate"),
    planned("DeleteCustomKeyStore"),
    planned("DeleteImportedKeyMaterial"),
    planned("DeriveSharedSecret"),
    planned("DescribeCustomKeyStores"),
    planned("DisconnectCustomKeyStore"),
    planned("Encapsulate"),
    planned("GenerateDataKeyPair"),
    planned("GenerateDataKeyPairWithoutPlaintext"),
    planned("GenerateMac"),
    planned("GetKeyLastUsage"),
    planned("GetParametersForImport"),
    planned("GetPublicKey"),
    planned("ImportKeyMaterial"),
    planned("ReplicateKey"),
    planned("Sign"),
    planned("UpdateCustomKeyStore"),
    planned("UpdatePrimaryRegion"),
    planned("Verify"),
    planned("VerifyMac"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_models_list() {
        let mut ours: Vec<_> = OPERATIONS.iter().map(|row| row.name).collect();
        ours.sort_unstable();
        assert_eq!(ours, model::kms::OPERATIONS);
    }
}
