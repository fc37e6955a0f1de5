//! How replicas of version 2017.11.29 here are paid for and scale: told to peers, and changed for them as
//! UpdateGlobalTableSettings changes it where it is asked here.

use super::asker::Asker;
use super::{PeerHost, is_from, is_it, knows, read};
use crate::global_table;
use crate::legacy_global_table::{ReplicaSettings, Terms};
use crate::peering::messages::{About, No, Pay, Weigh, Weighed};
use crate::table_change::ATTEMPTS_MAX;
use engine::Table;
use model::{ApiError, code};
use peers::Incoming;
use std::sync::Arc;

impl PeerHost {
    /// The settings of a replica, if what is to change about them would not be refused.
    pub(super) async fn weigh(&self, incoming: &Incoming) -> Result<Weighed, No> {
        let Weigh { about, terms } = &read(incoming)?;
        let replica = self.paid_replica(incoming, about, terms)?;
        let asker = Asker::of(self, &replica.scope);
        let cx = &asker.cx(self);
        if !terms.are_none() {
            terms.are_about(&replica).map_err(refused)?;
            self.is_at_rest(&replica)?;
            terms.put_on(cx, &replica).map_err(refused)?;
        }
        let settings = ReplicaSettings::of(cx, &replica).await.map_err(refused)?;
        Ok(Weighed { seen: settings.fingerprint(), settings })
    }

    /// Changes them, if they are still those that were told: a call that was long on its way changes nothing that came
    /// after it was made.
    pub(super) async fn pay(&self, incoming: &Incoming) -> Result<ReplicaSettings, No> {
        let Pay { about, terms, seen } = &read(incoming)?;
        for _ in 0..ATTEMPTS_MAX {
            let replica = self.paid_replica(incoming, about, terms)?;
            self.is_at_rest(&replica)?;
            let asker = Asker::of(self, &replica.scope);
            let cx = &asker.cx(self);
            if ReplicaSettings::of(cx, &replica).await.map_err(refused)?.fingerprint() != *seen {
                return Err(No::InUse);
            }
            let next = terms.put_on(cx, &replica).map_err(refused)?;
            if next != *replica {
                let members = [Arc::clone(&replica)];
                let changed = global_table::attempt(cx, &members, |_, table| *table = next.clone()).await;
                if changed.map_err(refused)?.is_none() {
                    continue;
                }
            }
            terms.scale(cx, &replica).await.map_err(refused)?;
            let replica = self.paid_replica(incoming, about, terms)?;
            return ReplicaSettings::of(cx, &replica).await.map_err(refused);
        }
        Err(No::InUse)
    }

    fn paid_replica(&self, incoming: &Incoming, about: &About, terms: &Terms) -> Result<Arc<Table>, No> {
        is_from(incoming, &about.source)?;
        terms.check().map_err(No::Bad)?;
        let replica = self.hosted(&about.of.account, &about.region, &about.of.table);
        let is_asked = |replica: &Arc<Table>| {
            is_it(replica, about) && replica.is_legacy_replica() && knows(replica, &about.source)
        };
        replica.filter(is_asked).ok_or(No::NotMember)
    }

    fn is_at_rest(&self, replica: &Table) -> Result<(), No> {
        match global_table::is_changing(replica, self.clock.now_micros()) {
            true => Err(No::InUse),
            false => Ok(()),
        }
    }
}

/// What a client that had asked for it here would be told.
fn refused(error: ApiError) -> No {
    let text = error.message.unwrap_or_default().into_owned();
    match error.code {
        rule if rule == code::VALIDATION => No::Invalid(text),
        fault if fault.status() >= 500 => No::Later(text),
        other => No::Refused(other.name(), text),
    }
}
