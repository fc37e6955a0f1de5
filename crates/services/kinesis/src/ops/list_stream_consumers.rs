//! ListStreamConsumers: in the order of names, page by page.
//!
//! Order of refusals: the constraints of the model → not the ARN of a stream → a token that no page ended with, or an
//! old one → no such stream.

use crate::consumer_ref;
use crate::next_token;
use crate::service::Kinesis;
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{ListStreamConsumers, ListStreamConsumersInput, ListStreamConsumersOutput};
use pipeline::{Access, Cx, Kind, Operation, Validation};
use std::ops::Bound;

const CONSUMERS_PER_PAGE: usize = 100;
const TOKEN: &str = "consumers";

/// What is asked for, checked.
pub struct Plan {
    stream: StreamRef,
    token: Option<String>,
    limit: usize,
}

impl Operation<Kinesis> for ListStreamConsumers {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListStreamConsumersInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListStreamConsumersInput) -> Result<Plan, ApiError> {
        let stream = StreamRef::of(None, input.stream_arn)?;
        let limit = input.max_results.and_then(|limit| usize::try_from(limit).ok());
        Ok(Plan { stream, token: input.next_token, limit: limit.unwrap_or(CONSUMERS_PER_PAGE) })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        plan.stream.access(cx, "kinesis:ListStreamConsumers")
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<ListStreamConsumersOutput, ApiError> {
        let after = match &plan.token {
            Some(token) => Bound::Excluded(next_token::open(cx, TOKEN, token).await?),
            None => Bound::Unbounded,
        };
        let stream = plan.stream.find(cx).await?;
        let mut behind = stream.consumers.range((after, Bound::Unbounded));
        let page: Vec<_> = behind.by_ref().take(plan.limit).collect();
        let last = page.last().filter(|_| behind.next().is_some());
        let next_token = match last {
            Some((name, _)) => Some(next_token::seal(cx, TOKEN, name).await?),
            None => None,
        };
        let shown = page.iter().map(|(name, consumer)| consumer_ref::describe(&stream, name, consumer));
        Ok(ListStreamConsumersOutput { consumers: Some(shown.collect()), next_token })
    }
}
