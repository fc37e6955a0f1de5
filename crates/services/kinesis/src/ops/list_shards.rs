//! ListShards: the shards of a stream, page by page, all of them or those of a filter.
//!
//! Order of refusals: the constraints of the model → members that exclude each other → a filter without what it needs →
//! no stream named → a token that no page ended with, or an old one → no such stream.

use crate::describe;
use crate::errors::invalid_argument;
use crate::next_token;
use crate::service::Kinesis;
use crate::stream::{Shard, Stream};
use crate::stream_ref::StreamRef;
use model::ApiError;
use model::kinesis::{ListShards, ListShardsInput, ListShardsOutput, ShardFilter};
use pipeline::{Access, Cx, Kind, Operation, Validation};

const SHARDS_PER_PAGE: usize = 1_000;
const TOKEN: &str = "shards";
/// Between the name of a stream and the id of a shard in a token; neither has it.
const SEPARATOR: char = '/';

/// What is asked for, checked.
pub struct Plan {
    start: Start,
    filter: Filter,
    limit: usize,
}

enum Start {
    First { stream: StreamRef, after: Option<String> },
    Token(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Filter {
    All,
    After(String),
    /// Open now.
    Latest,
    /// With a record at this time, or open since; then also whether all later ones belong to it.
    At {
        micros: Option<u64>,
        and_later: bool,
    },
}

impl Operation<Kinesis> for ListShards {
    const KIND: Kind = Kind::Control;
    const VALIDATION: Validation<ListShardsInput> = Validation::MODEL;
    type Plan = Plan;

    fn check(input: ListShardsInput) -> Result<Plan, ApiError> {
        let has_stream = input.stream_name.is_some() || input.stream_arn.is_some();
        let limit =
            input.max_results.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(SHARDS_PER_PAGE);
        let filter = input.shard_filter.map(filter).transpose()?.unwrap_or(Filter::All);
        let start = match input.next_token {
            Some(_) if has_stream => {
                return Err(invalid_argument("NextToken and StreamName cannot be provided together."));
            }
            Some(_) if input.exclusive_start_shard_id.is_some() => {
                return Err(invalid_argument(
                    "NextToken and ExclusiveStartShardId cannot be provided together.",
                ));
            }
            Some(token) => Start::Token(token),
            None if !has_stream => {
                return Err(invalid_argument("Either NextToken or StreamName should be provided."));
            }
            None => {
                let stream = StreamRef::of(input.stream_name, input.stream_arn)?;
                Start::First { stream, after: input.exclusive_start_shard_id }
            }
        };
        Ok(Plan { start, filter, limit })
    }

    fn access(cx: &Cx<'_, Kinesis>, plan: &Plan) -> Access<'static> {
        match &plan.start {
            Start::First { stream, .. } => stream.access(cx, "kinesis:ListShards"),
            Start::Token(_) => pipeline::Need::new("kinesis:ListShards", "*").into(),
        }
    }

    async fn run(cx: &Cx<'_, Kinesis>, plan: Plan) -> Result<ListShardsOutput, ApiError> {
        let (named, after) = match plan.start {
            Start::First { stream, after } => (stream, after),
            Start::Token(token) => {
                let place = next_token::open(cx, TOKEN, &token).await?;
                let (name, after) = place.split_once(SEPARATOR).unwrap_or((&place, ""));
                (StreamRef::of(Some(name.to_owned()), None)?, Some(after.to_owned()))
            }
        };
        let stream = named.find(cx).await?;
        let mut shards: Vec<&Shard> = stream
            .listed_shards(cx.now_micros)
            .filter(|shard| after.as_deref().is_none_or(|after| shard.id().as_str() > after))
            .filter(|shard| plan.filter.takes(&stream, shard, cx.now_micros))
            .collect();
        let has_more = shards.len() > plan.limit;
        shards.truncate(plan.limit);
        let next = match shards.last().filter(|_| has_more) {
            Some(last) => {
                let place = format!("{}{SEPARATOR}{}", stream.name, last.id());
                Some(next_token::seal(cx, TOKEN, &place).await?)
            }
            None => None,
        };
        Ok(ListShardsOutput {
            shards: Some(shards.into_iter().map(describe::shard).collect()),
            next_token: next,
        })
    }
}

fn filter(filter: ShardFilter) -> Result<Filter, ApiError> {
    let kind = filter.r#type.unwrap_or_default();
    let micros = filter.timestamp.map(describe::micros);
    let missing = |member: &str| {
        invalid_argument(format!("{member} must be provided for a ShardFilter of type {kind}."))
    };
    Ok(match kind.as_str() {
        "AFTER_SHARD_ID" => Filter::After(filter.shard_id.ok_or_else(|| missing("ShardId"))?),
        "AT_LATEST" => Filter::Latest,
        "AT_TRIM_HORIZON" => Filter::At { micros: None, and_later: false },
        "FROM_TRIM_HORIZON" => Filter::All,
        kind => {
            let micros = Some(micros.ok_or_else(|| missing("Timestamp"))?);
            Filter::At { micros, and_later: kind == "FROM_TIMESTAMP" }
        }
    })
}

impl Filter {
    fn takes(&self, stream: &Stream, shard: &Shard, now_micros: u64) -> bool {
        let (micros, and_later) = match self {
            Filter::All => return true,
            Filter::After(id) => return shard.id().as_str() > id.as_str(),
            Filter::Latest => return shard.is_open(),
            Filter::At { micros, and_later } => (*micros, *and_later),
        };
        let micros = micros.unwrap_or(0).max(stream.horizon_micros(now_micros)).max(stream.created_micros);
        let is_open_then = shard.closed_micros.is_none_or(|closed| closed > micros);
        is_open_then && (and_later || stream.opened_micros(shard) <= micros)
    }
}
