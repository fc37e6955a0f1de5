//! Retention: events go once they are older than their group keeps them. One of the servers on a store looks every
//! hour, as long as there is a group with a retention.

use crate::events::{self, StreamId};
use crate::group::{self, Group, Region};
use crate::logs::{Logs, STREAMS_MAX};
use std::time::Duration;
use stdx::future::Boxed;
use store::lease::{Asked, Leases};
use store::records::RecordError;

const LEASE: &str = "logs/retention";
const EVERY: Duration = Duration::from_secs(3_600);
const MILLIS_PER_DAY: u64 = 86_400_000;
/// Events that are deleted by one commit.
const DELETED_MAX: usize = 1_000;
const GROUPS_MAX: usize = 100_000;

impl Logs {
    /// Removes what is too old, for as long as the server runs. Costs nothing where nothing goes.
    pub fn run(self, leases: Leases) -> Boxed<'static, ()> {
        Box::pin(async move {
            let watch = self.documents().watch(group::all_groups());
            loop {
                let seen = watch.version();
                match self.expire(&leases).await {
                    Ok(false) => watch.changed(seen).await,
                    Ok(true) => {}
                    Err(error) => tracing::warn!(%error, "events that are too old were not removed"),
                }
                self.pause(EVERY).await;
            }
        })
    }

    /// Whether any group has a retention.
    async fn expire(&self, leases: &Leases) -> Result<bool, RecordError> {
        let groups = self.documents().list::<Group>(group::all_groups(), None, GROUPS_MAX).await?;
        let kept: Vec<_> = groups.into_iter().filter(|(_, group)| group.retention_days.is_some()).collect();
        if kept.is_empty() {
            return Ok(false);
        }
        if let Asked::Granted(lease) = leases.take(LEASE).await? {
            for (key, group) in &kept {
                self.expire_group(&Region::of(&key.account, &key.region), group).await?;
                leases.renew(&lease).await?;
            }
            leases.release(lease).await?;
        }
        Ok(true)
    }

    /// Removes events of a group that are older than it keeps them.
    pub(crate) async fn expire_group(&self, region: &Region, group: &Group) -> Result<(), RecordError> {
        let Some(days) = group.retention_days else { return Ok(()) };
        let before = self.now_millis().saturating_sub(days * MILLIS_PER_DAY);
        let streams = self.streams(region, group, None, STREAMS_MAX).await.unwrap_or_default();
        for (_, stream) in streams {
            let id = StreamId { group: group.id, stream: stream.id };
            while events::expire(self.store(), id, before, DELETED_MAX).await? == DELETED_MAX {}
        }
        Ok(())
    }
}
