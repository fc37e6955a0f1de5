//! The committer: the one thread that writes the log. It takes what is queued, at most 1 MB, writes it as one
//! group, syncs once, puts the rows into the memtables and the row cache, shows them by publishing one position,
//! and only then resolves the writers' futures. There is no timer: while one group syncs the next gathers by itself.

use crate::disk_space;
use crate::environment::Environment;
use crate::log::append::LogEnd;
use crate::log::file::LogFile;
use crate::open::options::Durability;
use crate::read::read_view::ReadView;
use crate::trees::Name;
use crate::trees::maintenance::Maintenance;
use crate::write::backpressure;
use crate::write::batch::Batch;
use crate::write::counters::Counters;
use crate::write::entry::Entry;
use crate::write::queue::Work;
use crate::write::redo;
use crate::write::write_path::WritePath;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use store::{Position, Stamp};

const WAIT_FOR_FLUSH: Duration = Duration::from_millis(5);
/// After a file could not be created for want of space, writes are refused this long without trying again.
const FULL_PAUSE: Duration = Duration::from_millis(100);
/// Full log files that a tree with little traffic may hold before it is flushed.
const FULL_FILES_MAX: usize = 2;

/// Why a group was not committed.
enum Failed {
    /// No space; nothing of it was written.
    Full,
    /// It is unknown what of it was written.
    Fatal(String),
}

fn write_failed(error: io::Error) -> Failed {
    Failed::Fatal(format!("writing the log failed: {error}"))
}

/// The committer's own state.
pub(crate) struct Committer {
    env: Arc<Environment>,
    write: Arc<WritePath>,
    view: Arc<ReadView>,
    maintenance: Arc<Maintenance>,
    log: LogEnd,
    counters: Counters,
    /// A monotonic reading.
    full_until: Option<Duration>,
}

impl Committer {
    pub(crate) fn new(
        env: Arc<Environment>,
        write: Arc<WritePath>,
        maintenance: Arc<Maintenance>,
        log: LogEnd,
    ) -> Self {
        let (view, counters) = (write.view.clone(), Counters::default());
        Self { env, write, view, maintenance, log, counters, full_until: None }
    }

    /// Commits until the store is closed or has failed.
    pub(crate) fn run(mut self) {
        loop {
            match self.write.queue.take() {
                Work::Rotate => self.seal_all(),
                Work::Closed => return self.finish(),
                Work::Group(mut group) => match self.commit(&mut group) {
                    Ok(time_micros) => self.complete(group, time_micros),
                    Err(Failed::Full) => self.give_up(group),
                    Err(Failed::Fatal(why)) => {
                        self.env.failure.fatal(why);
                        return self.write.queue.fail(group);
                    }
                },
            }
        }
    }

