//! A lane: the records of a shard, or of those of its keys that belong together, on their way through a function. One
//! batch at a time, in order, at least once.
//!
//! A lane decides and does nothing: [`Lane::next`] says what has to happen, and is told how it went. What must survive
//! is its [`Progress`], which is saved behind every batch, so that a lane that begins again repeats the batch that was
//! under way and nothing else. It knows neither streams nor functions, and no clock but the times it is told.
//!
//! A batch that fails stays at the front of the lane: nothing behind it is called with before it has succeeded, or is
//! given up because it was tried too often or has become too old.

mod answer;
mod batch;
mod event;
mod piece;
mod progress;
mod window;

#[cfg(test)]
mod model_test;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use event::{Event, EventSource};
pub use piece::Piece;
pub use progress::Progress;
pub use window::Window;

use crate::place::Place;
use crate::report::Report;
use crate::settings::Settings;
use std::collections::VecDeque;

/// The payload that a function is called with, at most: 6 MB.
pub const PAYLOAD_BYTES_MAX: usize = 6 << 20;

/// A record that the mapping's filters let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The place behind it.
    pub place: Place,
    /// Its number.
    pub sequence_number: String,
    /// When it was written, in microseconds since the Unix epoch. Does not fall from one record to the next.
    pub arrived_micros: u64,
    /// What the function gets, as JSON.
    pub json: Vec<u8>,
}

/// What has to happen next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Tell the destination for failures, then call [`Lane::told`].
    Tell(Report),
    /// Make the progress durable, then call [`Lane::saved`].
    Save,
    /// Call the function, then [`Lane::answered`].
    Invoke(Event),
    /// Do nothing until this time, in microseconds since the Unix epoch.
    Wait(u64),
    /// Read records behind a place, then call [`Lane::read`]. While there are none, wait for them, or until a time.
    Read(Wanted),
    /// The shard has been read to its end, and all of it is done.
    Ended,
}

/// What is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Records behind this place.
    pub after: Place,
    /// So many at most, before filters.
    pub records_max: usize,
    /// So many bytes of what the function gets, at most, unless one record has more.
    pub bytes_max: usize,
    /// When to come back without any, in microseconds since the Unix epoch.
    pub until_micros: Option<u64>,
}

/// See the module.
#[derive(Debug)]
pub struct Lane {
    settings: Settings,
    source: EventSource,
    progress: Progress,
    /// Whether the progress must be saved before anything else.
    is_unsaved: bool,
    /// Records that filters left out, since the progress was saved.
    passed_over: usize,
    queue: VecDeque<Queued>,
    queued_bytes: usize,
    /// Everything up to here was read.
    read_to: Place,
    /// Whether nothing of the shard lies behind that.
    is_at_end: bool,
    /// When everything that was there had been read.
    caught_up_micros: u64,
    untold: VecDeque<Report>,
    /// Calls one after another that came to nothing, and until when to wait for that.
    failures: u32,
    wait_until_micros: u64,
}

#[derive(Debug)]
struct Queued {
    record: Record,
    read_micros: u64,
}

/// So many records that filters left out are worth saving the place behind them.
const PASSED_OVER_MAX: usize = 1_000;
/// The first wait behind a failure; each further one is twice as long.
const BACKOFF_MICROS: u64 = 200_000;
const BACKOFF_MICROS_MAX: u64 = 30_000_000;

impl Lane {
    /// A lane that goes on where its progress says.
    pub fn new(settings: Settings, source: EventSource, progress: Progress) -> Lane {
        let read_to = progress.after;
        Lane {
            settings,
            source,
            progress,
            is_unsaved: false,
            passed_over: 0,
            queue: VecDeque::new(),
            queued_bytes: 0,
            read_to,
            is_at_end: false,
            caught_up_micros: 0,
            untold: VecDeque::new(),
            failures: 0,
            wait_until_micros: 0,
        }
    }

    /// What has to happen at this time. The same until the lane is told that it has.
    pub fn next(&mut self, now_micros: u64) -> Step {
        if let Some(report) = self.untold.front() {
            return Step::Tell(report.clone());
        }
        if self.is_unsaved {
            return Step::Save;
        }
        if self.progress.ended {
            return Step::Ended;
        }
        if now_micros < self.wait_until_micros {
            return Step::Wait(self.wait_until_micros);
        }
        if self.progress.pieces.is_empty() {
            if self.is_window_over() {
                return Step::Invoke(self.event(0));
            }
            self.form_piece(now_micros);
        }
        while let Some(piece) = self.progress.pieces.first() {
            if self.read_to < piece.until && !self.is_at_end {
                return Step::Read(self.wanted());
            }
            match self.records_of_piece() {
                0 => self.finish_piece(), // they have left the stream, or the filters have changed
                _ if self.give_up_aged(now_micros) => return self.next(now_micros),
                records => return Step::Invoke(self.event(records)),
            }
        }
        if self.is_done() {
            (self.progress.ended, self.is_unsaved) = (true, true);
            return Step::Save;
        }
        Step::Read(self.wanted())
    }

    /// What must survive.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The destination was told.
    pub fn told(&mut self) {
        self.untold.pop_front();
    }

    /// The progress is durable.
    pub fn saved(&mut self) {
        (self.is_unsaved, self.passed_over) = (false, 0);
    }

    /// Records were read, perhaps none: all that filters let through up to a place. `seen` counts the others too.
    pub fn read(&mut self, now_micros: u64, page: Page) {
        if page.is_caught_up {
            self.caught_up_micros = now_micros;
        }
        self.read_to = self.read_to.max(page.read_to);
        self.is_at_end = page.is_end;
        self.passed_over += page.seen - page.records.len();
        for record in page.records {
            self.queued_bytes += record.json.len() + 1;
            self.queue.push_back(Queued { record, read_micros: now_micros });
        }
        self.pass_over();
    }

    /// Moves the place on over records that filters left out, where nothing is before them.
    fn pass_over(&mut self) {
        let is_behind_pieces = self.progress.pieces.is_empty();
        if self.queue.is_empty() && is_behind_pieces && self.read_to > self.progress.after {
            self.progress.after = self.read_to;
            self.is_unsaved |= self.passed_over >= PASSED_OVER_MAX;
        }
    }

    fn is_done(&self) -> bool {
        let Progress { pieces, window, .. } = &self.progress;
        self.is_at_end && self.queue.is_empty() && pieces.is_empty() && window.is_none()
    }

    fn drop_front(&mut self, records: usize) {
        for Queued { record, .. } in self.queue.drain(..records) {
            self.queued_bytes -= record.json.len() + 1;
            self.progress.after = record.place;
        }
    }
}

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Records that filters let through, in order.
    pub records: Vec<Record>,
    /// How many were looked at.
    pub seen: usize,
    /// Everything up to here was read.
    pub read_to: Place,
    /// Whether nothing that had been written when the reading began lies behind that.
    pub is_caught_up: bool,
    /// Whether nothing of the shard lies behind that, and nothing will.
    pub is_end: bool,
}
