//! One mapping: its lease, and a lane for each shard that may be read, or several.

use super::lane_task::{End, LaneTask};
use super::{Poller, RETRY};
use crate::lane::Progress;
use crate::lineage;
use crate::mapping::{LastResult, Mapping};
use crate::mappings::LaneId;
use crate::pattern::Pattern;
use crate::permission;
use crate::place::Place;
use crate::reader::{Reader, Selection, place};
use crate::source::Source;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use store::Watch;
use store::lease::{Asked, LEASE_MICROS, Lease};
use store::records::RecordError;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Whether there is a stream to read. One of Kinesis may come again under its name.
#[derive(Debug, Clone, Copy)]
enum Stream {
    There,
    Gone,
}

/// What is noted while there is nothing to read from.
const NO_STREAM: &str = "PROBLEM: The stream does not exist";
/// How long it counts that a role may read a stream: what is taken from it counts a second later at the latest.
const PERMITTED_MICROS: u64 = 1_000_000;

/// The task of a mapping, shared by those of its lanes.
pub(super) struct MappingTask {
    pub(super) poller: Poller,
    pub(super) mapping: Mapping,
    patterns: Arc<[Pattern]>,
    stopped: watch::Receiver<bool>,
    /// What was noted last, so that what stays the same is not written again.
    noted: Mutex<Option<String>>,
    /// Until when the role may read the stream, as far as was asked.
    permitted_until: AtomicU64,
}

impl MappingTask {
    pub(super) fn new(poller: Poller, mapping: Mapping, stopped: watch::Receiver<bool>) -> Arc<MappingTask> {
        let patterns = mapping.patterns().into();
        let (noted, permitted_until) = (Mutex::default(), AtomicU64::new(0));
        Arc::new(MappingTask { poller, mapping, patterns, stopped, noted, permitted_until })
    }

