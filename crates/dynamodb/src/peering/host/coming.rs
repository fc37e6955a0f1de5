//! Replicas that come: whether one can be added, one that is made here, and one elsewhere that the members here are
//! told of.

use super::change::Change;
use super::{PeerHost, is_from, is_id, is_it, knows, read, scope, shares_nothing};
use crate::checks::table_name::is_plain;
use crate::checks::under_way::UnderWay;
use crate::global_table::is_changing;
use crate::peering::definition::Definition;
use crate::peering::gone;
use crate::peering::introduce::of_other_servers;
use crate::peering::messages::{About, Announce, Done, Invite, Invited, No, Probe};
use crate::peering::own;
use engine::table::{Elsewhere, GlobalTable, OwnSettings, RemoteReplica, RemoteState};
use engine::{NewTable, Scope, Table};
use peers::Incoming;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

impl PeerHost {
    /// Whether a replica can be added: there is no such table here if it is to be here, the members are those that are
    /// known here and at rest, and this server can reach all that it will have to.
    pub(super) async fn probe(&self, incoming: &Incoming) -> Result<Done, No> {
        let Probe { about, key } = &read(incoming)?;
        is_from(incoming, &about.source)?;
        if self.hosts(&about.region) {
            if !is_plain(&about.of.table) || !is_id(&about.of.account) {
                return Err(No::Bad("the table has no name or account that a table can have".to_owned()));
            }
            self.is_free(about).await?;
            if let Some(key) = key {
                self.check_key(&scope(&about.of.account, &about.region), key).await?;
            }
        }
        let reached = about.of.members.iter().chain([&about.region]).filter(|region| !self.hosts(region));
        for region in reached {
            if self.service.peers.of(region).is_none() {
                return Err(No::Unreached(region.clone()));
            }
        }
        let here = self.members(&about.of);
        if about.of.members.iter().any(|region| self.hosts(region)) {
            self.are_at_rest(&here, &about.of.members)?;
        }
        Ok(Done {})
    }

    async fn is_free(&self, about: &About) -> Result<(), No> {
        let (engine, scope) = (&self.service.engine, scope(&about.of.account, &about.region));
        let found = engine.find_table(&scope, &about.of.table).await?;
        let deleted = engine.deleted_table(&scope, &about.of.table, self.clock.now_micros()).await?;
        if found.is_some() || deleted.is_some() { Err(No::Exists) } else { Ok(()) }
    }

    fn are_at_rest(&self, here: &[Arc<Table>], members: &[String]) -> Result<(), No> {
        let now = self.clock.now_micros();
        let knows_all = |table: &Arc<Table>| table.all_regions().iter().map(|region| &**region).eq(members);
        if here.is_empty() || !here.iter().all(knows_all) || shares_nothing(here) {
            return Err(No::NotMember);
        }
        let is_busy = |table: &Arc<Table>| is_changing(table, now) || UnderWay::at(table, now).is_anything();
        if here.iter().any(is_busy) { Err(No::InUse) } else { Ok(()) }
    }

    /// Makes a replica, and adds it to the others here.
    pub(super) async fn invite(&self, incoming: &Incoming) -> Result<Invited, No> {
        let Invite { about, definition, own, incarnations } = read(incoming)?;
        is_from(incoming, &about.source)?;
        definition.check().and_then(|()| own::check(&own)).map_err(No::Bad)?;
        if !self.hosts(&about.region) || !is_plain(&about.of.table) {
            return Err(No::Bad("this server does not host the region, or the table has no name".to_owned()));
        }
        if !is_id(&about.of.account) || !is_id(&about.of.group) {
            return Err(No::Bad("an account or a global table has no id that it can have".to_owned()));
        }
        self.has_not_gone(&about).await?;
        let engine = &self.service.engine;
        let place = scope(&about.of.account, &about.region);
        let known = engine.find_table(&place, &about.of.table).await?;
        let table = match known {
            Some(known)
                if is_it(&known, &about) && !known.settings.is_leaving() && !known.is_legacy_replica() =>
            {
                known
            }
            Some(_) => return Err(No::Exists),
            None => {
                self.is_free(&about).await?;
                let new = self.new_replica(&about, (&definition, &own), &incarnations, place)?;
                self.create(new, own.key.as_deref()).await?
            }
        };
        let source: Arc<str> = about.source.as_str().into();
        let needs = |other: &Table| *other.scope.region != *about.region && !knows(other, &about.region);
        self.change(&about.of, needs, Change::AddHosted { region: &table.scope.region, source: &source })
            .await?;
        if let Err(gone) = self.has_not_gone(&about).await {
            self.leave(&about).await?; // whoever said so has not seen it
            return Err(gone);
        }
        Ok(Invited { uuid: table.uuid.clone() })
    }

    /// Late calls about a replica that has gone are refused. What adds one asks before, and again once it is there.
    pub(super) async fn has_not_gone(&self, about: &About) -> Result<(), No> {
        match gone::has(self.service.engine.shared_store(), about).await? {
            true => Err(No::NotMember),
            false => Ok(()),
        }
    }

