//! The one short lock of the write path. Appending a mutation checks its fences, gives it the next position,
//! shows its rows to later writers (overlay) and queues it, in one step: the order of the queue is the order
//! of positions and of the overlay.
//!
//! When the disk is full the committer gives up everything queued. Positions are then used again, so a writer
//! that has read given-up rows must not append: the *epoch* it began in no longer matches.

use crate::environment::Environment;
use crate::trees::range_tombstones::RangeTombstones;
use crate::write::batch::Batch;
use crate::write::entry::{Appending, Entry};
use crate::write::fences::Fences;
use crate::write::full_disk::FullDisk;
use crate::write::overlay::Overlay;
use crate::write::refusals::Refusals;
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use store::{Fence, Outcome, Pending, Stamp, StoreError};
use tokio::sync::oneshot;

/// A group ends with the mutation that reaches this.
const GROUP_BYTES: usize = 1024 * 1024;
/// The committer is woken at this even by a caller that has more to append.
const EAGER_BYTES: usize = GROUP_BYTES;
/// Writers wait while this much is queued.
const QUEUE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What the committer is to do next.
pub(crate) enum Work {
    Group(Vec<Entry>),
    /// Seal every memtable.
    Rotate,
    /// Everything is done and the store closes.
    Closed,
}

struct State {
    entries: VecDeque<Entry>,
    bytes: usize,
    next: u64,
    fences: Fences,
    refusals: Refusals,
    rotate: bool,
    closing: bool,
    disk: FullDisk,
    /// Writers that wait until less is queued.
    for_room: Vec<oneshot::Sender<()>>,
}

/// The queue.
pub(crate) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    epoch: AtomicU64,
    committer_idle: AtomicBool,
    /// Copies of the state's, read without its lock.
    queued_bytes: AtomicUsize,
    closing: AtomicBool,
    env: Arc<Environment>,
}

impl Queue {
    pub(crate) fn new(next: u64, env: Arc<Environment>) -> Self {
        let state = State {
            entries: VecDeque::new(),
            bytes: 0,
            next,
            fences: Fences::default(),
            refusals: Refusals::default(),
            rotate: false,
            closing: false,
            disk: FullDisk::new(env.clock.clone()),
            for_room: Vec::new(),
        };
        Self {
            state: Mutex::new(state),
            work: Condvar::new(),
            epoch: AtomicU64::new(0),
            committer_idle: AtomicBool::new(false),
            queued_bytes: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            env,
        }
    }

    /// Whether writes are taken. While too much is queued: resolves when it is worth asking again. Called with no key
    /// held.
    pub(crate) fn admit(&self) -> Result<Option<oneshot::Receiver<()>>, StoreError> {
        self.env.failure.check()?;
        if self.queued_bytes.load(Ordering::Relaxed) <= QUEUE_BYTES_MAX
            && !self.closing.load(Ordering::SeqCst)
        {
            return Ok(None);
        }
        let mut state = self.state.lock();
        accepting(&state)?;
        if state.bytes <= QUEUE_BYTES_MAX {
            return Ok(None);
        }
        self.wake(&mut state);
        let (sender, room) = oneshot::channel();
        state.for_room.push(sender);
        Ok(Some(room))
    }

    /// Waits while too much is queued, then returns whether writes are accepted.
    pub(crate) async fn admitted(&self) -> Result<(), StoreError> {
        while let Some(room) = self.admit()? {
            let _ = room.await;
        }
        Ok(())
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Appends; the committer is woken by [`Queue::announce`] at the latest.
    pub(crate) fn append(
        &self,
        appending: Appending<'_>,
        overlay: &Overlay,
        dropped: &RangeTombstones,
    ) -> Pending<'static> {
        let record_bytes = appending.batch.record_bytes();
        let takes_room = !appending.own && appending.batch.rows.iter().any(|(_, row)| row.is_some());
        let (reply, receiver) = oneshot::channel();
        let mut state = self.state.lock();
        if let Err(error) = self.may_append(&state, appending.epoch, takes_room) {
            return Pending::ready(Err(error));
        }
        let rewritten = appending.unless_rewritten.is_some_and(|(range, writes)| range.writes() != writes);
        if rewritten || !state.fences.hold(appending.fences) {
            return Pending::ready(Ok(Outcome::Fenced));
        }
        let position = state.next;
        state.next += 1;
        let raised = state.fences.raise(appending.raise);
        show(&appending.batch, position, overlay, dropped);
        let Appending { mut batch, held, .. } = appending;
        batch.trim = batch.trim.map(|(feed, up_to)| (feed, up_to.min((position, u32::MAX))));
        state.entries.push_back(Entry { position, batch, record_bytes, takes_room, reply, held, raised });
        self.set_bytes(&mut state, |bytes| bytes + record_bytes);
        if state.bytes > EAGER_BYTES {
            self.wake(&mut state);
        }
        Pending::Waiting(receiver)
    }

