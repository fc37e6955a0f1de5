//! One mapping: its lease, and a lane for each shard that may be read, or several.

use super::lane_task::{End, LaneTask};
use super::{Poller, RETRY};
use crate::lane::Progress;
use crate::lineage;
use crate::mapping::{LastResult, Mapping};
use crate::mappings::LaneId;
use crate::pattern::Pattern;
use crate::reader::Reader;
use dynamodb::stream_arn::StreamArn;
use engine::Scope;
use engine::stream::Stream;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::lease::{Asked, LEASE_MICROS, Lease};
use store::records::RecordError;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The task of a mapping, shared by those of its lanes.
pub(super) struct MappingTask {
    pub(super) poller: Poller,
    pub(super) mapping: Mapping,
    patterns: Arc<[Pattern]>,
    stopped: watch::Receiver<bool>,
    /// What was noted last, so that what stays the same is not written again.
    noted: Mutex<Option<String>>,
}

impl MappingTask {
    pub(super) fn new(poller: Poller, mapping: Mapping, stopped: watch::Receiver<bool>) -> Arc<MappingTask> {
        let patterns = mapping.patterns().into();
        Arc::new(MappingTask { poller, mapping, patterns, stopped, noted: Mutex::default() })
    }

    /// Runs while the lease is held, and asks for it again when it is lost, until it is stopped.
    pub(super) async fn run(self: Arc<Self>) {
        let name = format!("event-source-mapping/{}", self.mapping.uuid);
        while !self.is_stopped() {
            match self.poller.leases.take(&name).await {
                Ok(Asked::Granted(lease)) => {
                    tokio::select! {
                        () = self.drive(&lease) => {}
                        () = self.keep(&lease) => tracing::info!(mapping = self.mapping.uuid, "the lease is lost"),
                    }
                    _ = self.poller.leases.release(lease).await; // it expires by itself
                }
                Ok(Asked::HeldUntil(until)) => tokio::select! {
                    () = self.poller.at(until) => {}
                    () = self.until_stopped() => {}
                },
                Err(error) => {
                    tracing::warn!(%error, mapping = self.mapping.uuid, "the lease cannot be taken");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Whether the task has to end: it was asked to, or there is no poller any more.
    pub(super) fn is_stopped(&self) -> bool {
        *self.stopped.borrow() || self.stopped.has_changed().is_err()
    }

    /// Resolves when the task has to end.
    pub(super) async fn until_stopped(&self) {
        _ = self.stopped.clone().wait_for(|stopped| *stopped).await;
    }

    /// Renews the lease until it is lost. One that is not needed is never lost.
    async fn keep(&self, lease: &Lease) {
        if matches!(lease, Lease::NotNeeded) {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(Duration::from_micros(LEASE_MICROS / 3)).await;
            match self.poller.leases.renew(lease).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, mapping = self.mapping.uuid, "the lease was not renewed")
                }
            }
        }
    }

    /// Has a lane for everything that may be read, until it is stopped.
    async fn drive(self: &Arc<Self>, lease: &Lease) {
        let mut lanes = JoinSet::new();
        let mut running = HashSet::new();
        while !self.is_stopped() {
            let started = self.start_lanes(lease, &mut lanes, &mut running).await;
            if let Err(error) = &started {
                tracing::warn!(%error, mapping = self.mapping.uuid, "the progress cannot be read");
            }
            tokio::select! {
                Some(ended) = lanes.join_next(), if !lanes.is_empty() => match ended {
                    Ok((_, End::LeaseLost)) => return,
                    Ok((_, End::MappingGone)) => self.until_stopped().await,
                    Ok((lane, End::Shard | End::Stopped)) => _ = running.remove(&lane),
                    Err(error) => tracing::error!(%error, mapping = self.mapping.uuid, "a lane broke"),
                },
                () = tokio::time::sleep(RETRY), if started.is_err() => {}
                () = self.until_stopped() => {}
            }
        }
        while lanes.join_next().await.is_some() {}
    }

    async fn start_lanes(
        self: &Arc<Self>,
        lease: &Lease,
        lanes: &mut JoinSet<(LaneId, End)>,
        running: &mut HashSet<LaneId>,
    ) -> Result<(), RecordError> {
        let Some(stream) = self.stream().await? else {
            self.note("PROBLEM: The stream does not exist").await;
            return Ok(());
        };
        let saved = self.poller.mappings.progress(&self.mapping).await?;
        let mut by_shard: HashMap<&str, Vec<(LaneId, Progress)>> = HashMap::new();
        for (lane, progress) in &saved {
            by_shard.entry(&lane.shard).or_default().push((lane.clone(), progress.clone()));
        }
        let has_ended = |lanes: &Vec<(LaneId, Progress)>| {
            lanes.len() >= lanes[0].0.of as usize && lanes.iter().all(|(_, progress)| progress.ended)
        };
        let ended = by_shard.iter().filter(|(_, lanes)| has_ended(lanes));
        let ended = ended.map(|(shard, _)| (*shard).to_owned()).collect();
        let listed: Vec<_> =
            stream.shards.iter().map(|shard| (shard.id.clone(), shard.parent.clone())).collect();
        for shard in lineage::readable(&listed, &ended) {
            let saved = by_shard.remove(shard).unwrap_or_default();
            for (lane, progress) in self.lanes_of(shard, saved).await? {
                if progress.ended || !running.insert(lane.clone()) {
                    continue;
                }
                let reader = self.reader(&stream, &lane);
                let task = LaneTask { mapping: Arc::clone(self), lease: lease.clone(), reader, lane };
                lanes.spawn(task.run(progress));
            }
        }
        let is_listed = |lane: &LaneId| stream.shard(&lane.shard).is_some();
        if saved.iter().any(|(lane, _)| !is_listed(lane)) {
            self.poller.mappings.forget_progress(&self.mapping, is_listed).await?;
        }
        Ok(())
    }

    /// The lanes of a shard with the progress that each begins from.
    async fn lanes_of(
        &self,
        shard: &str,
        saved: Vec<(LaneId, Progress)>,
    ) -> Result<Vec<(LaneId, Progress)>, RecordError> {
        let of = self.mapping.settings.parallelization_factor;
        let lanes: Vec<_> = (0..of).map(|lane| LaneId { shard: shard.to_owned(), lane, of }).collect();
        if saved.iter().all(|(lane, _)| lane.of == of) {
            let mut saved: HashMap<_, _> = saved.into_iter().collect();
            let start = || Progress::behind(self.mapping.start);
            let begins = |lane: LaneId| {
                let progress = saved.remove(&lane).unwrap_or_else(start);
                (lane, progress)
            };
            return Ok(lanes.into_iter().map(begins).collect());
        }
        let progress = self.poller.mappings.regroup(&self.mapping, &saved, &lanes).await?;
        Ok(lanes.into_iter().map(|lane| (lane, progress.clone())).collect())
    }

    fn reader(&self, stream: &Arc<Stream>, lane: &LaneId) -> Reader {
        Reader {
            engine: self.poller.engine.clone(),
            stream: Arc::clone(stream),
            stream_arn: self.mapping.event_source_arn.clone(),
            lane: lane.clone(),
            patterns: Arc::clone(&self.patterns),
        }
    }

    async fn stream(&self) -> Result<Option<Arc<Stream>>, RecordError> {
        let Some(arn) = StreamArn::parse(&self.mapping.event_source_arn) else { return Ok(None) };
        let scope = Scope { account: arn.table.account.into(), region: arn.table.region.into() };
        Ok(self.poller.engine.current_stream(&scope, arn.table.table, arn.label).await?)
    }

    /// Keeps what became of a batch, where that is news.
    pub(super) async fn note(&self, text: &str) {
        let is_news = {
            let mut noted = self.noted.lock().expect("nothing panics while it is locked");
            let is_news = noted.as_deref() != Some(text);
            *noted = Some(text.to_owned());
            is_news
        };
        if is_news {
            let result = LastResult { text: text.to_owned(), since_micros: self.poller.clock.now_micros() };
            if let Err(error) = self.poller.mappings.note(&self.mapping, &result).await {
                tracing::warn!(%error, mapping = self.mapping.uuid, "the last result was not kept");
            }
        }
    }
}