    /// Its definition as a member: it knows all others from its first moment, and is filled from elsewhere.
    fn new_replica(
        &self,
        about: &About,
        (definition, own): (&Definition, &OwnSettings),
        incarnations: &BTreeMap<String, u64>,
        place: Scope,
    ) -> Result<NewTable, No> {
        let members = || about.of.members.iter().filter(|region| **region != about.region);
        if members().count() > peers::REGIONS_MAX {
            return Err(No::Bad("there are too many members".to_owned()));
        }
        if let Some(unknown) =
            members().find(|region| !self.hosts(region) && self.service.peers.of(region).is_none())
        {
            return Err(No::Unreached(unknown.clone()));
        }
        let here = self.members(&about.of);
        let regions = here.iter().map(|member| Arc::clone(&member.scope.region)).collect();
        let remote = members().filter(|region| !self.hosts(region));
        let replica = |region: &String| RemoteReplica {
            incarnation: incarnations.get(region).copied().unwrap_or_default(),
            ..RemoteReplica::new(region, RemoteState::Active)
        };
        let replicas: Vec<_> = remote.map(replica).collect();
        if !replicas.iter().any(|replica| *replica.region == *about.source) {
            return Err(No::Bad("the source is no member".to_owned()));
        }
        let now_micros = self.clock.now_micros();
        let mut new = definition.new_table(place, about.of.table.clone(), now_micros);
        own.overrides.put_on(&mut new.settings, &mut new.indexes);
        let has_own = new.settings.replica_overrides.is_some() || own.key.is_some();
        let own_since_micros = if has_own { now_micros } else { 0 };
        new.settings.global = Some(GlobalTable::to_be_filled(&about.of.group, regions));
        let incarnation = about.incarnation;
        let elsewhere = Elsewhere { replicas, own_since_micros, incarnation, ..Elsewhere::default() };
        new.settings.elsewhere = Some(Box::new(elsewhere));
        Ok(new)
    }

    /// Keeps records for a replica that is being made at another server.
    pub(super) async fn announce(&self, incoming: &Incoming) -> Result<Done, No> {
        let Announce { about, coming } = &read(incoming)?;
        is_from(incoming, &about.source)?;
        if self.hosts(&about.region) {
            return Err(No::Bad("this server hosts the region".to_owned()));
        }
        if self.service.peers.of(&about.region).is_none() {
            return Err(No::Unreached(about.region.clone()));
        }
        self.has_not_gone(about).await?;
        let here = self.members(&about.of);
        if here.is_empty() || shares_nothing(&here) {
            return Err(No::NotMember);
        }
        let is_new = |table: &Table| {
            let known = table.remote_replica(&about.region).filter(|known| known.is_member());
            known.is_none_or(|known| known.incarnation != about.incarnation)
        };
        if here.iter().any(|table| is_new(table)) {
            match incoming.peer.regions.iter().any(|hosted| **hosted == *about.region) {
                true => self.are_at_rest_but_for_own(&here, about, coming)?,
                false => self.are_at_rest(&here, &without(&about.of.members, &about.region))?,
            }
        }
        let source: Arc<str> = about.source.as_str().into();
        let replica = RemoteReplica::new(&about.region, RemoteState::Active);
        let replica = RemoteReplica { incarnation: about.incarnation, ..replica };
        self.change(&about.of, is_new, Change::AddRemote { replica: &replica, source: &source }).await?;
        if let Err(gone) = self.has_not_gone(about).await {
            self.forget(about).await?; // whoever said so has not seen it
            return Err(gone);
        }
        Ok(Done {})
    }

    /// The same where servers add replicas to themselves, this one perhaps, too: each of those is told to all others.
    fn are_at_rest_but_for_own(
        &self,
        here: &[Arc<Table>],
        about: &About,
        coming: &[String],
    ) -> Result<(), No> {
        let (now, peers) = (self.clock.now_micros(), &self.service.peers);
        let own: Vec<&Arc<Table>> = here.iter().filter(|table| table.introduction().is_some()).collect();
        let mut coming: HashSet<&str> = coming.iter().map(String::as_str).chain([&*about.region]).collect();
        coming.extend(own.iter().map(|table| &*table.scope.region));
        coming.extend(here.iter().flat_map(|table| of_other_servers(peers, table)).map(|region| &**region));
        let there: Vec<&str> =
            about.of.members.iter().map(String::as_str).filter(|region| !coming.contains(region)).collect();
        let knows_all = |table: &Arc<Table>| {
            let all = table.all_regions();
            all.iter().map(|region| &**region).filter(|region| !coming.contains(region)).eq(there.clone())
        };
        let is_busy = |table: &Arc<Table>| {
            let is_own = own.iter().any(|own| own.id == table.id);
            let mut elsewhere = table.remote_replicas().iter();
            let settings = &table.settings;
            elsewhere.any(|replica| replica.is_changing() && !coming.contains(&*replica.region))
                || settings.is_leaving()
                || table.global().is_some_and(|global| global.is_parting)
                || !is_own && (settings.is_creating(now) || UnderWay::at(table, now).is_anything())
        };
        if here.iter().any(is_busy) {
            return Err(No::InUse);
        }
        match here.iter().all(knows_all) {
            true => Ok(()),
            false => Err(No::NotMember),
        }
    }
}

fn without(members: &[String], region: &str) -> Vec<String> {
    members.iter().filter(|known| *known != region).cloned().collect()
}
