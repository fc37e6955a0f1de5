//! The grant by which the service uses a key of the account's own for one table.

use super::{context, context_pairs, of_service, service_name};
use crate::service::DynamoDb;
use engine::Scope;
use engine::table::Sealing;
use kms::{Asked, ByGrant, Key, Keys, Terms};
use model::ApiError;
use pipeline::Cx;

/// What it lets the service do.
const OPERATIONS: [&str; 7] =
    ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "DescribeKey", "RetireGrant"];

/// Grants the use of a key for a table, if the caller may do so; the grant's id. The key that the service manages needs
/// none.
pub(crate) async fn permit(
    cx: &Cx<'_, DynamoDb>,
    (scope, name): (&Scope, &str),
    key: &Key,
) -> Result<Option<String>, ApiError> {
    if key.is_managed {
        return Ok(None);
    }
    let (keys, service, context) = (of_service(cx)?, service_name(scope), context(scope, name));
    let terms = terms(scope, name);
    for asked in [
        Asked::new("kms:DescribeKey", &key.id),
        Asked::new("kms:CreateGrant", &key.id).with_terms(&terms),
        Asked::new("kms:GenerateDataKey", &key.id).with_context(&context),
    ] {
        keys.permit(cx, key, asked.via(&service)).await?;
    }
    keys.grant_to_service(key, terms, cx.now_micros).await.map(Some)
}

/// What the service is granted for a table, and for each copy of it.
pub(super) fn terms(scope: &Scope, name: &str) -> Terms {
    let service = service_name(scope);
    Terms {
        grantee: Some(service.clone()),
        retiring: Some(service),
        operations: OPERATIONS.map(str::to_owned).into(),
        context_subset: Some(context_pairs(scope, name)),
        ..Terms::default()
    }
}

/// Takes the grant of a table back. One that stays, where the store fails, allows nobody but the service anything.
pub(crate) async fn retire(cx: &Cx<'_, DynamoDb>, scope: &Scope, sealing: Option<&Sealing>) {
    if let (Some(sealing), Some(keys)) = (sealing, &cx.service.keys) {
        give_back(keys, scope, sealing).await;
    }
}

/// The same for a table that is known to be gone.
pub(super) async fn give_back(keys: &Keys, scope: &Scope, sealing: &Sealing) {
    let by = ByGrant { service: &service_name(scope), grant_id: sealing.grant_id.as_deref() };
    if let Err(error) = keys.retire(scope, &sealing.key_id, &by).await {
        tracing::warn!(?error, key = sealing.key_id, "a grant was not retired");
    }
}
