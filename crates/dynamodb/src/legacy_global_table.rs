//! Global tables of version 2017.11.29, whose calls old programs still make: tables that are there, one in each region,
//! become replicas of each other, and have settings of their own.
//!
//! DynamoDB refuses them by now; what this server does is an option ([`LegacyGlobalTables`]).

pub mod candidate;
mod replica_settings;
mod terms;

pub use candidate::Candidate;
pub use replica_settings::ReplicaSettings;
pub use terms::Terms;

use crate::errors::{legacy_version, store_error};
use crate::service::DynamoDb;
use crate::{describe, peering};
use engine::table::{RemoteReplica, RemoteState};
use engine::{Engine, Scope, Table};
use model::ApiError;
use model::dynamodb as shapes;
use pipeline::Cx;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is done about global tables of version 2017.11.29.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LegacyGlobalTables {
    /// They are made, as they once were.
    #[default]
    Offered,
    /// They are refused, as by DynamoDB today.
    Refused,
    /// They are made for those who learn: a table that a region lacks is made too, and who asks again is told the same.
    Tutorial,
}

impl LegacyGlobalTables {
    /// Whether there are such tables.
    pub fn check(self) -> Result<(), ApiError> {
        match self {
            LegacyGlobalTables::Refused => Err(legacy_version()),
            LegacyGlobalTables::Offered | LegacyGlobalTables::Tutorial => Ok(()),
        }
    }
}

/// The tables of a global table of the caller's account, in the order of their regions.
pub fn members(cx: &Cx<'_, DynamoDb>, name: &str) -> Option<Vec<Arc<Table>>> {
    let members =
        all(&cx.service.engine, &cx.caller.account).into_iter().filter(|member| member.name == name);
    let members: Vec<_> = members.collect();
    (!members.is_empty()).then_some(members)
}

/// Every table of an account that is part of one, by name and region.
pub fn all(engine: &Engine, account: &str) -> Vec<Arc<Table>> {
    let is_one = |table: &Arc<Table>| {
        let is_member =
            |global: &engine::table::GlobalTable| global.legacy_since_micros.is_some() && !global.is_parting;
        *table.scope.account == *account
            && table.global().is_some_and(is_member)
            && !table.settings.is_leaving()
    };
    let mut members: Vec<_> = engine.tables().into_iter().filter(is_one).collect();
    members.sort_unstable_by(|a, b| (&a.name, &a.scope.region).cmp(&(&b.name, &b.scope.region)));
    members
}

/// The replicas of a table that peers host, but for those that are on their way out.
pub fn elsewhere(member: &Table) -> impl Iterator<Item = &RemoteReplica> {
    let is_going =
        |replica: &&RemoteReplica| matches!(replica.state, RemoteState::Leaving | RemoteState::Parting);
    member.remote_replicas().iter().filter(move |replica| !is_going(replica))
}

/// Those of all members, each beside one that knows it: one is there once each of them has brought it what it had.
pub fn elsewhere_of_all(members: &[Arc<Table>]) -> impl Iterator<Item = (&Table, RemoteReplica)> {
    members.first().into_iter().flat_map(move |first| {
        elsewhere(first).map(move |replica| {
            let mut known = members.iter().filter_map(|member| member.remote_replica(&replica.region));
            (&**first, known.find(|known| known.is_changing()).unwrap_or(replica).clone())
        })
    })
}

/// The regions of a global table, in order, as it is known here.
pub fn regions(members: &[Arc<Table>]) -> BTreeSet<String> {
    let here = members.iter().map(|member| &member.scope.region);
    let there = members.first().into_iter().flat_map(|member| elsewhere(member)).map(|there| &there.region);
    here.chain(there).map(|region| region.to_string()).collect()
}

