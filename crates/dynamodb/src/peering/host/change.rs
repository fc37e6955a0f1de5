//! What a call of a peer changes in the replicas of a global table here.

use super::sealed_replica::Resealed;
use crate::peering::definition::Definition;
use crate::peering::own;
use engine::table::{OwnSettings, RemoteReplica, RemoteState};
use engine::{AlterError, Engine, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is changed in some replicas here.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    AddHosted {
        region: &'a Arc<str>,
        source: &'a Arc<str>,
    },
    AddRemote {
        replica: &'a RemoteReplica,
        source: &'a Arc<str>,
    },
    Complete,
    Joined {
        region: &'a str,
    },
    Forget {
        region: &'a str,
    },
    Own {
        region: &'a str,
        own: &'a OwnSettings,
    },
    MakeLike {
        definition: &'a Definition,
        since: &'a (u64, Arc<str>),
        resealed: &'a [Resealed],
        now_micros: u64,
        is_all: &'a AtomicBool,
    },
}

impl Change<'_> {
    /// Makes it in these, in one commit.
    pub(super) async fn make(
        self,
        engine: &Engine,
        members: &[Arc<Table>],
    ) -> Result<Arc<Table>, AlterError> {
        match self {
            Change::AddHosted { region, source } => engine.add_hosted_replica(members, region, source).await,
            Change::AddRemote { replica, source } => {
                engine.add_remote_replica(members, replica, source).await
            }
            Change::Own { region, own } => engine.set_remote_own(members, region, own).await,
            Change::Complete => engine.complete_replica(&members[0]).await,
            Change::Joined { region } => {
                engine.set_remote_replica(members, region, RemoteState::Active).await
            }
            Change::Forget { region } => engine.forget_remote_replica(members, region).await,
            Change::MakeLike { definition, since, resealed, now_micros, is_all } => {
                is_all.store(true, Ordering::Relaxed);
                let make = |_, table: &mut Table| {
                    let before = table.clone();
                    let is_sealed = resealed.iter().all(|resealed| resealed.put_on(table));
                    let is_done = definition.put_on(table, now_micros) && is_sealed;
                    if !own::is_the_same(&before, table) {
                        table.note_own(now_micros);
                    }
                    is_all.fetch_and(is_done, Ordering::Relaxed);
                    if let Some(elsewhere) = table.settings.elsewhere.as_mut().filter(|_| is_done) {
                        elsewhere.shared_since = Some(since.clone());
                    }
                };
                engine.alter_tables(members, make).await
            }
        }
    }
}
