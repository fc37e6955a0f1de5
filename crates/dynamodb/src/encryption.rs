//! Tables under keys of KMS: which key a request names, the data keys of a table wrapped by it, and unwrapping them.
//!
//! A data key is wrapped under the encryption context that DynamoDB uses (the table and the account), so the wrapped
//! key of one table is of no use in another. All data keys of a table are wrapped by its one key of KMS, those that
//! have been replaced included: whether that key can be used decides about everything the table holds.

mod data_keys;
mod fault;
mod rewrap;

pub use data_keys::DataKeys;
pub(crate) use fault::fault;
pub(crate) use rewrap::{begun, ended};

use crate::service::DynamoDb;
use crate::{encryption_key, errors};
use engine::Scope;
use kms::{EncryptionContext, Key, Keys};
use model::ApiError;
use model::dynamodb::SSESpecification;
use pipeline::Cx;
use std::collections::BTreeMap;

/// The alias of the key that the service manages itself.
const MANAGED: &str = "alias/aws/dynamodb";
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
    let id = encryption_key::managed_id(scope);
    keys.managed(scope, &id, MANAGED, DESCRIPTION, now_micros).await
}

fn is_managed(named: &str, scope: &Scope) -> bool {
    let here = format!("arn:aws:kms:{}:{}:", scope.region, scope.account);
    let resource = named.strip_prefix(&here).unwrap_or(named);
    let id = encryption_key::managed_id(scope);
    resource == MANAGED || resource.strip_prefix("key/").unwrap_or(resource) == id
}

/// What every wrapped key of a table is bound to.
fn context(scope: &Scope, table_name: &str) -> EncryptionContext {
    let pairs = BTreeMap::from([
        ("aws:dynamodb:tableName".to_owned(), table_name.to_owned()),
        ("aws:dynamodb:subscriberId".to_owned(), scope.account.to_string()),
    ]);
    EncryptionContext::of(Some(pairs)).expect("names of tables and accounts are short")
}
