//! What replicas have of their own, at the server that a peer tells about its replica, or asks to change one here.

use super::change::Change;
use super::{PeerHost, is_from, knows, read};
use crate::errors::codes;
use crate::global_table::is_changing;
use crate::peering::messages::{Asked, Done, No, Own};
use crate::peering::own;
use crate::replica_overrides::apply;
use crate::table_change::{ATTEMPTS_MAX, made};
use engine::Table;
use model::ApiError;
use peers::Incoming;

impl PeerHost {
    /// Keeps what a replica elsewhere has of its own.
    pub(super) async fn own(&self, incoming: &Incoming) -> Result<Done, No> {
        let Own { about, own } = &read(incoming)?;
        is_from(incoming, &about.source)?;
        own::check(own).map_err(No::Bad)?;
        self.is_not_ahead(own.since_micros)?;
        let is_older = |table: &Table| {
            let replica = table.remote_replica(&about.source);
            replica.is_some_and(|replica| replica.own.since_micros < own.since_micros)
        };
        self.change(&about.of, is_older, Change::Own { region: &about.source, own }).await?;
        Ok(Done {})
    }

    /// Changes what a replica here has of its own, as UpdateTable in its region does.
    pub(super) async fn change_own(&self, incoming: &Incoming) -> Result<Done, No> {
        let asked: Asked = read(incoming)?;
        is_from(incoming, &asked.about.source)?;
        asked.check().map_err(No::Bad)?;
        let (about, action) = (&asked.about, asked.action());
        for _ in 0..ATTEMPTS_MAX {
            let replica = self.hosted(&about.of.account, &about.region, &about.of.table);
            let is_it =
                |replica: &Table| replica.is_of_group(&about.of.group) && !replica.is_legacy_replica();
            let replica = replica.filter(|replica| is_it(replica));
            let replica = replica.filter(|replica| knows(replica, &about.source)).ok_or(No::NotMember)?;
            let now = self.clock.now_micros();
            if is_changing(&replica, now) {
                return Err(No::InUse);
            }
            let mut next = Table::clone(&replica);
            apply(&mut next, &action).map_err(No::of_client)?;
            next.note_own(now);
            let engine = &self.service.engine;
            let altered = engine.alter_tables(&[replica], |_, table| *table = next.clone()).await;
            if let Some(now_is) = made(engine, altered).await? {
                self.service.limiter.view(&now_is, now);
                return Ok(Done {});
            }
        }
        Err(No::InUse)
    }
}

impl No {
    /// What a client that had asked for it here would be told.
    fn of_client(error: ApiError) -> No {
        let is_no_index = error.code == codes::RESOURCE_NOT_FOUND;
        let text = error.message.unwrap_or_default().into_owned();
        if is_no_index { No::MissingIndex(text) } else { No::Invalid(text) }
    }
}
