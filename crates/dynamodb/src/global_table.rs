//! Tables that are replicas of a global table: which the others are, and changing all of them together.

use crate::errors::codes;
use crate::peering;
use crate::service::DynamoDb;
use crate::table_change::{attempted, in_quota};
use engine::Table;
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

/// Regions in which a table can have replicas.
pub const REGIONS: [&str; 33] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The replicas that share settings with a table, itself first; only itself where it has none, or such of version
/// 2017.11.29, which share none. One that comes or goes keeps the others from being changed.
pub fn sharing_members(cx: &Cx<'_, DynamoDb>, table: &Arc<Table>) -> Result<Vec<Arc<Table>>, ApiError> {
    match table.is_legacy_replica() {
        true => Ok(vec![Arc::clone(table)]),
        false => settled_members(cx, table),
    }
}

/// All replicas of a table, itself first; only itself where it has none. One that comes or goes keeps the others from
/// being changed.
pub fn settled_members(cx: &Cx<'_, DynamoDb>, table: &Arc<Table>) -> Result<Vec<Arc<Table>>, ApiError> {
    let members = cx.service.engine.replicas_of(table).ok_or_else(in_use)?;
    match members.iter().any(|member| is_changing(member, cx.now_micros)) {
        true if members.len() > 1 || !table.remote_replicas().is_empty() => Err(in_use()),
        _ => Ok(members),
    }
}

/// Whether a replica is being added, taken away, or going its own way.
pub fn is_changing(member: &Table, now_micros: u64) -> bool {
    let settings = &member.settings;
    let is_parting = member.global().is_some_and(|global| global.is_parting);
    let elsewhere = member.remote_replicas().iter().any(|replica| replica.is_changing());
    if member.global().is_some_and(|global| global.failure.is_some()) {
        return settings.is_leaving() || elsewhere; // it can be taken away
    }
    settings.is_creating(now_micros) || settings.is_leaving() || is_parting || elsewhere
}

/// What a request about a table with replicas is refused with while something about any of them is under way.
pub fn in_use() -> ApiError {
    ApiError::new(codes::RESOURCE_IN_USE, "The resource which you are attempting to change is in use.")
}

/// Replaces the descriptors of all replicas that were read. `None`: one of them was changed since: look again.
pub async fn attempt(
    cx: &Cx<'_, DynamoDb>,
    reads: &[Arc<Table>],
    mut alter: impl FnMut(usize, &mut Table) + Send,
) -> Result<Option<Arc<Table>>, ApiError> {
    let engine = &cx.service.engine;
    let alter = |at, table: &mut Table| {
        let tells_peers = table.settings.elsewhere.is_some() && !table.is_legacy_replica();
        let before = tells_peers.then(|| table.clone());
        alter(at, table);
        let Some(before) = before.filter(|before| before != table) else { return };
        table.note_shared(cx.now_micros); // peers are told
        if !peering::has_the_same_of_its_own(&before, table) {
            table.note_own(cx.now_micros);
        }
    };
    let altered = in_quota(engine.alter_tables_within_quota(reads, alter).await)?;
    let altered = attempted(cx, altered).await?;
    for read in reads.iter().filter(|_| altered.is_some()) {
        if let Some(now) = engine.table(&read.scope, &read.name) {
            cx.service.limiter.view(&now, cx.now_micros);
        }
    }
    Ok(altered)
}
