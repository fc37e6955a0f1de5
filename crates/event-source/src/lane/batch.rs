//! Forming batches, and what has to be read for one.

use super::{Lane, PAYLOAD_BYTES_MAX, Piece, Wanted};
use crate::place::Place;

/// What an event has beside records and state.
const FRAME_BYTES: usize = 1_024;

impl Lane {
    /// Makes a piece of the records that a batch may have now, unless they have to wait for more.
    pub(super) fn form_piece(&mut self, now_micros: u64) {
        self.open_window();
        if let Some(until) = self.batch_until(now_micros) {
            self.progress.pieces.push(Piece::new(until));
        }
    }

    /// A batch closes when it is full, when nothing more can come, or when it has waited long enough.
    fn batch_until(&self, now_micros: u64) -> Option<Place> {
        let size = self.batch_size();
        let last = size.checked_sub(1)?;
        let is_full = size == self.settings.batch_size || size < self.queue.len();
        let is_late = self.batch_deadline().is_some_and(|deadline| now_micros >= deadline);
        (is_full || is_late || self.is_at_end).then(|| self.queue[last].record.place)
    }

    /// How many of the queued records go into one batch.
    fn batch_size(&self) -> usize {
        let end = self.progress.window.as_ref().map_or(u64::MAX, |window| window.end_micros);
        let mut bytes = 0;
        let fits = self.queue.iter().take(self.settings.batch_size).take_while(|queued| {
            let is_first = bytes == 0;
            bytes += queued.record.json.len() + 1;
            (is_first || bytes <= self.bytes_max()) && queued.record.arrived_micros < end
        });
        fits.count()
    }

    /// How many bytes of records fit into an event.
    fn bytes_max(&self) -> usize {
        let state = self.progress.window.as_ref().map_or(0, |window| window.state.len());
        PAYLOAD_BYTES_MAX.saturating_sub(FRAME_BYTES + state)
    }

    fn batch_deadline(&self) -> Option<u64> {
        let first = self.queue.front()?;
        let deadline = first.read_micros + self.settings.batching_window_micros();
        Some(self.window_until_micros().map_or(deadline, |end| deadline.min(end)))
    }

    /// What is to be read while there is nothing else to do.
    pub(super) fn wanted(&self) -> Wanted {
        let until_micros = match self.progress.pieces.is_empty() {
            true => self.batch_deadline().or_else(|| self.window_until_micros()),
            false => None,
        };
        Wanted {
            after: self.read_to,
            records_max: self.settings.batch_size.saturating_sub(self.queue.len()).max(1),
            bytes_max: self.bytes_max().saturating_sub(self.queued_bytes).max(1),
            until_micros,
        }
    }
}