    /// Runs while the lease is held, and asks for it again when it is lost, until it is stopped.
    pub(super) async fn run(self: Arc<Self>) {
        let name = format!("event-source-mapping/{}", self.mapping.uuid);
        let released = self.poller.leases.watch(&name);
        while !self.is_stopped() {
            let seen = released.version();
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
                    () = released.changed(seen) => {}
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
            self.poller.at(self.poller.clock.now_micros() + LEASE_MICROS / 3).await;
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
        let watch = self.poller.sources.watch(&self.mapping.event_source_arn);
        while !self.is_stopped() {
            let seen = watch.as_ref().map_or(0, Watch::version);
            let started = self.start_lanes(lease, &mut lanes, &mut running).await;
            if let Err(error) = &started {
                tracing::warn!(%error, mapping = self.mapping.uuid, "the progress cannot be read");
            }
            let comes_again = async {
                match &watch {
                    Some(watch) => watch.changed(seen).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(ended) = lanes.join_next(), if !lanes.is_empty() => match ended {
                    Ok((_, End::LeaseLost)) => return,
                    Ok((_, End::MappingGone)) => self.until_stopped().await,
                    Ok((lane, End::Shard | End::Stopped)) => _ = running.remove(&lane),
                    Err(error) => tracing::error!(%error, mapping = self.mapping.uuid, "a lane broke"),
                },
                () = tokio::time::sleep(RETRY), if started.is_err() => {}
                () = comes_again, if matches!(started, Ok(Stream::Gone)) => {}
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
    ) -> Result<Stream, RecordError> {
        let Some(source) = self.poller.sources.find(&self.mapping.event_source_arn).await? else {
            self.note(NO_STREAM).await;
            self.poller.mappings.forget_progress(&self.mapping, |_| false).await?;
            return Ok(Stream::Gone);
        };
        let saved = self.poller.mappings.progress(&self.mapping).await?;
        let mut by_shard: HashMap<&str, Vec<(LaneId, Progress)>> = HashMap::new();
        for (lane, progress) in &saved {
            by_shard.entry(&lane.shard).or_default().push((lane.clone(), progress.clone()));
        }
        let has_ended = |lanes: &Vec<(LaneId, Progress)>| {
            lanes.len() >= lanes[0].0.of as usize && lanes.iter().all(|(_, progress)| progress.ended)
        };
        let ended = by_shard.iter().filter(|(shard, lanes)| has_ended(lanes) && !source.is_open(shard));
        let ended = ended.map(|(shard, _)| (*shard).to_owned()).collect();
        let listed = source.shards();
        for shard in lineage::readable(&listed, &ended) {
            let saved = by_shard.remove(shard).unwrap_or_default();
            for (lane, mut progress) in self.lanes_of(&source, shard, saved).await? {
                progress.ended &= !source.is_open(shard);
                if progress.ended || !running.insert(lane.clone()) {
                    continue;
                }
                let reader = self.reader(&source, &lane);
                let (mapping, lease, kind) = (Arc::clone(self), lease.clone(), source.kind());
                let task = LaneTask { mapping, lease, reader, lane, kind };
                lanes.spawn(task.run(progress));
            }
        }
        let is_listed = |lane: &LaneId| listed.iter().any(|shard| shard.id == lane.shard);
        if saved.iter().any(|(lane, _)| !is_listed(lane)) {
            self.poller.mappings.forget_progress(&self.mapping, is_listed).await?;
        }
        Ok(Stream::There)
    }

    /// The lanes of a shard with the progress that each begins from.
    async fn lanes_of(
        &self,
        source: &Source,
        shard: &str,
        saved: Vec<(LaneId, Progress)>,
    ) -> Result<Vec<(LaneId, Progress)>, RecordError> {
        let of = self.mapping.settings.parallelization_factor;
        let lanes: Vec<_> = (0..of).map(|lane| LaneId { shard: shard.to_owned(), lane, of }).collect();
        if saved.iter().all(|(lane, _)| lane.of == of) {
            let mut saved: HashMap<_, _> = saved.into_iter().collect();
            let is_new = lanes.iter().any(|lane| !saved.contains_key(lane));
            let start = if is_new { self.start(source, shard).await? } else { self.mapping.start };
            let begins = |lane: LaneId| {
                let progress = saved.remove(&lane).unwrap_or_else(|| Progress::behind(start));
                (lane, progress)
            };
            return Ok(lanes.into_iter().map(begins).collect());
        }
        let start = self.start(source, shard).await?;
        let progress = self.poller.mappings.regroup(&self.mapping, start, &saved, &lanes).await?;
        Ok(lanes.into_iter().map(|lane| (lane, progress.clone())).collect())
    }

    fn reader(&self, source: &Source, lane: &LaneId) -> Reader {
        let selection = Selection { lane: lane.clone(), patterns: Arc::clone(&self.patterns) };
        Reader::new(&self.poller.sources, source, &self.mapping, selection)
    }

    /// Where a shard begins that was not read yet: with a time, at the first record that came then or later.
    async fn start(&self, source: &Source, shard: &str) -> Result<Place, RecordError> {
        match (self.mapping.start_micros, source) {
            (Some(micros), Source::Kinesis(stream)) => {
                let Some(shard) = stream.shards.iter().find(|known| known.id() == shard) else {
                    return Ok(self.mapping.start);
                };
                Ok(place(self.poller.sources.kinesis.place_at(shard, micros).await?))
            }
            _ => Ok(self.mapping.start),
        }
    }

    /// Whether the function's role may read the stream at a time. That it may not is noted.
    pub(super) async fn may_read(&self, now_micros: u64) -> bool {
        let permission = &self.poller.permission;
        if permission.is_general() || now_micros < self.permitted_until.load(Ordering::Relaxed) {
            return true;
        }
        let (function, source) = (&self.mapping.function_arn, &self.mapping.event_source_arn);
        let permitted = permission.permits(function, source).await;
        match permitted {
            true => self.permitted_until.store(now_micros + PERMITTED_MICROS, Ordering::Relaxed),
            false => self.note(&format!("PROBLEM: {}", permission::denial(source))).await,
        }
        permitted
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
