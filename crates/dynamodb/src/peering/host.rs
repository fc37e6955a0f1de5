//! What peers ask of this server about the replicas that it hosts.
//!
//! Each answer is the same when the same is asked again: what is there already is not made twice, and what is gone is
//! gone. Calls that change what replicas there are ([`nonces`]) are served once all the same.

mod asker;
mod change;
mod coming;
mod legacy;
mod own_settings;
mod pay;
mod sealed_replica;
#[cfg(test)]
mod tests;

use super::changes::decode;
use super::messages::{
    self, About, CHANGE, Done, FORGET, Group, INVITE, LEAVE, MARK, Marked, No, OWN, PROBE, READ, Read,
    SETTINGS, Settings,
};
use super::{gone, members_here, nonces};
use crate::global_table::is_changing;
use crate::service::DynamoDb;
use crate::table_change::{ATTEMPTS_MAX, made};
use change::Change;
use engine::replication::Mark;
use engine::table::{RemoteReplica, RemoteState};
use engine::{Scope, Table};
use figures::Figures;
use peers::{Answer, Incoming};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use stdx::future::Boxed;
use stdx::{Clock, Random};
use store::StoreError;

/// How far the time of a change may be ahead of that here, in microseconds: a day.
const AHEAD_MICROS_MAX: u64 = 86_400_000_000;
/// Of accounts and global tables.
const ID_BYTES_MAX: usize = 64;

/// Serves peers.
#[derive(Clone)]
pub struct PeerHost {
    /// The tables.
    pub service: Arc<DynamoDb>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What is measured.
    pub figures: Arc<Figures>,
    /// Where random bits come from.
    pub random: Random,
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(why) => No::Later(why),
            error => No::Failed(error.to_string()),
        }
    }
}

impl PeerHost {
    /// Serves a call.
    pub fn serve<'a>(&'a self, incoming: &'a Incoming) -> Boxed<'a, Answer> {
        Box::pin(async move {
            let served = match self.service.engine.refresh().await {
                Ok(()) => self.answer_of(incoming).await,
                Err(error) => Err(error.into()),
            };
            match served {
                Ok(body) => incoming.answer(200, body),
                Err(no) => {
                    let (peer, call) = (&incoming.peer.name, &incoming.call);
                    tracing::debug!("the peer {peer:?} is told no to {call}: {}", no.sentence());
                    incoming.answer(no.status(), format!("{}\n{}", no.code(), no.sentence()).into_bytes())
                }
            }
        })
    }

    async fn answer_of(&self, incoming: &Incoming) -> Result<Vec<u8>, No> {
        match incoming.call.as_str() {
            messages::CHANGES => return json(&self.changes(incoming).await?),
            MARK => return json(&self.mark(&read::<Group>(incoming)?).await?),
            READ => return json(&self.read(&read::<Read>(incoming)?).await?),
            PROBE => return json(&self.probe(incoming).await?),
            messages::LOOK => return json(&self.look(incoming).await?),
            messages::BROUGHT => return json(&self.brought(incoming).await?),
            messages::WEIGH => return json(&self.weigh(incoming).await?),
            _ => {}
        }
        let now = self.clock.now_micros();
        let is_new = nonces::is_new(self.service.engine.shared_store(), incoming, now).await;
        if !is_new.map_err(|error| No::Failed(error.to_string()))? {
            return Err(No::Replayed);
        }
        match incoming.call.as_str() {
            INVITE => json(&self.invite(incoming).await?),
            messages::ANNOUNCE => json(&self.announce(incoming).await?),
            messages::FILLED => json(&self.filled(&read_about(incoming)?).await?),
            messages::JOINED => json(&self.joined(&read_about(incoming)?).await?),
            SETTINGS => json(&self.settings(incoming).await?),
            OWN => json(&self.own(incoming).await?),
            CHANGE => json(&self.change_own(incoming).await?),
            LEAVE => json(&self.leave(&read_about(incoming)?).await?),
            FORGET => json(&self.forget(&read_about(incoming)?).await?),
            messages::ADOPT => json(&self.adopt(incoming).await?),
            messages::GREET => json(&self.greet(incoming).await?),
            messages::PART => json(&self.part(&read_about(incoming)?).await?),
            messages::PAY => json(&self.pay(incoming).await?),
            other => Err(No::Bad(format!("there is no call {other:?}"))),
        }
    }

