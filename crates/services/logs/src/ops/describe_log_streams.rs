//! DescribeLogStreams: the streams of a group, by name or by the time of their last event.

use crate::errors;
use crate::events::{self, Standing, StreamId};
use crate::group::{Region, Stream};
use crate::logs::STREAMS_MAX;
use crate::ops::constraints;
use crate::service::{CloudWatchLogs, name_of, region};
use model::ApiError;
use model::logs::{DescribeLogStreams, DescribeLogStreamsInput, DescribeLogStreamsOutput, LogStream};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const PAGE_MAX: i64 = 50;

impl Operation<CloudWatchLogs> for DescribeLogStreams {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<DescribeLogStreamsInput> = Validation::Own;
    type Plan = DescribeLogStreamsInput;

    fn check(input: DescribeLogStreamsInput) -> Result<DescribeLogStreamsInput, ApiError> {
        constraints(&input)?;
        let by_time = input.order_by.as_deref() == Some("LastEventTime");
        if by_time && input.log_stream_name_prefix.is_some() {
            return Err(errors::cannot_order_with_prefix());
        }
        Ok(input)
    }

    fn access<'a>(cx: &'a Cx<'_, CloudWatchLogs>, input: &'a DescribeLogStreamsInput) -> Access<'a> {
        let name = input.log_group_name.as_deref().or(input.log_group_identifier.as_deref().map(name_of));
        Need::new("logs:DescribeLogStreams", region(cx.caller).group_arn(name.unwrap_or_default())).into()
    }

    async fn run(
        cx: &Cx<'_, CloudWatchLogs>,
        input: DescribeLogStreamsInput,
    ) -> Result<DescribeLogStreamsOutput, ApiError> {
        let (service, region) = (cx.service, region(cx.caller));
        let named = service.named_group(
            cx.caller,
            input.log_group_name.as_ref(),
            input.log_group_identifier.as_ref(),
        );
        let (name, group) = named.await?;
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        let mut streams = service.logs.streams(&region, &group, None, STREAMS_MAX).await?;
        streams.retain(|(name, _)| name.starts_with(prefix));
        let mut all = Vec::new();
        for (stream, document) in streams {
            let id = StreamId { group: group.id, stream: document.id };
            let standing =
                events::standing(service.logs.store(), id).await.map_err(|error| errors::store(&error))?;
            all.push(shown(&region, &name, stream, &document, standing));
        }
        if input.order_by.as_deref() == Some("LastEventTime") {
            all.sort_by_key(|stream| stream.last_event_timestamp);
        }
        if input.descending == Some(true) {
            all.reverse();
        }
        let from = input
            .next_token
            .as_deref()
            .map_or(Ok(0), |token| token.parse().map_err(|_| errors::invalid_token()))?;
        let limit = input.limit.unwrap_or(PAGE_MAX) as usize;
        let next_token = (all.len() > from + limit).then(|| (from + limit).to_string());
        let log_streams = Some(all.into_iter().skip(from).take(limit).collect());
        Ok(DescribeLogStreamsOutput { log_streams, next_token })
    }
}

fn shown(
    region: &Region,
    group: &str,
    name: String,
    stream: &Stream,
    standing: Option<Standing>,
) -> LogStream {
    let millis = |of: fn(Standing) -> u64| standing.map(|standing| of(standing) as i64);
    LogStream {
        creation_time: Some(stream.created_millis as i64),
        first_event_timestamp: millis(|standing| standing.first_millis),
        last_event_timestamp: millis(|standing| standing.last_millis),
        last_ingestion_time: millis(|standing| standing.arrived_millis),
        upload_sequence_token: standing.map(|standing| sequence_token(standing.next_sequence)),
        arn: Some(region.stream_arn(group, &name)),
        stored_bytes: Some(0),
        log_stream_name: Some(name),
    }
}

/// Kept for clients; nobody has to send it back.
fn sequence_token(next: u64) -> String {
    format!("{next:056}")
}
