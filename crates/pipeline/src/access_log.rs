//! One line a request, at debug level. Off, it costs one check and reads no clock.

use crate::entry::Served;
use crate::request::Request;
use crate::request_id::RequestId;
use stdx::Clock;
use tracing::Level;

/// When the request began; `None` while nobody reads the log.
pub(crate) fn start(clock: &dyn Clock) -> Option<u64> {
    tracing::enabled!(target: "stator::access", Level::DEBUG).then(|| clock.now_micros())
}

/// Writes the line. An internal error is logged at its own level, whether or not anybody reads this log.
pub(crate) fn finish(
    started: Option<u64>,
    clock: &dyn Clock,
    id: &RequestId,
    request: &Request,
    served: &Served,
) {
    if let Err(error) = served
        && error.code.status() >= 500
    {
        let message = error.message.as_deref().unwrap_or_default();
        tracing::error!(request_id = %id, target = request.target(), code = error.code.name(), "{message}");
    }
    let Some(started) = started else { return };
    let micros = clock.now_micros().saturating_sub(started);
    let (status, code) = served.as_ref().map_or_else(|e| (e.code.status(), e.code.name()), |_| (200, ""));
    let target = request.target();
    tracing::debug!(target: "stator::access", request_id = %id, target, status, code, micros);
}