    async fn changes(&self, incoming: &Incoming) -> Result<Done, No> {
        let body = incoming.body.clone();
        let decoded = tokio::task::spawn_blocking(move || decode(&body)).await; // away from threads that serve requests
        let (head, changes) = decoded.map_err(|error| No::Failed(error.to_string()))?.map_err(No::Bad)?;
        is_from(incoming, &head.from)?;
        let table = self.hosted(&head.account, &head.to, &head.table).ok_or(No::NotMember)?;
        let is_member = table.is_of_group(&head.group)
            && table.remote_replica(&head.from).is_some_and(RemoteReplica::is_member);
        match (is_member, table.settings.is_leaving()) {
            (false, _) => return Err(No::NotMember),
            (true, true) => return Err(No::Later("the replica is being taken away".to_owned())),
            _ => {}
        }
        let taken = self.service.engine.take_carried(&table, changes).await;
        taken.map(|()| Done {}).map_err(|error| match error {
            StoreError::Corrupt(why) => No::Bad(why),
            error => error.into(),
        })
    }

    async fn filled(&self, about: &About) -> Result<Done, No> {
        let is_it = |table: &Table| *table.scope.region == *about.region && is_it(table, about);
        if !self.members(&about.of).iter().any(|table| is_it(table)) {
            return Err(No::NotMember);
        }
        let is_filling = |table: &Table| is_it(table) && table.settings.is_being_filled();
        self.change(&about.of, is_filling, Change::Complete).await?;
        Ok(Done {})
    }

    async fn joined(&self, about: &About) -> Result<Done, No> {
        let is_joining = |table: &Table| {
            let replica = table.remote_replica(&about.region);
            let replica = replica.filter(|replica| replica.incarnation == about.incarnation);
            replica.is_some_and(|replica| matches!(replica.state, RemoteState::Joining { .. }))
        };
        self.change(&about.of, is_joining, Change::Joined { region: &about.region }).await?;
        Ok(Done {})
    }

    /// Makes the replicas here like those elsewhere, where what all share was changed there later than here.
    async fn settings(&self, incoming: &Incoming) -> Result<Done, No> {
        let Settings { about, since, definition } = read(incoming)?;
        is_from(incoming, &about.source)?;
        definition.check().map_err(No::Bad)?;
        let here = self.members(&about.of);
        let Some(first) = here.first().filter(|_| !shares_nothing(&here)) else { return Err(No::NotMember) };
        if first.key != *definition.key() {
            return Err(No::Bad("the key of a table does not change".to_owned()));
        }
        self.is_not_ahead(since.0)?;
        let since = (since.0, Arc::<str>::from(since.1));
        let is_older = |table: &Table| {
            let own = table.settings.elsewhere.as_ref().and_then(|elsewhere| elsewhere.shared_since.as_ref());
            own.is_none_or(|own| *own < since)
        };
        if here.iter().any(|table| is_older(table) && table.settings.is_being_filled()) {
            return Err(No::Later("the replica is being made".to_owned()));
        }
        let is_all = AtomicBool::new(true);
        let now_micros = self.clock.now_micros();
        let older: Vec<_> = here.into_iter().filter(|table| is_older(table)).collect();
        let resealed = self.resealed(&older, definition.is_sealed()).await?;
        let change = Change::MakeLike {
            definition: &definition,
            since: &since,
            resealed: &resealed,
            now_micros,
            is_all: &is_all,
        };
        self.change(&about.of, is_older, change).await?;
        let is_all = is_all.into_inner();
        if is_all {
            self.retire(&resealed).await;
        }
        if is_all { Ok(Done {}) } else { Err(No::Later("an index is being removed".to_owned())) }
    }

    /// A time that is far ahead would keep every later change from counting.
    fn is_not_ahead(&self, time_micros: u64) -> Result<(), No> {
        match time_micros > self.clock.now_micros().saturating_add(AHEAD_MICROS_MAX) {
            true => Err(No::Bad("a change is more than a day ahead".to_owned())),
            false => Ok(()),
        }
    }

    /// Takes a replica away, as DeleteTable in its region does.
    async fn leave(&self, about: &About) -> Result<Done, No> {
        let engine = &self.service.engine;
        for _ in 0..ATTEMPTS_MAX {
            let replica = self.hosted(&about.of.account, &about.region, &about.of.table);
            let replica = replica.filter(|replica| is_it(replica, about)).ok_or(No::NotMember)?;
            if replica.settings.is_leaving() {
                return Ok(Done {});
            }
            let now = self.clock.now_micros();
            if replica.settings.deletion_protection {
                return Err(No::Protected);
            }
            let members = engine.replicas_of(&replica).ok_or(No::InUse)?;
            if members.iter().any(|member| is_changing(member, now)) {
                return Err(No::InUse);
            }
            let begun = engine.begin_leaving(&members, self.service.shows_until_micros(now)).await;
            if made(engine, begun).await?.is_some() {
                return Ok(Done {});
            }
        }
        Err(No::InUse)
    }

