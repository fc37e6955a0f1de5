//! ListStreams: the streams of an account and region, or of one table, page by page. Those that were disabled less than
//! 24 hours ago are among them, also of deleted tables. A table that does not exist has none.
//!
//! Order of refusals: constraints → the ARN to start behind.

use crate::errors::{limit_at_most, store_error};
use crate::service::{DynamoDbStreams, scope_of};
use crate::stream_arn::{self, StreamArn};
use engine::Scope;
use model::dynamodb_streams::{ListStreams, ListStreamsInput, ListStreamsOutput, Stream};
use model::{ApiError, Constraints};
use pipeline::validation::refuse;
use pipeline::{Access, Cx, Kind, Operation, Validation};
use stdx::limits::STREAMS_PER_PAGE_MAX;

impl Operation<DynamoDbStreams> for ListStreams {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListStreamsInput> = Validation::Own;
    type Plan = ListStreamsInput;

    fn check(input: ListStreamsInput) -> Result<ListStreamsInput, ApiError> {
        let mut violations = Vec::new();
        input.violations(&mut violations);
        violations.extend(limit_at_most(input.limit, STREAMS_PER_PAGE_MAX as i64));
        refuse(&violations)?;
        stream_arn::check(input.exclusive_start_stream_arn.as_deref())?;
        Ok(input)
    }

    fn access(_: &Cx<'_, DynamoDbStreams>, _: &ListStreamsInput) -> Access<'static> {
        crate::access::everything("dynamodb:ListStreams")
    }

    async fn run(
        cx: &Cx<'_, DynamoDbStreams>,
        input: ListStreamsInput,
    ) -> Result<ListStreamsOutput, ApiError> {
        let limit = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(STREAMS_PER_PAGE_MAX);
        let after = input.exclusive_start_stream_arn.as_deref().and_then(StreamArn::parse);
        let after = after.map(|arn| (arn.table.table, arn.label));
        let (scope, table) = (scope_of(cx.caller), input.table_name.as_deref());
        let names = cx.service.engine.stream_names(&scope, table, after, limit + 1).await;
        let mut names = names.map_err(|error| store_error(&error))?;
        let more = names.len() > limit;
        names.truncate(limit);
        let streams: Vec<_> = names.into_iter().map(|(name, label)| stream(&scope, name, label)).collect();
        let last = streams.last().filter(|_| more).and_then(|stream| stream.stream_arn.clone());
        Ok(ListStreamsOutput { streams: Some(streams), last_evaluated_stream_arn: last })
    }
}

fn stream(scope: &Scope, table_name: String, label: String) -> Stream {
    let arn = engine::stream::arn(scope, &table_name, &label);
    Stream { stream_arn: Some(arn), table_name: Some(table_name), stream_label: Some(label) }
}
