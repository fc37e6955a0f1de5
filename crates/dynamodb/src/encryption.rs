//! Tables under keys of KMS: which key a request names, the data keys of a table wrapped by it, and unwrapping them.
//!
//! A data key is wrapped under the encryption context that DynamoDB uses (the table and the account), so the wrapped
//! key of one table is of no use in another. All data keys of a table are wrapped by its one key of KMS, those that
//! have been replaced included: whether that key can be used decides about everything the table holds.
//!
//! The service uses a key of the account's own by a grant, which whoever chooses the key must be allowed to give; who
//! reads and writes the table afterwards needs nothing of KMS.

mod data_keys;
mod fault;
mod grant;
mod rewrap;

pub use data_keys::DataKeys;
pub(crate) use fault::fault;
pub(crate) use grant::{permit, retire};
pub(crate) use rewrap::{begun, ended};

use crate::service::DynamoDb;
use crate::{encryption_key, errors};
use engine::Scope;
use engine::table::Sealing;
use kms::{ByGrant, EncryptionContext, Key, Keys, Managed};
use model::ApiError;
use model::dynamodb::SSESpecification;
use pipeline::Cx;
use std::collections::BTreeMap;
use stdx::hex;
use zeroize::Zeroizing;

/// The alias of the key that the service manages itself.
pub(crate) const MANAGED: &str = "alias/aws/dynamodb";
/// What that key is described as.
const DESCRIPTION: &str = "Default key that protects my DynamoDB data when no other key is defined";

/// The key of KMS that a specification names, if it can be used; `None` where it asks for none. An alias is followed
/// once, here.
pub(crate) async fn key_of(
    cx: &Cx<'_, DynamoDb>,
    specification: Option<&SSESpecification>,
    scope: &Scope,
) -> Result<Option<Key>, ApiError> {
    let Some(sse) = specification.filter(|sse| crate::checks::encryption::is_asked_for(sse)) else {
        return Ok(None);
    };
    let keys = of_service(cx)?;
    let key = match sse.kms_master_key_id.as_deref() {
        None => managed(keys, scope, cx.now_micros).await,
        Some(named) if is_managed(named, scope) => managed(keys, scope, cx.now_micros).await,
        Some(named) => keys.find(scope, named, cx.now_micros).await,
    };
    let key = key.and_then(|key| key.check_usable().map(|()| key));
    key.map(Some).map_err(|error| fault(&error, &cx.random.uuid()))
}

/// The keys of this server.
fn of_service<'a>(cx: &Cx<'a, DynamoDb>) -> Result<&'a Keys, ApiError> {
    cx.service.keys.as_ref().ok_or_else(|| errors::not_built("SSESpecification without KMS"))
}

/// The key that the service manages in an account and region; made on its first use.
pub(crate) async fn managed(keys: &Keys, scope: &Scope, now_micros: u64) -> Result<Key, ApiError> {
    let (id, service) = (&encryption_key::managed_id(scope), &service_name(scope));
    let managed = Managed { id, alias: MANAGED, description: DESCRIPTION, service };
    keys.managed(scope, &managed, now_micros).await
}

/// The service as policies and grants of KMS name it.
fn service_name(scope: &Scope) -> String {
    format!("dynamodb.{}.amazonaws.com", scope.region)
}

/// A data key of a table, by the grant that the service has for it.
async fn unwrapped(
    keys: &Keys,
    (scope, table_name): (&Scope, &str),
    sealing: &Sealing,
    wrapped: &str,
    now_micros: u64,
) -> Result<Zeroizing<Vec<u8>>, ApiError> {
    let (context, blob) = (context(scope, table_name), hex::decode(wrapped).unwrap_or_default());
    let key = keys.of_id(scope, &sealing.key_id, now_micros).await?;
    let service = &service_name(scope);
    let by = ByGrant { service, grant_id: sealing.grant_id.as_deref() };
    Ok(keys.decrypt_for_service(&key, &by, &context, &blob).await?.plaintext)
}

fn is_managed(named: &str, scope: &Scope) -> bool {
    let here = format!("arn:aws:kms:{}:{}:", scope.region, scope.account);
    let resource = named.strip_prefix(&here).unwrap_or(named);
    let id = encryption_key::managed_id(scope);
    resource == MANAGED || resource.strip_prefix("key/").unwrap_or(resource) == id
}

/// What every wrapped key of a table is bound to.
fn context(scope: &Scope, table_name: &str) -> EncryptionContext {
    let pairs = context_pairs(scope, table_name);
    EncryptionContext::of(Some(pairs)).expect("names of tables and accounts are short")
}

fn context_pairs(scope: &Scope, table_name: &str) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("aws:dynamodb:tableName".to_owned(), table_name.to_owned()),
        ("aws:dynamodb:subscriberId".to_owned(), scope.account.to_string()),
    ])
}
