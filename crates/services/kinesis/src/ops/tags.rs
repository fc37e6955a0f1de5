//! Tags of a stream, or of a consumer of one: rules that several operations share.

use super::stream_change::at_any_time;
use crate::consumer_ref::ConsumerRef;
use crate::errors::{consumer_not_found, invalid_argument};
use crate::service::Kinesis;
use crate::stream::Stream;
use crate::stream_ref::StreamRef;
use model::ApiError;
use pipeline::{Access, Cx};
use std::collections::BTreeMap;
use stdx::limits::TAGS_PER_RESOURCE_MAX;

/// What has tags.
pub enum Tagged {
    /// A stream.
    Stream(StreamRef),
    /// A consumer.
    Consumer(ConsumerRef),
}

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

impl Tagged {
    /// The resource of an ARN.
    pub(crate) fn parse(arn: Option<String>) -> Result<Tagged, ApiError> {
        let arn = arn.unwrap_or_default();
        match ConsumerRef::parse(&arn) {
            Some(consumer) => Ok(Tagged::Consumer(consumer)),
            None => StreamRef::parse(&arn).map(Tagged::Stream),
        }
    }

    pub(super) fn access(&self, cx: &Cx<'_, Kinesis>, action: &'static str) -> Access<'static> {
        match self {
            Tagged::Stream(stream) => stream.access(cx, action),
            Tagged::Consumer(consumer) => consumer.access(action),
        }
    }

    /// The tags as they are now.
    pub(crate) async fn read(&self, cx: &Cx<'_, Kinesis>) -> Result<Tags, ApiError> {
        match self {
            Tagged::Stream(stream) => Ok(stream.find(cx).await?.tags.clone()),
            Tagged::Consumer(consumer) => {
                let stream = consumer.stream.find(cx).await?;
                let (_, found) =
                    consumer.find_in(&stream).ok_or_else(|| consumer_not_found(&consumer.name))?;
                Ok(found.tags.clone())
            }
        }
    }

    /// Adds tags, or new values of tags.
    pub(super) async fn add(&self, cx: &Cx<'_, Kinesis>, new: &Tags) -> Result<(), ApiError> {
        self.change(cx, |tags| {
            tags.extend(new.clone());
            if tags.len() > TAGS_PER_RESOURCE_MAX {
                return Err(invalid_argument(format!(
                    "Failed to add tags: a resource can have {TAGS_PER_RESOURCE_MAX} tags at most."
                )));
            }
            Ok(())
        })
        .await
    }

    /// Removes tags; those that are not there are none.
    pub(super) async fn remove(&self, cx: &Cx<'_, Kinesis>, keys: &[String]) -> Result<(), ApiError> {
        self.change(cx, |tags| {
            keys.iter().for_each(|key| _ = tags.remove(key));
            Ok(())
        })
        .await
    }

    async fn change(
        &self,
        cx: &Cx<'_, Kinesis>,
        change: impl Fn(&mut Tags) -> Result<(), ApiError> + Send + Sync,
    ) -> Result<(), ApiError> {
        match self {
            Tagged::Stream(named) => at_any_time(cx, named, |stream, _| change(&mut stream.tags)).await,
            Tagged::Consumer(consumer) => {
                let change = |stream: &mut Stream| {
                    let name = consumer.find_in(stream).map(|(name, _)| name.clone());
                    let found = name.and_then(|name| stream.consumers.get_mut(&name));
                    change(&mut found.ok_or_else(|| consumer_not_found(&consumer.name))?.tags)
                };
                at_any_time(cx, &consumer.stream, |stream, _| change(stream)).await
            }
        }
    }
}