/// A global table as it is described; no member is missing. It is updating while some replicas are there and others are
/// on their way.
pub fn description(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    members: &[Arc<Table>],
) -> shapes::GlobalTableDescription {
    let first = members.first();
    let since = first.and_then(|member| member.global()?.legacy_since_micros).unwrap_or_default();
    let shows_until = since.saturating_add(cx.service.control_plane_delay.as_micros() as u64);
    let status = if cx.now_micros < shows_until { "CREATING" } else { "ACTIVE" };
    let here = members.iter().map(|member| shapes::ReplicaDescription {
        region_name: Some(member.scope.region.to_string()),
        replica_status: Some(status.to_owned()),
        ..Default::default()
    });
    let there = elsewhere_of_all(members).map(|(_, replica)| {
        let (status, why) = describe::remote_replicas::status(&cx.service.peers, &replica);
        shapes::ReplicaDescription {
            region_name: Some(replica.region.to_string()),
            replica_status: Some(status.to_owned()),
            replica_status_description: why,
            ..Default::default()
        }
    });
    let mut replicas: Vec<_> = here.chain(there).collect();
    replicas.sort_unstable_by(|a, b| a.region_name.cmp(&b.region_name));
    let is = |status: &'static str| {
        move |replica: &shapes::ReplicaDescription| replica.replica_status.as_deref() == Some(status)
    };
    let status = match replicas.iter().any(is("CREATING")) {
        true if status == "ACTIVE" && replicas.len() > 2 && replicas.iter().any(is("ACTIVE")) => "UPDATING",
        true => "CREATING",
        false => status,
    };
    shapes::GlobalTableDescription {
        replication_group: Some(replicas),
        global_table_arn: Some(format!("arn:aws:dynamodb::{}:global-table/{name}", cx.caller.account)),
        creation_date_time: Some(describe::seconds(since)),
        global_table_status: Some(status.to_owned()),
        global_table_name: Some(name.to_owned()),
    }
}

/// The caller's account in a region.
pub fn scope(cx: &Cx<'_, DynamoDb>, region: &str) -> Scope {
    Scope { region: region.into(), account: Arc::clone(&cx.caller.account) }
}

/// The table of a name in a region.
pub async fn table_in(
    cx: &Cx<'_, DynamoDb>,
    name: &str,
    region: &str,
) -> Result<Option<Arc<Table>>, ApiError> {
    let found = cx.service.engine.find_table(&scope(cx, region), name).await;
    found.map_err(|error| store_error(&error))
}

/// How all replicas are paid for, and how they scale, in the order of their regions. Servers of replicas elsewhere are
/// asked, but for those that have told; of one that is not there yet, or that no peer hosts any more, only the status
/// is known.
pub async fn all_settings(
    cx: &Cx<'_, DynamoDb>,
    members: &[Arc<Table>],
    mut told: BTreeMap<Arc<str>, ReplicaSettings>,
) -> Result<Vec<shapes::ReplicaSettingsDescription>, ApiError> {
    let mut all = Vec::with_capacity(members.len());
    for member in members {
        all.push(ReplicaSettings::of(cx, member).await?.described(&member.scope.region));
    }
    for (member, replica) in elsewhere_of_all(members) {
        let region = &replica.region;
        all.push(match told.remove(region) {
            Some(settings) => settings.described(region),
            None if is_there(cx, &replica) => {
                peering::weigh(cx, member, region, &Terms::default()).await?.settings.described(region)
            }
            None => shapes::ReplicaSettingsDescription {
                region_name: Some(region.to_string()),
                replica_status: Some(
                    describe::remote_replicas::status(&cx.service.peers, &replica).0.to_owned(),
                ),
                ..Default::default()
            },
        });
    }
    all.sort_unstable_by(|a, b| a.region_name.cmp(&b.region_name));
    Ok(all)
}

fn is_there(cx: &Cx<'_, DynamoDb>, replica: &RemoteReplica) -> bool {
    replica.state == RemoteState::Active && cx.service.peers.of(&replica.region).is_some()
}
