//! ListStreams: the streams of an account and region, page by page, in the order of names.
//!
//! Order of refusals: the constraints of the model → a token that no page ended with, or an old one.

use crate::describe;
use crate::errors::store_error;
use crate::next_token;
use crate::service::{Kinesis, scope_of};
use crate::stream::Stream;
use model::ApiError;
use model::kinesis::{ListStreams, ListStreamsInput, ListStreamsOutput, StreamSummary};
use pipeline::{Access, Cx, Kind, Need, Operation, Validation};

const STREAMS_PER_PAGE: usize = 100;
const TOKEN: &str = "streams";

impl Operation<Kinesis> for ListStreams {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListStreamsInput> = Validation::MODEL;
    type Plan = ListStreamsInput;

    fn check(input: ListStreamsInput) -> Result<ListStreamsInput, ApiError> {
        Ok(input)
    }

    fn access(_: &Cx<'_, Kinesis>, _: &ListStreamsInput) -> Access<'static> {
        Need::new("kinesis:ListStreams", "*").into()
    }

    async fn run(cx: &Cx<'_, Kinesis>, input: ListStreamsInput) -> Result<ListStreamsOutput, ApiError> {
        let scope = scope_of(cx.caller);
        let after = match &input.next_token {
            Some(token) => Some(next_token::open(cx, TOKEN, token).await?),
            None => input.exclusive_start_stream_name,
        };
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(STREAMS_PER_PAGE);
        let streams = cx.service.streams.list(&scope, after.as_deref(), limit + 1).await;
        let mut streams = streams.map_err(|error| store_error(&error))?;
        let has_more = streams.len() > limit;
        streams.truncate(limit);
        let next = match streams.last().filter(|_| has_more) {
            Some(last) => Some(next_token::seal(cx, TOKEN, &last.name).await?),
            None => None,
        };
        Ok(ListStreamsOutput {
            stream_names: Some(streams.iter().map(|stream| stream.name.clone()).collect()),
            has_more_streams: Some(has_more),
            next_token: next,
            stream_summaries: Some(streams.iter().map(|stream| summary(stream, cx.now_micros)).collect()),
        })
    }
}

fn summary(stream: &Stream, now_micros: u64) -> StreamSummary {
    StreamSummary {
        stream_name: Some(stream.name.clone()),
        stream_arn: Some(stream.arn()),
        stream_status: Some(stream.status(now_micros).name().to_owned()),
        stream_mode_details: Some(describe::mode(stream)),
        stream_creation_timestamp: Some(describe::seconds(stream.created_micros)),
    }
}
