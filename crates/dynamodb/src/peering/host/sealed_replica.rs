//! A replica under a key of KMS of its region. A peer that is known names the key, and asks as the account that the
//! table is of: the policy of the key decides about that account. One that becomes encrypted with the others is under
//! the key that the service manages.

use super::asker::Asker;
use super::{No, PeerHost};
use crate::checks::capacity_quota;
use crate::encryption;
use crate::errors::not_built;
use crate::service::DynamoDb;
use crate::table_settings;
use engine::table::{self, Sealing, Sse, Transition};
use engine::{CreateError, NewTable, Scope, Table};
use kms::Key;
use model::ApiError;
use model::dynamodb::SSESpecification;
use pipeline::Cx;
use std::sync::Arc;

impl PeerHost {
    /// Whether a key can be used.
    pub(super) async fn check_key(&self, scope: &Scope, named: &str) -> Result<(), No> {
        let asker = Asker::of(self, scope);
        key(&asker.cx(self), scope, named).await.map(drop).map_err(refused)
    }

    /// Makes a replica, under a key if one is named.
    pub(super) async fn create(&self, mut new: NewTable, named: Option<&str>) -> Result<Arc<Table>, No> {
        let (asker, scope) = (Asker::of(self, &new.scope), new.scope.clone());
        let cx = &asker.cx(self);
        if let Some(named) = named {
            let key = key(cx, &scope, named).await.map_err(refused)?;
            let sealing = encryption::begun(cx, (&scope, &new.name), &key, None).await.map_err(refused)?;
            (new.settings.sse, new.settings.sealing) = (Some(table_settings::sse(&key)), Some(sealing));
        }
        let sealing = new.settings.sealing.clone();
        let created = self.service.engine.create_table(new).await;
        if !matches!(created, Ok(_) | Err(CreateError::Store(_))) {
            encryption::retire(cx, &scope, sealing.as_ref()).await;
        }
        created.map_err(|error| match error {
            CreateError::Exists => No::Exists,
            CreateError::TooManyTables => No::TooManyTables,
            CreateError::NoRoom(no_room) => {
                let text = capacity_quota::no_room(&no_room).message.unwrap_or_default();
                No::Invalid(text.into_owned())
            }
            CreateError::Store(error) => error.into(),
        })
    }
}

/// How a replica is to be encrypted.
pub(super) struct Resealed {
    /// The replica as it was.
    before: Arc<Table>,
    sse: Option<Sse>,
    sealing: Option<Sealing>,
    shows_until_micros: u64,
}

impl PeerHost {
    /// What makes the kind of encryption of some replicas another one: under keys that the service manages, or none.
    pub(super) async fn resealed(&self, here: &[Arc<Table>], is_sealed: bool) -> Result<Vec<Resealed>, No> {
        let mut resealed = Vec::new();
        for table in here.iter().filter(|table| table.settings.sse.is_some() != is_sealed) {
            if table.settings.sealing.as_ref().is_some_and(|sealing| sealing.is_rekeying) {
                return Err(No::Later("the replica is being encrypted in another way".to_owned()));
            }
            let asker = Asker::of(self, &table.scope);
            let (cx, place) = (&asker.cx(self), (&table.scope, table.name.as_str()));
            let (sse, sealing) = match is_sealed {
                true => {
                    let key = key(cx, &table.scope, encryption::MANAGED).await.map_err(later)?;
                    let begun = encryption::begun(cx, place, &key, Some(table)).await.map_err(later)?;
                    (Some(table_settings::sse(&key)), Some(begun))
                }
                false => (None, encryption::ended(cx, table).await.map_err(later)?),
            };
            let shows_until_micros = self.service.shows_until_micros(asker.now_micros);
            resealed.push(Resealed { before: Arc::clone(table), sse, sealing, shows_until_micros });
        }
        Ok(resealed)
    }

    /// Takes back what was granted for keys that replicas were under.
    pub(super) async fn retire(&self, resealed: &[Resealed]) {
        for Resealed { before, .. } in resealed {
            let asker = Asker::of(self, &before.scope);
            encryption::retire(&asker.cx(self), &before.scope, before.settings.sealing.as_ref()).await;
        }
    }
}

impl Resealed {
    /// Encrypts a table so, if it is the one that this is for. False: it was changed meanwhile.
    pub(super) fn put_on(&self, table: &mut Table) -> bool {
        let settings = &mut table.settings;
        if table.scope.region != self.before.scope.region {
            return true;
        }
        let before = &self.before.settings;
        if (&settings.sse, &settings.sealing) != (&before.sse, &before.sealing) {
            return settings.sse.is_some() == self.sse.is_some();
        }
        (settings.sse, settings.sealing) = (self.sse.clone(), self.sealing.clone());
        let change = table::Change::Encryption { sse: before.sse.clone() };
        settings.transitions.push(Transition { change, until_micros: self.shows_until_micros });
        true
    }
}

fn later(error: ApiError) -> No {
    No::Later(error.message.unwrap_or_default().into_owned())
}

async fn key(cx: &Cx<'_, DynamoDb>, scope: &Scope, named: &str) -> Result<Key, ApiError> {
    let specification = SSESpecification {
        enabled: Some(true),
        sse_type: Some("KMS".to_owned()),
        kms_master_key_id: Some(named.to_owned()),
    };
    let found = encryption::key_of(cx, Some(&specification), scope).await?;
    found.ok_or_else(|| not_built("a replica under a key of KMS"))
}

fn refused(error: ApiError) -> No {
    let is_of_server = error.code.status() >= 500;
    let text = error.message.unwrap_or_default().into_owned();
    if is_of_server { No::Later(text) } else { No::Key(text) }
}
