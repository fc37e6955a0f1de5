//! PutLogEvents: a batch of events, in the order of time, in one commit.
//!
//! Order of refusals: the model's constraints; size; order; span; the group; the stream. Events that are too old or too
//! far ahead are left out and told.

use crate::errors;
use crate::events::{self, StreamId};
use crate::group::Group;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, region};
use model::ApiError;
use model::logs::{
    InputLogEvent, PutLogEvents, PutLogEventsInput, PutLogEventsOutput, RejectedLogEventsInfo,
};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// What each event counts beside its message.
const EVENT_BYTES: usize = 26;
const MILLIS_PER_DAY: i64 = 86_400_000;
const AGE_MAX_DAYS: i64 = 14;
const AHEAD_MAX_MILLIS: i64 = 2 * 3_600_000;

impl Operation<CloudWatchLogs> for PutLogEvents {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<PutLogEventsInput> = Validation::Own;
    type Plan = PutLogEventsInput;

    fn check(input: PutLogEventsInput) -> Result<PutLogEventsInput, ApiError> {
        constraints(&input)?;
        let events = input.log_events.as_deref().unwrap_or_default();
        let bytes = events.iter().map(|event| event.message.as_ref().map_or(0, String::len) + EVENT_BYTES);
        if bytes.sum::<usize>() > BATCH_BYTES_MAX {
            return Err(errors::batch_too_large());
        }
        if !events.is_sorted_by_key(|event| event.timestamp) {
            return Err(errors::not_chronological());
        }
        let time =
            |event: Option<&InputLogEvent>| event.and_then(|event| event.timestamp).unwrap_or_default();
        if time(events.last()) - time(events.first()) > MILLIS_PER_DAY {
            return Err(errors::span_too_long());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a PutLogEventsInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().unwrap_or_default();
        Need::new("logs:PutLogEvents", region(cx.caller).group_arn(name)).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: PutLogEventsInput,
    ) -> Result<PutLogEventsOutput, ApiError> {
        let (logs, region) = (&cx.service.logs, region(cx.caller));
        let group = logs.group(&region, input.log_group_name.as_deref().unwrap_or_default()).await?;
        let name = input.log_stream_name.as_deref().unwrap_or_default();
        let stream = logs.find_stream(&region, &group, name).await?.ok_or_else(errors::no_stream)?;
        let all = input.log_events.unwrap_or_default();
        let (taken, rejected) = sorted_out(all, &group, cx.now_micros / 1_000);
        if !taken.is_empty() {
            let id = StreamId { group: group.id, stream: stream.id };
            let appended = events::append(logs.store(), id, &taken, cx.now_micros / 1_000);
            appended.await.map_err(|error| errors::store(&error))?;
        }
        Ok(PutLogEventsOutput {
            next_sequence_token: Some(format!("{:056}", cx.now_micros)),
            rejected_log_events_info: rejected,
            ..PutLogEventsOutput::default()
        })
    }
}

/// Times and messages that are kept, and what was left out at either end.
fn sorted_out(
    events: Vec<InputLogEvent>,
    group: &Group,
    now_millis: u64,
) -> (Vec<(u64, String)>, Option<RejectedLogEventsInfo>) {
    let now = now_millis as i64;
    let time = |event: &InputLogEvent| event.timestamp.unwrap_or_default();
    let old = events.partition_point(|event| time(event) < now - AGE_MAX_DAYS * MILLIS_PER_DAY);
    let kept_from = group.retention_days.map_or(0, |days| now - days as i64 * MILLIS_PER_DAY);
    let expired = events.partition_point(|event| time(event) < kept_from);
    let new = events.partition_point(|event| time(event) <= now + AHEAD_MAX_MILLIS);
    let index = |index: usize, is_some: bool| is_some.then_some(index as i64);
    let info = RejectedLogEventsInfo {
        too_old_log_event_end_index: index(old, old > 0),
        expired_log_event_end_index: index(expired, expired > old),
        too_new_log_event_start_index: index(new, new < events.len()),
    };
    let taken = events.into_iter().take(new).skip(old.max(expired));
    let taken = taken.map(|event| (time(&event).max(0) as u64, event.message.unwrap_or_default())).collect();
    (taken, Some(info.clone()).filter(|info| *info != RejectedLogEventsInfo::default()))
}
