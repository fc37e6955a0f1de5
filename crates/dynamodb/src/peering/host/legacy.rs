//! Tables of version 2017.11.29 that are here and become replicas of tables at peers, and replicas that go their own
//! way.

use super::{PeerHost, is_from, is_id, is_it, read, scope};
use crate::checks::table_name::is_plain;
use crate::global_table::is_changing;
use crate::legacy_global_table::{Candidate, all};
use crate::peering::messages::{About, Adopt, Brought, Done, Group, Invited, Look, Marked, No, Seen};
use crate::table_change::{ATTEMPTS_MAX, made};
use engine::replication::Mark;
use engine::table::{RemoteReplica, RemoteState};
use engine::{Joined, Table};
use model::ApiError;
use peers::{Incoming, REGIONS_MAX};
use std::collections::BTreeMap;
use std::sync::Arc;

impl PeerHost {
    /// The tables of some regions here that could be part of a global table, and the global tables of the name.
    pub(super) async fn look(&self, incoming: &Incoming) -> Result<Seen, No> {
        let Look { account, table, regions } = read(incoming)?;
        if !is_plain(&table) || !is_id(&account) || regions.len() > REGIONS_MAX {
            return Err(No::Bad("a table has no name or account that it can have".to_owned()));
        }
        self.service.legacy_global_tables.check().map_err(said)?;
        let mut seen = Seen::default();
        for known in all(&self.service.engine, &account).iter().filter(|known| known.name == table) {
            let group = known.global().map(|global| global.group.clone()).unwrap_or_default();
            if !seen.groups.contains(&group) {
                seen.groups.push(group);
            }
        }
        let now = self.clock.now_micros();
        for region in regions.iter().filter(|region| self.hosts(region)) {
            let found = self.service.engine.find_table(&scope(&account, region), &table).await?;
            if let Some(found) = found {
                seen.tables.extend(Candidate::of(&self.service.engine, &found, now).await?);
            }
        }
        Ok(seen)
    }

    /// Makes a table here a replica, and lets all here know the sender's and each other.
    pub(super) async fn adopt(&self, incoming: &Incoming) -> Result<Invited, No> {
        let Adopt { about, since_micros, definition, incarnations } = &read(incoming)?;
        self.is_about_tables(incoming, about)?;
        definition.check().map_err(No::Bad)?;
        let elsewhere = self.others_elsewhere(about, incarnations)?;
        self.has_not_gone(about).await?;
        self.service.legacy_global_tables.check().map_err(said)?;
        for _ in 0..ATTEMPTS_MAX {
            let found = self.hosted(&about.of.account, &about.region, &about.of.table);
            let table = found.ok_or_else(|| not_there(about))?;
            if table.is_of_group(&about.of.group) {
                return self.know(about, incarnations, &table).await;
            }
            self.can_be_part(about, &table).await?;
            let mut members = self.legacy_members(&about.of)?;
            if !crate::peering::Definition::of(&table).is_alike(definition) {
                return Err(No::Invalid(format!("its table in {} is another one by now", about.region)));
            }
            members.push(Arc::clone(&table));
            let joined = Joined {
                group: Some(&about.of.group),
                since_micros: *since_micros,
                elsewhere: &elsewhere,
                incarnation: about.incarnation,
                source: &about.source,
            };
            let joined = self.service.engine.join_replicas(&members, joined).await;
            if made(&self.service.engine, joined).await?.is_some() {
                if let Err(gone) = self.has_not_gone(about).await {
                    self.part(about).await?; // whoever said so has not seen it
                    return Err(gone);
                }
                return Ok(Invited { uuid: table.uuid.clone() });
            }
        }
        Err(No::Later("the table keeps changing".to_owned()))
    }

    /// Lets all replicas here know the sender's. What is none yet will be, or its server was told otherwise.
    pub(super) async fn greet(&self, incoming: &Incoming) -> Result<Invited, No> {
        let Adopt { about, incarnations, .. } = &read(incoming)?;
        self.is_about_tables(incoming, about)?;
        let found = self.hosted(&about.of.account, &about.region, &about.of.table);
        let found = found.filter(|found| is_it(found, about) && found.is_legacy_replica());
        let table = found.ok_or_else(|| No::Later("its table is no replica yet".to_owned()))?;
        self.know(about, incarnations, &table).await
    }

    async fn know(
        &self,
        about: &About,
        incarnations: &BTreeMap<String, u64>,
        table: &Arc<Table>,
    ) -> Result<Invited, No> {
        let incarnation = incarnations.get(&about.source).copied().unwrap_or_default();
        let sender = About { region: about.source.clone(), incarnation, ..about.clone() };
        self.has_not_gone(&sender).await?;
        let source = [(Arc::<str>::from(about.source.as_str()), incarnation)];
        let joined = Joined { elsewhere: &source, source: &about.source, ..Joined::default() };
        for _ in 0..ATTEMPTS_MAX {
            let members = self.legacy_members(&about.of)?;
            let knows = |table: &Arc<Table>| {
                table.remote_replica(&about.source).is_some_and(RemoteReplica::is_member)
            };
            if members.iter().all(knows) {
                if let Err(gone) = self.has_not_gone(&sender).await {
                    self.forget(&sender).await?; // whoever said so has not seen it
                    return Err(gone);
                }
                return Ok(Invited { uuid: table.uuid.clone() });
            }
            let joined = self.service.engine.join_replicas(&members, joined).await;
            made(&self.service.engine, joined).await?;
        }
        Err(No::Later("the table keeps changing".to_owned()))
    }

