//! Tumbling windows: stretches of time, one behind the other, whose records a function aggregates by a state that goes
//! from call to call.

use super::Lane;
use crate::response::STATE_BYTES_MAX;
use serde::{Deserialize, Serialize};

/// A window that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When it begins, in microseconds since the Unix epoch.
    pub start_micros: u64,
    /// When it ends. Records of that time are behind it.
    pub end_micros: u64,
    /// What the last call returned, as JSON.
    pub state: String,
    /// How often the function was called to end the window.
    pub invocations: u32,
}

/// How long behind its end a window waits for records that were written before it.
const GRACE_MICROS: u64 = 500_000;

impl Window {
    /// The window of a time. They begin at multiples of their length since the epoch.
    fn of(micros: u64, length_micros: u64) -> Window {
        let start_micros = micros - micros % length_micros;
        let end_micros = start_micros + length_micros;
        Window { start_micros, end_micros, state: "{}".to_owned(), invocations: 0 }
    }

    /// Whether its state has become too large to go on.
    pub(super) fn is_terminated_early(&self) -> bool {
        self.state.len() > STATE_BYTES_MAX
    }
}

impl Lane {
    /// Opens the window of the next record, where none is open.
    pub(super) fn open_window(&mut self) {
        let Some(length) = self.settings.tumbling_window_micros() else { return };
        let Some(first) = self.queue.front() else { return };
        let arrived = first.record.arrived_micros;
        self.progress.window.get_or_insert_with(|| Window::of(arrived, length));
    }

    /// Whether the function has to be told now that the open window ends. Its records are done.
    pub(super) fn is_window_over(&self) -> bool {
        let Some(window) = &self.progress.window else { return false };
        let is_all_read = self.is_at_end || self.caught_up_micros >= window.end_micros + GRACE_MICROS;
        window.is_terminated_early()
            || match self.queue.front() {
                Some(next) => next.record.arrived_micros >= window.end_micros,
                None => is_all_read,
            }
    }

    /// When the open window, or that of the next record, has to be looked at again.
    pub(super) fn window_until_micros(&self) -> Option<u64> {
        self.progress.window.as_ref().map(|window| window.end_micros + GRACE_MICROS)
    }
}