    /// A replica elsewhere has gone, and all that was written there is here.
    async fn forget(&self, about: &About) -> Result<Done, No> {
        let gone = (about.of.group.as_str(), about.region.as_str());
        let (store, now) = (self.service.engine.shared_store(), self.clock.now_micros());
        gone::note(store, gone, about.incarnation, now).await?;
        let is_known = |table: &Table| {
            let replica = table.remote_replica(&about.region);
            replica.is_some_and(|replica| replica.incarnation == about.incarnation)
        };
        self.change(&about.of, is_known, Change::Forget { region: &about.region }).await?;
        Ok(Done {})
    }

    async fn mark(&self, of: &Group) -> Result<Marked, No> {
        let mark = self.service.engine.mark().await?.0.to_string();
        Ok(Marked { is_settled: self.settled(of).is_some(), mark, is_read: false })
    }

    async fn read(&self, Read { of, mark }: &Read) -> Result<Marked, No> {
        let position = mark.parse().map_err(|_| No::Bad("a mark is none".to_owned()))?;
        let Some(members) = self.settled(of) else { return Ok(Marked::default()) };
        let is_read = self.service.engine.all_have_read(&members, Mark(position)).await?;
        Ok(Marked { is_settled: true, mark: mark.clone(), is_read })
    }

    /// The members here, if all are those that are named, and none comes or goes.
    fn settled(&self, of: &Group) -> Option<Vec<Arc<Table>>> {
        let here = self.members(of);
        let now = self.clock.now_micros();
        let knows_all =
            |table: &Arc<Table>| table.all_regions().iter().map(|region| &**region).eq(&of.members);
        let is_settled =
            !here.is_empty() && here.iter().all(|table| knows_all(table) && !is_changing(table, now));
        is_settled.then_some(here)
    }

    /// Changes those replicas of a global table here that need it, in one commit; again if one of them was changed.
    async fn change(&self, of: &Group, needs: impl Fn(&Table) -> bool, change: Change<'_>) -> Result<(), No> {
        for _ in 0..ATTEMPTS_MAX {
            let members: Vec<_> = self.members(of).into_iter().filter(|table| needs(table)).collect();
            if members.is_empty() {
                return Ok(());
            }
            let engine = &self.service.engine;
            if made(engine, change.make(engine, &members).await).await?.is_some() {
                return Ok(());
            }
        }
        Err(No::Later("the table keeps changing".to_owned()))
    }

    fn members(&self, of: &Group) -> Vec<Arc<Table>> {
        let account: Arc<str> = of.account.as_str().into();
        members_here(&self.service.engine, &self.service.peers, &account, &of.table, &of.group)
    }

    fn hosted(&self, account: &str, region: &str, name: &str) -> Option<Arc<Table>> {
        self.service.engine.table(&scope(account, region), name).filter(|_| self.hosts(region))
    }

    fn hosts(&self, region: &str) -> bool {
        self.service.peers.host(region)
    }
}

/// Whether a table of here is the replica that a call is about, and not a later one.
fn is_it(table: &Table, about: &About) -> bool {
    table.is_of_group(&about.of.group) && table.incarnation_of(&about.region) == about.incarnation
}

/// Replicas of version 2017.11.29 have other calls.
fn shares_nothing(here: &[Arc<Table>]) -> bool {
    here.iter().any(|table| table.is_legacy_replica())
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn knows(table: &Table, region: &str) -> bool {
    table.global().is_some_and(|global| global.regions.iter().any(|known| **known == *region))
        || table.remote_replica(region).is_some()
}

fn scope(account: &str, region: &str) -> Scope {
    Scope { account: account.into(), region: region.into() }
}

fn is_from(incoming: &Incoming, region: &str) -> Result<(), No> {
    match incoming.peer.regions.iter().any(|hosted| **hosted == *region) {
        true => Ok(()),
        false => Err(No::Bad(format!("{region} is no region of the peer"))),
    }
}

fn read<M: DeserializeOwned>(incoming: &Incoming) -> Result<M, No> {
    serde_json::from_slice(&incoming.body).map_err(|error| No::Bad(format!("{}: {error}", incoming.call)))
}

fn read_about(incoming: &Incoming) -> Result<About, No> {
    let about: About = read(incoming)?;
    is_from(incoming, &about.source)?;
    Ok(about)
}

fn json(answer: &impl Serialize) -> Result<Vec<u8>, No> {
    serde_json::to_vec(answer).map_err(|error| No::Failed(error.to_string()))
}

impl std::fmt::Debug for PeerHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerHost").field("peers", &self.service.peers).finish_non_exhaustive()
    }
}
