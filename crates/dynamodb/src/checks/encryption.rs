//! The rules of SSESpecification.

use crate::{encryption_key, errors};
use engine::Table;
use model::ApiError;
use model::dynamodb::SSESpecification;

/// The rules between its members.
pub fn check(specification: Option<&SSESpecification>) -> Result<(), ApiError> {
    let Some(sse) = specification else { return Ok(()) };
    let fault = match (sse.enabled, sse.sse_type.as_deref(), sse.kms_master_key_id.is_some()) {
        (Some(false), Some(_), _) => "SSEType can not be specified if Enabled is false",
        (Some(false), None, true) => "KMSMasterKeyId can not be specified if Enabled is false",
        (_, Some("AES256"), _) => "SSEType AES256 is not supported",
        (_, None, true) => "SSEType KMS is required if KMSMasterKeyId is specified",
        _ => return Ok(()),
    };
    Err(errors::invalid_parameter(fault))
}

/// Whether it names a key of KMS.
pub fn is_asked_for(sse: &SSESpecification) -> bool {
    sse.enabled.unwrap_or(sse.sse_type.is_some())
}

/// Whether it names the table's key by its ARN.
pub fn names_the_key_of(sse: &SSESpecification, table: &Table) -> bool {
    let key = table.settings.sse.as_ref().map(|own| encryption_key::arn(own, &table.scope));
    key.is_some() && sse.kms_master_key_id == key
}

/// What of a table cannot be changed while its key cannot be used: that needs its data.
pub fn check_unlocked(engine: &engine::Engine, table: &Table) -> Result<(), ApiError> {
    match engine.locked(table) {
        Some((_, why)) => Err(ApiError::validation(why)),
        None => Ok(()),
    }
}
