//! What a function is called with.

use super::Lane;
use crate::source::SourceKind;
use crate::time;
use serde_json::json;

/// Where the records of a lane come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSource {
    /// The ARN of the stream.
    pub arn: String,
    /// The shard.
    pub shard_id: String,
    /// What kind of stream it is.
    pub kind: SourceKind,
}

/// A call of the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The event, as JSON.
    pub payload: Vec<u8>,
    /// How many records are in it; none where a window ends.
    pub records: usize,
    /// When the last of them was written, in microseconds since the Unix epoch.
    pub newest_micros: Option<u64>,
}

impl Lane {
    /// The call with the first records of the queue.
    pub(super) fn event(&self, records: usize) -> Event {
        let mut payload = self.records_json(records);
        payload.pop();
        payload.extend(self.window_members(records == 0));
        payload.push(b'}');
        let newest = records.checked_sub(1).and_then(|last| self.queue.get(last));
        Event { payload, records, newest_micros: newest.map(|newest| newest.record.arrived_micros) }
    }

    /// The first records of the queue and nothing else.
    pub(super) fn records_json(&self, records: usize) -> Vec<u8> {
        let mut payload = br#"{"Records":["#.to_vec();
        for (index, queued) in self.queue.iter().take(records).enumerate() {
            if index > 0 {
                payload.push(b',');
            }
            payload.extend_from_slice(&queued.record.json);
        }
        payload.extend_from_slice(b"]}");
        payload
    }

    /// What the event of a tumbling window has beside records, each behind a comma.
    fn window_members(&self, is_final: bool) -> Vec<u8> {
        let Some(window) = &self.progress.window else { return Vec::new() };
        let (start, end) = (time::second(window.start_micros), time::second(window.end_micros));
        let is_early = window.is_terminated_early();
        let members = json!({
            "window": {"start": start, "end": end},
            "shardId": self.source.shard_id,
            "eventSourceARN": self.source.arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_early,
        });
        let members = members.to_string();
        format!(",\"state\":{},{}", window.state, &members[1..members.len() - 1]).into_bytes()
    }
}