    /// The replicas of a global table here. While one of them goes, nothing else changes.
    fn legacy_members(&self, of: &Group) -> Result<Vec<Arc<Table>>, No> {
        let members = self.members(of);
        if members.iter().any(|member| !member.is_legacy_replica()) {
            return Err(No::Invalid("it has another table of this name".to_owned()));
        }
        let is_parting = |member: &Arc<Table>| member.global().is_some_and(|global| global.is_parting);
        match members.iter().any(|member| is_parting(member) || member.settings.is_leaving()) {
            true => Err(No::Later("a replica is on its way out".to_owned())),
            false => Ok(members),
        }
    }

    async fn can_be_part(&self, about: &About, table: &Arc<Table>) -> Result<(), No> {
        let candidate = Candidate::of(&self.service.engine, table, self.clock.now_micros()).await?;
        let mut candidate = candidate.ok_or_else(|| not_there(about))?;
        candidate.is_empty = true; // it was, and what was written since is brought to the others
        candidate.check(&about.of.table).map_err(said)
    }

    fn is_about_tables(&self, incoming: &Incoming, about: &About) -> Result<(), No> {
        is_from(incoming, &about.source)?;
        if !self.hosts(&about.region) || !is_plain(&about.of.table) {
            return Err(No::Bad("this server does not host the region, or the table has no name".to_owned()));
        }
        match is_id(&about.of.account) && is_id(&about.of.group) {
            true => Ok(()),
            false => Err(No::Bad("an account or a global table has no id that it can have".to_owned())),
        }
    }

    /// The members that are not here, the sender's among them.
    fn others_elsewhere(
        &self,
        About { of, source, .. }: &About,
        incarnations: &BTreeMap<String, u64>,
    ) -> Result<Vec<(Arc<str>, u64)>, No> {
        if of.members.len() > REGIONS_MAX || !of.members.contains(source) {
            return Err(No::Bad("there are too many members, or the source is none".to_owned()));
        }
        let others = of.members.iter().filter(|region| !self.hosts(region));
        let known = |region: &String| match self.service.peers.of(region) {
            Some(_) => {
                Ok((Arc::from(region.as_str()), incarnations.get(region).copied().unwrap_or_default()))
            }
            None => Err(No::Unreached(region.clone())),
        };
        others.map(known).collect()
    }

    /// Begins to make a replica a table of its own, as Disassociate and UpdateGlobalTable do.
    pub(super) async fn part(&self, about: &About) -> Result<Done, No> {
        let engine = &self.service.engine;
        for _ in 0..ATTEMPTS_MAX {
            let replica = self.hosted(&about.of.account, &about.region, &about.of.table);
            let replica = replica.filter(|replica| is_it(replica, about)).ok_or(No::NotMember)?;
            if replica.global().is_some_and(|global| global.is_parting) {
                return Ok(Done {});
            }
            let protection = replica.settings.disassociation_protection;
            if protection == Some(true) && !replica.is_legacy_replica() {
                return Err(No::Protected);
            }
            let members = engine.replicas_of(&replica).ok_or(No::InUse)?;
            if members.iter().any(|member| is_changing(member, self.clock.now_micros())) {
                return Err(No::InUse);
            }
            let begun = engine.begin_parting(&members).await;
            if made(engine, begun).await?.is_some() {
                return Ok(Done {});
            }
        }
        Err(No::InUse)
    }

    /// Whether a replica of the sender that goes its own way has all that was written here up to a mark.
    pub(super) async fn brought(&self, incoming: &Incoming) -> Result<Marked, No> {
        let Brought { about, mark } = &read(incoming)?;
        is_from(incoming, &about.source)?;
        let members = self.members(&about.of).into_iter();
        let members: Vec<_> = members.filter(|table| table.remote_replica(&about.region).is_some()).collect();
        if members.is_empty() {
            return Err(No::NotMember);
        }
        let position = match mark {
            Some(mark) => Mark(mark.parse().map_err(|_| No::Bad("a mark is none".to_owned()))?),
            None => self.service.engine.mark().await?,
        };
        let is_copied = |table: &Arc<Table>| {
            let replica = table.remote_replica(&about.region);
            replica.is_none_or(|replica| !matches!(replica.state, RemoteState::Joining { .. }))
        };
        let is_read = members.iter().all(is_copied)
            && self.service.engine.has_been_read_by(&members, &about.region, position).await?;
        Ok(Marked { is_settled: true, mark: position.0.to_string(), is_read })
    }
}

/// What a client that had asked for it here would be told.
fn said(error: ApiError) -> No {
    No::Invalid(error.message.unwrap_or_default().into_owned())
}

fn not_there(about: &About) -> No {
    No::Invalid(format!("it has no table {} in {} that is ready", about.of.table, about.region))
}