    /// Log, sync, memtables, publish. Returns the group's time.
    fn commit(&mut self, group: &mut [Entry]) -> Result<u64, Failed> {
        let bytes = group.iter().map(|entry| entry.record_bytes).sum();
        self.slow_down(bytes)?;
        self.order_marks(group);
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return Ok(0) };
        if !self.log.has_room(bytes as u64) {
            let takes_room = group.iter().any(|entry| entry.takes_room);
            self.begin_file(bytes as u64, first.position, takes_room)?;
        }
        let time_micros = self.env.clock.now_micros().max(self.view.newest.lock().time_micros);
        let values = self.encode(group, time_micros)?;
        self.log.write().map_err(write_failed)?;
        self.sync(last.position)?;
        let sizes = self.insert(group, &values, time_micros);
        self.publish(last.position, time_micros);
        self.seal_large(sizes);
        Ok(time_micros)
    }

    fn order_marks(&self, group: &mut [Entry]) {
        let mut moved = HashMap::new();
        for entry in group {
            entry.batch.order_marks(&self.view.trims, &mut moved);
        }
    }

    fn slow_down(&self, bytes: usize) -> Result<(), Failed> {
        let delay = backpressure::delay(&self.env.profile, &self.maintenance, bytes);
        if !delay.is_zero() {
            self.maintenance.memtables.wait_for_flush(delay);
        }
        while backpressure::must_wait(&self.env.profile, &self.maintenance) {
            self.env.failure.check().map_err(|error| Failed::Fatal(error.to_string()))?;
            if self.maintenance.memtables.disk_full() {
                return Err(Failed::Full);
            }
            self.maintenance.memtables.wait_for_flush(WAIT_FOR_FLUSH);
        }
        Ok(())
    }

    fn begin_file(&mut self, bytes: u64, first: u64, takes_room: bool) -> Result<(), Failed> {
        if takes_room && !disk_space::has_room_for_rows(&self.env.dir, &self.env.profile) {
            return Err(Failed::Full);
        }
        if self.full_until.is_some_and(|until| self.env.clock.monotonic() < until) {
            return Err(Failed::Full);
        }
        let taken = self.maintenance.log.segments.lock().acquire(bytes);
        let file = match taken {
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {
                self.full_until = Some(self.env.clock.monotonic() + FULL_PAUSE);
                return Err(Failed::Full);
            }
            taken => taken.map_err(write_failed)?,
        };
        // What is behind a full file must be on the disk before the next file gets a record.
        self.log.sync().map_err(write_failed)?;
        self.maintenance.log.note_synced(first - 1);
        let full = self.log.begin(file, first).map_err(write_failed)?;
        self.note_begun(full);
        Ok(())
    }

    fn note_begun(&self, full: Option<LogFile>) {
        if let Some(current) = self.log.current() {
            self.maintenance.log.note_begun(current, full);
        }
        let quiet = {
            let segments = self.maintenance.log.segments.lock();
            let behind = segments.full.len().checked_sub(FULL_FILES_MAX).filter(|behind| *behind > 0);
            behind.map(|behind| segments.full[behind - 1].last)
        };
        if let Some(position) = quiet {
            self.maintenance.memtables.seal_older(&self.view.trees, position);
        }
        self.maintenance.head_writer.request_file();
    }

    /// Adds the group's records to the log's buffer; returns the counters' values, mutation by mutation.
    fn encode(&mut self, group: &[Entry], time_micros: u64) -> Result<Vec<Vec<(u64, i64)>>, Failed> {
        self.log.durable_up_to = self.maintenance.log.synced();
        let mut values = Vec::with_capacity(group.len());
        for entry in group {
            let after = self.count(&entry.batch)?;
            self.log.add(entry.position, |buffer| {
                buffer.extend(&time_micros.to_le_bytes());
                entry.batch.operations(&after).for_each(|operation| operation.encode(buffer));
            });
            values.push(after);
        }
        Ok(values)
    }

    fn count(&mut self, batch: &Batch) -> Result<Vec<(u64, i64)>, Failed> {
        let (trees, counters) = (&self.view.trees, &mut self.counters);
        let published = self.view.readers.published();
        let add = |&(id, delta): &(u64, i64)| Ok((id, counters.add(trees, published, id, delta)?));
        let values: Result<_, crate::trees::TreeError> = batch.counters.iter().map(add).collect();
        values.map_err(|error| Failed::Fatal(format!("reading a counter failed: {error}")))
    }

    fn sync(&self, last: u64) -> Result<(), Failed> {
        if self.env.durability == Durability::Disk {
            self.log.sync().map_err(|error| Failed::Fatal(format!("syncing the log failed: {error}")))?;
            self.maintenance.log.note_synced(last);
        }
        Ok(())
    }

    /// Puts the group into the memtables and the row cache; returns their sizes, 0 for the ones it did not change.
    fn insert(&self, group: &[Entry], values: &[Vec<(u64, i64)>], time_micros: u64) -> [u64; 3] {
        let mut sizes = [0; 3];
        for (entry, after) in group.iter().zip(values) {
            let mut touched = [0; 3];
            for (key, row) in &entry.batch.rows {
                touched[Name::Rows as usize] = match row {
                    Some(row) => self.view.trees.insert(Name::Rows, key.clone(), row.clone(), entry.position),
                    None => self.view.trees.remove(Name::Rows, key.clone(), entry.position),
                };
                self.view.row_cache.write(key, row.as_deref(), entry.position);
            }
            let others = entry.batch.operations(after).skip(entry.batch.rows.len());
            for operation in others {
                touched[redo::tree_of(&operation) as usize] =
                    redo::apply(&self.view.trees, &operation, entry.position, time_micros);
            }
            self.maintenance.memtables.note_insert(touched.map(|size| size > 0), entry.position);
            sizes = std::array::from_fn(|i| sizes[i].max(touched[i]));
        }
        sizes
    }

    fn publish(&self, last: u64, time_micros: u64) {
        self.view.readers.publish(last);
        *self.view.newest.lock() = Stamp { position: Position(last.into()), time_micros };
        self.maintenance.head_writer.note_commit();
    }

    /// After publishing: removes the group's overlay entries, releases transactions' keys, resolves the writers'
    /// futures.
    fn complete(&mut self, group: Vec<Entry>, time_micros: u64) {
        for entry in &group {
            for (key, _) in &entry.batch.rows {
                self.write.overlay.remove_published(key, entry.position);
            }
            if let Some((feed, up_to)) = entry.batch.trim {
                self.view.trims.raise(feed, up_to);
                self.maintenance.reclaim.announce_trims([feed]);
            }
            entry.batch.forget_marks.iter().for_each(|(feed, _)| self.view.trims.forget(*feed));
            if entry.batch.drop_range.is_some() {
                self.maintenance.reclaim.announce_drop();
            }
        }
        self.view
            .watchers
            .wake(group.iter().flat_map(|entry| entry.batch.feed.iter().map(|record| record.feed)));
        let documents = group.iter().flat_map(|entry| entry.batch.records.iter().map(|(key, _)| &key[..]));
        if documents.clone().next().is_some() {
            self.view.watches.note(documents);
        }
        self.counters.forget_zeros();
        // Before a writer's future resolves and it checks whether the store accepts writes.
        self.write.queue.note_room();
        group.into_iter().for_each(|entry| entry.commit(time_micros));
        // Behind the release of locks, which is what a writer that met one waits for.
        self.write.queue.resolve_refusals(self.view.readers.published());
    }

    fn give_up(&mut self, group: Vec<Entry>) {
        self.write.queue.give_up(group, &self.write.overlay, &self.view.tombstones);
    }

    fn seal_large(&self, sizes: [u64; 3]) {
        for name in Name::ALL {
            if sizes[name as usize] > self.env.profile.memtable_bytes[name as usize] {
                self.maintenance.memtables.seal(&self.view.trees, name);
            }
        }
    }

    fn seal_all(&self) {
        Name::ALL.into_iter().for_each(|name| self.maintenance.memtables.seal(&self.view.trees, name));
    }

    /// The store closes: everything queued is committed, so only the log is left to close.
    fn finish(self) {
        let published = self.view.readers.published();
        if let Err(error) = self.maintenance.log.sync_up_to(published, published) {
            return self.env.failure.fatal(format!("syncing the log failed: {error}"));
        }
        self.seal_all();
        self.maintenance
            .log
            .note_ended(self.log.current().map(|file| LogFile { last: published, ..file.clone() }));
    }
}
