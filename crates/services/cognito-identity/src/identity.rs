//! Identities: a document each, by the id alone, and one that finds it by its pool; and the login of each user of a
//! developer, which leads to one identity.

use crate::errors;
use crate::pool::SERVICE;
use crate::service::CognitoIdentity;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::{RecordKey, RecordScope};

const KIND: &str = "identity";
const MEMBER: &str = "member";
const LOGIN: &str = "login";

/// An identity.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// `region:uuid`.
    pub id: String,
    /// Its pool.
    pub pool: String,
    /// Users of the developer that it is.
    pub users: Vec<String>,
    /// Subjects of identity providers that it is, by provider.
    pub logins: BTreeMap<String, String>,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// When its logins changed last.
    pub modified: u64,
}

/// That an identity is of a pool, or that a user has an identity.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pointer {
    identity: String,
}

fn key(id: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, "", "", id)
}

fn member_key(pool: &str, id: &str) -> RecordKey {
    RecordKey::new(SERVICE, MEMBER, pool, "", id)
}

fn login_key(pool: &str, user: &str) -> RecordKey {
    RecordKey::new(SERVICE, LOGIN, pool, "", user)
}

/// An identity.
pub(crate) async fn find(service: &CognitoIdentity, id: &str) -> Result<Identity, ApiError> {
    let found = service.documents.get(&key(id)).await.map_err(|_| errors::store_error())?;
    found.ok_or_else(|| errors::no_identity(id))
}

/// The identity of a user of the developer.
pub(crate) async fn of_user(
    service: &CognitoIdentity,
    pool: &str,
    user: &str,
) -> Result<Option<String>, ApiError> {
    let found = service.documents.get::<Pointer>(&login_key(pool, user)).await;
    Ok(found.map_err(|_| errors::store_error())?.map(|pointer| pointer.identity))
}

impl Identity {
    /// Whether it has ever logged in.
    pub(crate) fn has_logins(&self) -> bool {
        !(self.users.is_empty() && self.logins.is_empty())
    }

    /// The providers it has logged in with.
    pub(crate) fn providers(&self, developer: Option<&String>) -> Option<Vec<String>> {
        let developer = developer.filter(|_| !self.users.is_empty());
        let providers: Vec<String> = developer.into_iter().chain(self.logins.keys()).cloned().collect();
        Some(providers).filter(|providers| !providers.is_empty())
    }
}

/// The login of a subject of a provider, which is never one of a developer's user: those have no such character.
pub(crate) fn external(provider: &str, subject: &str) -> String {
    format!("{provider}\n{subject}")
}

/// Keeps a new guest.
pub(crate) async fn keep(service: &CognitoIdentity, identity: &Identity) -> Result<(), ApiError> {
    let keys = [key(&identity.id), member_key(&identity.pool, &identity.id)];
    let pointer = Pointer { identity: identity.id.clone() };
    let kept = service.documents.transact(&keys, |documents| {
        documents.put(0, identity);
        documents.put(1, &pointer);
        Ok::<(), ApiError>(())
    });
    kept.await.map_err(|_| errors::store_error())?
}

/// The identity of a user of the developer: the one it has, else the given one, which may be new.
pub(crate) async fn link(
    service: &CognitoIdentity,
    user: &str,
    identity: &Identity,
    is_asked_for: bool,
) -> Result<String, ApiError> {
    let (pool, id) = (&identity.pool, &identity.id);
    let keys = [login_key(pool, user), key(id), member_key(pool, id)];
    let pointer = Pointer { identity: id.clone() };
    let linked = service.documents.transact(&keys, |documents| {
        match documents.get::<Pointer>(0) {
            Some(own) if own.identity == *id => return Ok(own.identity),
            Some(_) if is_asked_for => return Err(errors::already_registered()),
            Some(own) => return Ok(own.identity),
            None => {}
        }
        let mut linked: Identity = documents.get(1).unwrap_or_else(|| identity.clone());
        linked.users.push(user.to_owned());
        linked.modified = identity.modified;
        documents.put(0, &pointer);
        documents.put(1, &linked);
        documents.put(2, &pointer);
        Ok(id.clone())
    });
    linked.await.map_err(|_| errors::store_error())?
}

/// The identity of a subject of a provider: the one it has, else the given one, which is new.
pub(crate) async fn link_external(
    service: &CognitoIdentity,
    (provider, subject): (&str, &str),
    identity: &Identity,
) -> Result<String, ApiError> {
    let (pool, id) = (&identity.pool, &identity.id);
    let keys = [login_key(pool, &external(provider, subject)), key(id), member_key(pool, id)];
    let pointer = Pointer { identity: id.clone() };
    let mut new = identity.clone();
    new.logins.insert(provider.to_owned(), subject.to_owned());
    let linked = service.documents.transact(&keys, |documents| {
        if let Some(own) = documents.get::<Pointer>(0) {
            return Ok(own.identity);
        }
        documents.put(0, &pointer);
        documents.put(1, &new);
        documents.put(2, &pointer);
        Ok::<String, ApiError>(id.clone())
    });
    linked.await.map_err(|_| errors::store_error())?
}

/// Deletes an identity with its logins; whether there was one.
pub(crate) async fn delete(service: &CognitoIdentity, identity: &Identity) -> Result<(), ApiError> {
    let mut keys = vec![key(&identity.id), member_key(&identity.pool, &identity.id)];
    keys.extend(identity.users.iter().map(|user| login_key(&identity.pool, user)));
    let external = identity.logins.iter().map(|(provider, subject)| external(provider, subject));
    keys.extend(external.map(|login| login_key(&identity.pool, &login)));
    let count = keys.len();
    let deleted = service.documents.transact(&keys, |documents| {
        (0..count).for_each(|index| documents.delete(index));
        Ok::<(), ApiError>(())
    });
    deleted.await.map_err(|_| errors::store_error())?
}

/// Identities of a pool behind an id, in the order of their ids.
pub(crate) async fn of_pool(
    service: &CognitoIdentity,
    pool: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Identity>, ApiError> {
    let scope = RecordScope::Account { service: SERVICE, kind: MEMBER, account: pool };
    let after = after.map(|id| member_key(pool, id));
    let listed = service.documents.list::<Pointer>(scope, after.as_ref(), limit).await;
    let mut found = Vec::new();
    for (_, pointer) in listed.map_err(|_| errors::store_error())? {
        found.push(find(service, &pointer.identity).await?);
    }
    Ok(found)
}
