//! Where the records of a mapping come from: the stream of a table, or a stream of Kinesis.

use crate::place::Place;
use crate::reader::place;
use dynamodb::stream_arn::StreamArn;
use engine::stream::Stream;
use engine::{Engine, Scope};
use kinesis::consumer_ref::ConsumerRef;
use kinesis::{StreamRef, Streams};
use std::sync::Arc;
use store::records::RecordError;
use store::{FeedCursor, StoreError, Watch};

/// The streams of a server.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Those of tables.
    pub engine: Engine,
    /// Those of Kinesis.
    pub kinesis: Streams,
}

/// The kinds of streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// The changes of a table.
    DynamoDb,
    /// A stream of Kinesis.
    Kinesis,
}

/// A stream as it was when it was found.
#[derive(Debug, Clone)]
pub enum Source {
    /// The changes of a table.
    DynamoDb(Arc<Stream>),
    /// A stream of Kinesis.
    Kinesis(Arc<kinesis::Stream>),
}

/// A shard with those that it continues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// Its id.
    pub id: String,
    /// The ids of its parents: one that was split, or two that were merged.
    pub parents: Vec<String>,
}

impl SourceKind {
    /// The kind of stream that an ARN names; `None` for anything else.
    pub fn of(arn: &str) -> Option<SourceKind> {
        match arn.split(':').nth(2)? {
            "dynamodb" => Some(SourceKind::DynamoDb),
            "kinesis" => Some(SourceKind::Kinesis),
            _ => None,
        }
    }
}

impl Sources {
    /// The stream of an ARN, which for Kinesis may be that of a consumer; `None` where it is not there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn find(&self, arn: &str) -> Result<Option<Source>, RecordError> {
        match SourceKind::of(arn) {
            Some(SourceKind::DynamoDb) => {
                let Some(StreamArn { table, label }) = StreamArn::parse(arn) else { return Ok(None) };
                let scope = Scope { account: table.account.into(), region: table.region.into() };
                let found = self.engine.current_stream(&scope, table.table, label).await?;
                Ok(found.map(Source::DynamoDb))
            }
            Some(SourceKind::Kinesis) => Ok(self.find_kinesis(arn).await?.map(Source::Kinesis)),
            None => Ok(None),
        }
    }

    /// The same for a stream of Kinesis.
    pub(crate) async fn find_kinesis(&self, arn: &str) -> Result<Option<Arc<kinesis::Stream>>, StoreError> {
        let Some(named) = Named::parse(arn) else { return Ok(None) };
        let found = self.kinesis.find(&named.scope, &named.stream.name).await?;
        Ok(found.filter(|stream| {
            named.consumer.as_ref().is_none_or(|consumer| consumer.find_in(stream).is_some())
        }))
    }

    /// Tells when the shards of a stream of Kinesis change, or the stream goes. A change of a table's stream is told by
    /// its feed.
    pub(crate) fn watch(&self, arn: &str) -> Option<Watch> {
        let named = Named::parse(arn)?;
        Some(self.kinesis.watch(&named.scope, &named.stream.name))
    }

    /// The place behind everything that has been written so far.
    pub fn newest(&self) -> Place {
        place(FeedCursor::behind(self.engine.store().durable().position))
    }
}

/// What the ARN of a stream of Kinesis, or of a consumer of one, names.
struct Named {
    stream: StreamRef,
    consumer: Option<ConsumerRef>,
    scope: Scope,
}

impl Named {
    fn parse(arn: &str) -> Option<Named> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, "kinesis", region, account, _] = parts[..] else { return None };
        let scope = Scope { account: account.into(), region: region.into() };
        if arn.contains("/consumer/") {
            let consumer = ConsumerRef::parse(arn)?;
            return Some(Named { stream: consumer.stream.clone(), consumer: Some(consumer), scope });
        }
        Some(Named { stream: StreamRef::parse(arn).ok()?, consumer: None, scope })
    }
}

impl Source {
    /// The kind of stream.
    pub fn kind(&self) -> SourceKind {
        match self {
            Source::DynamoDb(_) => SourceKind::DynamoDb,
            Source::Kinesis(_) => SourceKind::Kinesis,
        }
    }

    /// Whose it is.
    pub fn scope(&self) -> &Scope {
        match self {
            Source::DynamoDb(stream) => &stream.scope,
            Source::Kinesis(stream) => &stream.scope,
        }
    }

    /// Whether it can be read at a time.
    pub fn is_listed(&self, now_micros: u64) -> bool {
        match self {
            Source::DynamoDb(stream) => stream.is_listed(now_micros),
            Source::Kinesis(_) => true,
        }
    }

    /// Whether records go into a shard, as far as that is known: then it has not been read to its end, whatever was
    /// noted of a stream of this name before.
    pub(crate) fn is_open(&self, shard: &str) -> bool {
        match self {
            Source::DynamoDb(_) => false,
            Source::Kinesis(stream) => stream.open_shards().any(|open| open.id() == shard),
        }
    }

    /// The shards that it has.
    pub(crate) fn shards(&self) -> Vec<Shard> {
        match self {
            Source::DynamoDb(stream) => {
                let shards = stream.shards.iter();
                let parents = |parent: &Option<String>| parent.iter().cloned().collect();
                shards.map(|shard| Shard { id: shard.id.clone(), parents: parents(&shard.parent) }).collect()
            }
            Source::Kinesis(stream) => {
                let parents = |shard: &kinesis::stream::Shard| -> Vec<String> {
                    shard.parents().map(kinesis::stream::shard_id).collect()
                };
                let shards = stream.shards.iter();
                shards.map(|shard| Shard { id: shard.id(), parents: parents(shard) }).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_streams_and_consumers() {
        let stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
        let named = Named::parse(stream).unwrap();
        assert_eq!((named.stream.name.as_str(), named.consumer.is_none()), ("s", true));
        assert_eq!(&*named.scope.account, "123456789012");
        let named = Named::parse(&format!("{stream}/consumer/c:7")).unwrap();
        assert_eq!((named.stream.name.as_str(), named.consumer.unwrap().name.as_str()), ("s", "c"));
        assert!(Named::parse(&format!("{stream}/consumer/c")).is_none());
        assert!(Named::parse("arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/l").is_none());
        assert_eq!(SourceKind::of(stream), Some(SourceKind::Kinesis));
        assert_eq!(SourceKind::of("arn:aws:sqs:eu-west-1:123456789012:q"), None);
    }
}
