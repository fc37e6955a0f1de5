//! GetLogEvents: the events of a stream, a page from either end. At an end the same token comes back.

use crate::errors;
use crate::events::{self, Read, Stored, StreamId};
use crate::keys::Place;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{GetLogEvents, GetLogEventsInput, GetLogEventsOutput, OutputLogEvent};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};
use std::ops::Bound;
use store::Direction;

const PAGE_MAX: i64 = 10_000;
const PAGE_BYTES_MAX: usize = 1024 * 1024;

impl Operation<CloudWatchLogs> for GetLogEvents {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<GetLogEventsInput> = Validation::Own;
    type Plan = GetLogEventsInput;

    fn check(input: GetLogEventsInput) -> Result<GetLogEventsInput, ApiError> {
        constraints(&input)?;
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a GetLogEventsInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().or(input.log_group_identifier.as_deref().map(name_of));
        Need::new("logs:GetLogEvents", region(cx.caller).group_arn(name.unwrap_or_default())).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: GetLogEventsInput,
    ) -> Result<GetLogEventsOutput, ApiError> {
        let (service, region) = (cx.service, region(cx.caller));
        let named = service.named_group(
            cx.caller,
            input.log_group_name.as_ref(),
            input.log_group_identifier.as_ref(),
        );
        let (_, group) = named.await?;
        let name = input.log_stream_name.as_deref().unwrap_or_default();
        let stream = service.logs.find_stream(&region, &group, name).await?.ok_or_else(errors::no_stream)?;
        let asked = asked(&input)?;
        let id = StreamId { group: group.id, stream: stream.id };
        let read = events::read(service.logs.store(), id, asked).await;
        let mut found = read.map_err(|error| errors::store(&error))?;
        if asked.direction == Direction::Reverse {
            found.reverse();
        }
        Ok(page(&input, asked, found))
    }
}

/// What a page reads: behind a place, before it, or from an end of the times that are asked for.
fn asked(input: &GetLogEventsInput) -> Result<Read, ApiError> {
    let at = |time: i64| Place { time_millis: time.max(0) as u64, sequence: 0 };
    let mut from = input.start_time.map_or(Bound::Unbounded, |time| Bound::Included(at(time)));
    let mut to = input.end_time.map_or(Bound::Unbounded, |time| Bound::Excluded(at(time)));
    let direction = match input.next_token.as_deref().map(token).transpose()? {
        Some((Direction::Forward, place)) => {
            from = Bound::Excluded(place);
            Direction::Forward
        }
        Some((Direction::Reverse, place)) => {
            to = Bound::Excluded(place);
            Direction::Reverse
        }
        None if input.start_from_head == Some(true) => Direction::Forward,
        None => Direction::Reverse,
    };
    let limit = input.limit.unwrap_or(PAGE_MAX) as usize;
    Ok(Read { from, to, direction, limit, bytes_max: PAGE_BYTES_MAX })
}

/// `f/` or `b/` and 56 digits: a time and a sequence number.
fn token(text: &str) -> Result<(Direction, Place), ApiError> {
    let read = || {
        let (direction, digits) = text.split_once('/')?;
        let direction = match direction {
            "f" => Direction::Forward,
            "b" => Direction::Reverse,
            _ => return None,
        };
        if digits.len() != 56 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let place = Place { time_millis: digits[..28].parse().ok()?, sequence: digits[28..].parse().ok()? };
        Some((direction, place))
    };
    read().ok_or_else(errors::invalid_token)
}

fn page(input: &GetLogEventsInput, asked: Read, found: Vec<Stored>) -> GetLogEventsOutput {
    let written = |direction: &str, place: Place| {
        format!("{direction}/{:028}{:028}", place.time_millis, place.sequence)
    };
    let here = match (asked.direction, asked.from, asked.to) {
        (Direction::Forward, Bound::Excluded(place) | Bound::Included(place), _)
        | (Direction::Reverse, _, Bound::Excluded(place) | Bound::Included(place)) => place,
        _ => Place::default(),
    };
    let (first, last) = (found.first(), found.last());
    let same = |direction: &str| {
        input.next_token.clone().filter(|token| found.is_empty() && token.starts_with(direction))
    };
    let forward = same("f/").unwrap_or_else(|| written("f", last.map_or(here, |event| event.place)));
    let backward = same("b/").unwrap_or_else(|| written("b", first.map_or(here, |event| event.place)));
    let events = found.into_iter().map(|event| OutputLogEvent {
        timestamp: Some(event.place.time_millis as i64),
        message: Some(event.message),
        ingestion_time: Some(event.arrived_millis as i64),
    });
    GetLogEventsOutput {
        events: Some(events.collect()),
        next_forward_token: Some(forward),
        next_backward_token: Some(backward),
    }
}
