//! Replicas in regions that peers host, as this server knows them.

use super::replicas::{class_summary, with_reads};
use engine::Table;
use engine::table::{OwnSettings, RemoteReplica, RemoteState};
use model::dynamodb as shapes;
use peers::{Link, Peers};

/// Adds them to what a table with replicas shows.
pub fn add_to(description: &mut shapes::TableDescription, peers: &Peers, table: &Table) {
    if table.remote_replicas().is_empty() || table.is_legacy_replica() {
        return; // those of version 2017.11.29 are told by DescribeGlobalTable alone
    }
    let is_coming = |replica: &RemoteReplica| matches!(replica.state, RemoteState::Joining { .. });
    if table.remote_replicas().iter().any(is_coming) && description.table_status.as_deref() == Some("ACTIVE")
    {
        description.table_status = Some("UPDATING".to_owned());
    }
    let mode = description.global_table_settings_replication_mode.clone();
    let shown = table.remote_replicas().iter().map(|replica| {
        let (status, why) = status(peers, replica);
        let OwnSettings { overrides, key, .. } = &replica.own;
        shapes::ReplicaDescription {
            region_name: Some(replica.region.to_string()),
            replica_status: Some(status.to_owned()),
            replica_status_description: why,
            // While it is being made, it is known as it was named.
            kms_master_key_id: key.clone().filter(|key| key.starts_with("arn:")),
            replica_table_class_summary: overrides
                .table_class
                .and_then(|class| class.here)
                .map(class_summary),
            global_table_settings_replication_mode: mode.clone(),
            ..with_reads(table, overrides)
        }
    });
    description.replicas.get_or_insert_default().extend(shown);
}

/// The status, and what is wrong. A peer that does not accept this server, or is not what it should be, gets nothing;
/// one that does not answer gets everything later.
pub fn status(peers: &Peers, replica: &RemoteReplica) -> (&'static str, Option<String>) {
    let Some(peer) = peers.of(&replica.region) else {
        return ("REGION_DISABLED", Some(format!("No peer of this server hosts {}.", replica.region)));
    };
    let told = |why: &str| Some(format!("The peer \"{}\" {why}", peer.name));
    let link = peers.link_of(&replica.region);
    let why = match &link {
        Some(Link::Down(why) | Link::Refused(why)) => told(why),
        Some(Link::Up | Link::Unknown) | None => None,
    };
    match (&replica.state, link) {
        (RemoteState::Failed { why }, _) => ("CREATION_FAILED", Some(why.clone())),
        (RemoteState::Joining { .. }, _) => ("CREATING", why),
        (RemoteState::Leaving | RemoteState::Parting, _) => ("DELETING", why),
        (RemoteState::Active, Some(Link::Refused(_))) => ("REPLICATION_NOT_AUTHORIZED", why),
        (RemoteState::Active, _) => ("ACTIVE", why),
    }
}
