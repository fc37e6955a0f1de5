//! One line a request, at debug level. Off, it costs one check and reads no clock. Internal errors are written
//! at their own level, whether or not anybody reads this log, but each code at most once a second: a full disk
//! refuses every write, and a line for each would not leave room for much else.

use crate::entry::Served;
use crate::request::Request;
use crate::request_id::RequestId;
use model::{ApiError, Code};
use parking_lot::Mutex;
use std::sync::Arc;
use stdx::Clock;
use tracing::Level;

/// The log of one pipeline.
pub(crate) struct AccessLog {
    clock: Arc<dyn Clock>,
    internal: Mutex<Vec<Spell>>,
}

/// The lines about one code.
struct Spell {
    code: Code,
    written_micros: u64,
    left_out: u64,
}

/// From one line about a code to the next.
const PAUSE_MICROS: u64 = 1_000_000;

impl AccessLog {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        AccessLog { clock, internal: Mutex::default() }
    }

    /// When the request began; `None` while the log is off.
    pub(crate) fn start(&self) -> Option<u64> {
        tracing::enabled!(target: "stator::access", Level::DEBUG).then(|| self.clock.now_micros())
    }

    /// Writes what is to be written about a request.
    pub(crate) fn finish(&self, started: Option<u64>, id: &RequestId, request: &Request, served: &Served) {
        if let Err(error) = served
            && error.code.status() >= 500
        {
            self.internal(error, id, request);
        }
        let Some(started) = started else { return };
        let micros = self.clock.now_micros().saturating_sub(started);
        let (status, code) = served.as_ref().map_or_else(|e| (e.code.status(), e.code.name()), |_| (200, ""));
        let target = request.target();
        tracing::debug!(target: "stator::access", request_id = %id, target, status, code, micros);
    }

    fn internal(&self, error: &ApiError, id: &RequestId, request: &Request) {
        let Some(left_out) = self.left_out(error.code) else { return };
        let (target, code) = (request.target(), error.code.name());
        let left_out = (left_out > 0).then_some(left_out);
        let message = error.message.as_deref().unwrap_or_default();
        tracing::error!(request_id = %id, target, code, left_out, "{message}");
    }

    /// How many lines about this code were left out before the one that is due; `None` when none is due.
    fn left_out(&self, code: Code) -> Option<u64> {
        let now_micros = self.clock.now_micros();
        let mut spells = self.internal.lock();
        let Some(spell) = spells.iter_mut().find(|spell| spell.code == code) else {
            spells.push(Spell { code, written_micros: now_micros, left_out: 0 });
            return Some(0);
        };
        // A clock that was set back must not silence the log until it has caught up.
        if now_micros.checked_sub(spell.written_micros).is_some_and(|since| since < PAUSE_MICROS) {
            spell.left_out += 1;
            return None;
        }
        spell.written_micros = now_micros;
        Some(std::mem::take(&mut spell.left_out))
    }
}

#[cfg(test)]
mod tests;
