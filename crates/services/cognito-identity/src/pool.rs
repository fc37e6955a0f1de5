//! Pools: a document each, by the id alone, since requests for an identity name no account.

use crate::errors;
use crate::service::{Call, CognitoIdentity};
use model::ApiError;
use model::cognito_identity as shapes;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::{RecordKey, RecordScope};

pub(crate) const SERVICE: &str = "cognito-identity";
const KIND: &str = "pool";
/// Pools of one store that are listed.
const POOLS_MAX: usize = 100_000;

/// A pool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pool {
    /// The account it is of.
    pub account: String,
    /// `region:uuid`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it has guests.
    pub has_guests: bool,
    /// Whether tokens of identities can be exchanged at STS; kept.
    pub has_classic_flow: Option<bool>,
    /// The name under which the developer's own users log in.
    pub developer_provider: Option<String>,
    /// Public providers with their application ids; kept.
    pub login_providers: BTreeMap<String, String>,
    /// ARNs of OpenID Connect providers; kept.
    pub open_id_arns: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// `authenticated` and `unauthenticated`.
    pub roles: BTreeMap<String, String>,
}

pub(crate) fn key(id: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, "", "", id)
}

/// A pool of any account.
pub(crate) async fn find(service: &CognitoIdentity, id: &str) -> Result<Pool, ApiError> {
    let found = service.documents.get(&key(id)).await.map_err(|_| errors::store_error())?;
    found.ok_or_else(|| errors::no_pool(id))
}

/// A pool of the caller's account.
pub(crate) async fn own(cx: &Call<'_>, id: &str) -> Result<Pool, ApiError> {
    let pool = find(cx.service, id).await?;
    if *pool.account == *cx.caller.account { Ok(pool) } else { Err(errors::no_pool(id)) }
}

/// The pools of the caller's account, in the order of their ids.
pub(crate) async fn all(cx: &Call<'_>) -> Result<Vec<Pool>, ApiError> {
    let scope = RecordScope::Kind { service: SERVICE, kind: KIND };
    let found = cx.service.documents.list::<Pool>(scope, None, POOLS_MAX).await;
    let found = found.map_err(|_| errors::store_error())?;
    let is_own = |pool: &Pool| *pool.account == *cx.caller.account;
    Ok(found.into_iter().map(|(_, pool)| pool).filter(is_own).collect())
}

/// Changes a pool of the caller's account.
pub(crate) async fn change(
    cx: &Call<'_>,
    id: &str,
    mut change: impl FnMut(&mut Pool) + Send,
) -> Result<Pool, ApiError> {
    let key = key(id);
    let changed = cx.service.documents.change(&key, |old: Option<Pool>| {
        let own = old.filter(|pool| *pool.account == *cx.caller.account);
        let mut pool = own.ok_or_else(|| errors::no_pool(id))?;
        change(&mut pool);
        Ok((Some(pool.clone()), pool))
    });
    changed.await.map_err(|_| errors::store_error())?
}

impl Pool {
    /// As answers show it.
    pub(crate) fn shown(self) -> shapes::CreateIdentityPoolOutput {
        let kept = |map: BTreeMap<String, String>| Some(map).filter(|map| !map.is_empty());
        shapes::CreateIdentityPoolOutput {
            identity_pool_id: Some(self.id),
            identity_pool_name: Some(self.name),
            allow_unauthenticated_identities: Some(self.has_guests),
            allow_classic_flow: self.has_classic_flow,
            supported_login_providers: kept(self.login_providers),
            developer_provider_name: self.developer_provider,
            open_id_connect_provider_ar_ns: Some(self.open_id_arns).filter(|arns| !arns.is_empty()),
            identity_pool_tags: kept(self.tags),
            ..shapes::CreateIdentityPoolOutput::default()
        }
    }
}
