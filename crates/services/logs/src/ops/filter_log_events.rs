//! FilterLogEvents: the events of several streams of a group in the order of time, as far as they are what a pattern
//! asks for. A page ends when it is full, or when much was looked at; there is more where it has a token.

use crate::errors;
use crate::events::Stored;
use crate::filter::Filter;
use crate::logs::STREAMS_MAX;
use crate::merge::{self, Merge, Position};
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{FilterLogEvents, FilterLogEventsInput, FilterLogEventsOutput, FilteredLogEvent};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::collections::HashMap;

const PAGE_MAX: i64 = 10_000;
const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Events that one request looks at.
const LOOKED_AT_MAX: usize = 100_000;

impl Operation<CloudWatchLogs> for FilterLogEvents {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<FilterLogEventsInput> = Validation::Own;
    type Plan = FilterLogEventsInput;

    fn check(input: FilterLogEventsInput) -> Result<FilterLogEventsInput, ApiError> {
        constraints(&input)?;
        if input.log_stream_names.is_some() && input.log_stream_name_prefix.is_some() {
            return Err(errors::names_and_prefix());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a FilterLogEventsInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().or(input.log_group_identifier.as_deref().map(name_of));
        Need::new("logs:FilterLogEvents", region(cx.caller).group_arn(name.unwrap_or_default())).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: FilterLogEventsInput,
    ) -> Result<FilterLogEventsOutput, ApiError> {
        let (service, region) = (cx.service, region(cx.caller));
        let named = service.named_group(
            cx.caller,
            input.log_group_name.as_ref(),
            input.log_group_identifier.as_ref(),
        );
        let (_, group) = named.await?;
        let filter = Filter::parse(input.filter_pattern.as_deref().unwrap_or_default())?;
        let after = input.next_token.as_deref().map(position_of).transpose()?;
        let mut streams = service.logs.streams(&region, &group, None, STREAMS_MAX).await?;
        streams.retain(|(name, _)| is_asked(&input, name));
        let names: HashMap<u64, String> =
            streams.into_iter().map(|(name, stream)| (stream.id, name)).collect();
        let times = (
            input.start_time.unwrap_or(0).max(0) as u64,
            input.end_time.map_or(u64::MAX, |end| end.max(0) as u64),
        );
        let store = service.logs.store();
        let failed = |error| errors::store(&error);
        let mut merge =
            Merge::begin(store, group.id, names.keys().copied(), times, after).await.map_err(failed)?;
        let (mut events, mut next_token) = (Vec::new(), None);
        let (limit, mut bytes) = (input.limit.unwrap_or(PAGE_MAX) as usize, 0);
        for looked_at in 1.. {
            let Some((stream, event)) = merge.next().await.map_err(failed)? else { break };
            let here = merge::position(stream, event.place);
            if filter.takes(&event.message) {
                bytes += event.message.len();
                events.push(shown(&names, stream, event));
            }
            if events.len() == limit || bytes > PAGE_BYTES_MAX || looked_at == LOOKED_AT_MAX {
                next_token = Some(token(here));
                break;
            }
        }
        let searched_log_streams = Some(Vec::new());
        Ok(FilterLogEventsOutput { events: Some(events), searched_log_streams, next_token })
    }
}

fn is_asked(input: &FilterLogEventsInput, name: &str) -> bool {
    let has_prefix = input.log_stream_name_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix));
    has_prefix && input.log_stream_names.as_ref().is_none_or(|names| names.iter().any(|asked| asked == name))
}

fn shown(names: &HashMap<u64, String>, stream: u64, event: Stored) -> FilteredLogEvent {
    FilteredLogEvent {
        log_stream_name: names.get(&stream).cloned(),
        timestamp: Some(event.place.time_millis as i64),
        message: Some(event.message),
        ingestion_time: Some(event.arrived_millis as i64),
        event_id: Some(format!("{:020}{stream:020}{:016}", event.place.time_millis, event.place.sequence)),
    }
}

/// A position as hexadecimal digits, 16 for each of its three numbers.
fn token((time, stream, sequence): Position) -> String {
    format!("{time:016x}{stream:016x}{sequence:016x}")
}

fn position_of(token: &str) -> Result<Position, ApiError> {
    let number = |at: usize| u64::from_str_radix(token.get(at..at + 16)?, 16).ok();
    let read = || Some((number(0)?, number(16)?, number(32)?));
    read().filter(|_| token.len() == 48).ok_or_else(errors::invalid_token)
}