    /// Raises fences and writes nothing: done at once, as of the newest commit.
    pub(crate) fn raise(
        &self,
        fences: &[Fence],
        raise: &[Fence],
        newest: impl Fn() -> Stamp,
    ) -> Pending<'static> {
        let mut state = self.state.lock();
        if let Err(error) = self.env.failure.check().and_then(|()| accepting(&state)) {
            return Pending::ready(Err(error));
        }
        if !state.fences.hold(fences) {
            return Pending::ready(Ok(Outcome::Fenced));
        }
        state.fences.raise(raise);
        Pending::ready(Ok(Outcome::Committed(newest())))
    }

    /// The newest version of a fence's subject.
    pub(crate) fn fence(&self, subject: u64) -> u64 {
        self.state.lock().fences.version(subject)
    }

    /// While the disk was just found full, rows are not even tried, so that a group may hold only what frees space.
    fn may_append(&self, state: &State, epoch: u64, takes_room: bool) -> Result<(), StoreError> {
        self.env.failure.check()?;
        accepting(state)?;
        let known_full = takes_room && state.disk.refuses_rows();
        if epoch == self.epoch() && !known_full { Ok(()) } else { Err(self.full()) }
    }

    /// Wakes the committer if it is idle. A thread that has appended sees that it is.
    pub(crate) fn announce(&self) {
        if self.committer_idle.load(Ordering::SeqCst) {
            self.wake(&mut self.state.lock());
        }
    }

    /// With the lock held, so that a committer that calls itself idle really waits.
    fn wake(&self, _: &mut State) {
        if self.committer_idle.swap(false, Ordering::SeqCst) {
            self.work.notify_one();
        }
    }

    fn set_bytes(&self, state: &mut State, change: impl FnOnce(usize) -> usize) {
        state.bytes = change(state.bytes);
        self.queued_bytes.store(state.bytes, Ordering::Relaxed);
    }

    /// Resolves when everything that is queued now is published.
    pub(crate) fn settled(&self, published: impl Fn() -> u64) -> Pending<'static> {
        let epoch = self.epoch();
        let newest = self.state.lock().next - 1;
        self.refuse(newest, epoch, published)
    }

    /// A refusal computed from rows up to `position`: resolves when those are published.
    pub(crate) fn refuse(&self, position: u64, epoch: u64, published: impl Fn() -> u64) -> Pending<'static> {
        // In this order: what was published before the epoch is found unchanged was not given up.
        let is_published = position <= published();
        if is_published && (position == 0 || epoch == self.epoch()) {
            return Pending::ready(Ok(Outcome::Refused));
        }
        let mut state = self.state.lock();
        if let Err(error) = self.may_append(&state, epoch, false) {
            return Pending::ready(Err(error));
        }
        // The committer publishes before it looks for refusals, under this lock.
        if position <= published() {
            return Pending::ready(Ok(Outcome::Refused));
        }
        Pending::Waiting(state.refusals.wait_for(position))
    }

    /// Requests the committer to seal the memtables.
    pub(crate) fn request_rotation(&self) {
        let mut state = self.state.lock();
        state.rotate = true;
        self.wake(&mut state);
    }

    /// The committer's next work; waits for it.
    pub(crate) fn take(&self) -> Work {
        let mut state = self.state.lock();
        loop {
            if std::mem::take(&mut state.rotate) {
                return Work::Rotate;
            }
            if !state.entries.is_empty() {
                return Work::Group(self.take_group(&mut state));
            }
            if state.closing {
                return Work::Closed;
            }
            self.committer_idle.store(true, Ordering::SeqCst);
            self.work.wait(&mut state);
            self.committer_idle.store(false, Ordering::SeqCst);
        }
    }

    fn take_group(&self, state: &mut MutexGuard<'_, State>) -> Vec<Entry> {
        let mut bytes = 0;
        let count = state.entries.iter().take_while(|entry| {
            let fits = bytes < GROUP_BYTES;
            bytes += if fits { entry.record_bytes } else { 0 };
            fits
        });
        let count = count.count();
        self.set_bytes(state, |queued| queued - bytes);
        state.make_room();
        state.entries.drain(..count).collect()
    }

    /// A group has been written: the disk has room.
    pub(crate) fn note_room(&self) {
        self.state.lock().disk.note_room();
    }

    /// A group is committed: resolves the refusals that waited for positions up to this one.
    pub(crate) fn resolve_refusals(&self, published: u64) {
        let mut state = self.state.lock();
        let due = state.refusals.take_up_to(published);
        drop(state);
        due.resolve(|| Ok(Outcome::Refused));
    }

    /// The disk is full and nothing of this group was written: gives up the group, everything queued behind
    /// it, and what was shown of them.
    pub(crate) fn give_up(&self, group: Vec<Entry>, overlay: &Overlay, dropped: &RangeTombstones) {
        let mut state = self.state.lock();
        self.epoch.fetch_add(1, Ordering::SeqCst);
        state.next = group.first().map_or(state.next, |entry| entry.position);
        let entries: Vec<Entry> = group.into_iter().chain(state.entries.drain(..)).collect();
        entries.iter().rev().for_each(|entry| state.fences.restore(&entry.raised));
        overlay.clear();
        dropped.remove_from(state.next);
        let refusals = std::mem::take(&mut state.refusals);
        self.set_bytes(&mut state, |_| 0);
        state.disk.note_full();
        state.make_room();
        drop(state);
        self.resolve_all(entries, refusals, || Err(self.full()));
    }

    /// The store has failed: the group in flight is unknown, what is queued was never written.
    pub(crate) fn fail(&self, group: Vec<Entry>) {
        let mut state = self.state.lock();
        let entries: Vec<Entry> = state.entries.drain(..).collect();
        let refusals = std::mem::take(&mut state.refusals);
        self.set_bytes(&mut state, |_| 0);
        state.make_room();
        drop(state);
        group.into_iter().for_each(Entry::resolve_unknown);
        self.resolve_all(entries, refusals, || self.env.failure.check().map(|()| Outcome::Refused));
    }

    fn resolve_all(
        &self,
        entries: Vec<Entry>,
        refusals: Refusals,
        outcome: impl Fn() -> Result<Outcome, StoreError>,
    ) {
        entries.into_iter().for_each(|entry| entry.resolve(outcome()));
        refusals.resolve(outcome);
    }

    /// Takes no more; the committer ends when it has done what is queued.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        state.closing = true;
        self.closing.store(true, Ordering::SeqCst);
        state.make_room();
        self.wake(&mut state);
    }

    /// Whether writes are taken.
    pub(crate) fn health(&self) -> Result<(), StoreError> {
        self.env.failure.check()?;
        let state = self.state.lock();
        accepting(&state)?;
        if state.disk.is_reported_full() { Err(self.full()) } else { Ok(()) }
    }

    fn full(&self) -> StoreError {
        StoreError::Full(self.env.dir.display().to_string())
    }
}

impl State {
    /// Writers that wait for room try again.
    fn make_room(&mut self) {
        for waiting in self.for_room.drain(..) {
            let _ = waiting.send(());
        }
    }
}

fn accepting(state: &State) -> Result<(), StoreError> {
    if state.closing { Err(StoreError::Unavailable("the store is closed".into())) } else { Ok(()) }
}

/// Shows a batch to later writers.
fn show(batch: &Batch, position: u64, overlay: &Overlay, dropped: &RangeTombstones) {
    for (key, row) in &batch.rows {
        overlay.put(key, row.clone(), position);
        if row.is_some() {
            dropped.note_write(key);
        }
    }
    if let Some(prefix) = &batch.drop_range {
        dropped.add(prefix.clone(), position, false);
    }
}
