//! How a request names a consumer of a stream: by an ARN of its own, or by the ARN of the stream and its name.

use crate::describe::seconds;
use crate::errors::invalid_argument;
use crate::stream::{Consumer, Stream};
use crate::stream_ref::StreamRef;
use model::{ApiError, kinesis as shapes};
use pipeline::{Access, Need};

/// A consumer that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRef {
    /// Its stream.
    pub stream: StreamRef,
    /// Its name.
    pub name: String,
    /// When it was registered, in seconds since the Unix epoch, where it was named by its ARN.
    created_secs: Option<u64>,
    arn: String,
}

impl ConsumerRef {
    /// The consumer of a request; its members have been held against their patterns.
    pub fn of(
        arn: Option<String>,
        stream_arn: Option<String>,
        name: Option<String>,
    ) -> Result<ConsumerRef, ApiError> {
        match (arn, stream_arn, name) {
            (Some(arn), None, None) => ConsumerRef::parse(&arn)
                .ok_or_else(|| invalid_argument(format!("{arn} is not the ARN of a consumer."))),
            (None, Some(stream_arn), Some(name)) => {
                let stream = StreamRef::parse(&stream_arn)?;
                Ok(ConsumerRef {
                    stream,
                    arn: format!("{stream_arn}/consumer/{name}"),
                    name,
                    created_secs: None,
                })
            }
            _ => Err(invalid_argument(
                "Either the ConsumerARN, or the StreamARN and the ConsumerName must be provided.",
            )),
        }
    }

    /// The consumer of an ARN: `<ARN of the stream>/consumer/<name>:<seconds>`.
    pub fn parse(arn: &str) -> Option<ConsumerRef> {
        let (stream, consumer) = arn.split_once("/consumer/")?;
        let (name, secs) = consumer.split_once(':')?;
        Some(ConsumerRef {
            stream: StreamRef::parse(stream).ok()?,
            name: name.to_owned(),
            created_secs: Some(secs.parse().ok()?),
            arn: arn.to_owned(),
        })
    }

    /// Its name with when it was registered, as its ARN has them.
    pub(crate) fn named(&self) -> String {
        self.arn.split_once("/consumer/").map_or_else(|| self.name.clone(), |(_, named)| named.to_owned())
    }

    /// What an action on it needs.
    pub fn access(&self, action: &'static str) -> Access<'static> {
        Need::new(action, self.arn.clone()).into()
    }

    /// The consumer, if its stream has it.
    pub fn find_in<'a>(&self, stream: &'a Stream) -> Option<(&'a String, &'a Consumer)> {
        let found = stream.consumers.get_key_value(&self.name);
        found.filter(|(_, consumer)| {
            self.created_secs.is_none_or(|secs| secs == consumer.created_micros / 1_000_000)
        })
    }
}

/// A consumer as answers show it.
pub(crate) fn describe(stream: &Stream, name: &str, consumer: &Consumer) -> shapes::Consumer {
    let secs = consumer.created_micros / 1_000_000;
    shapes::Consumer {
        consumer_name: Some(name.to_owned()),
        consumer_arn: Some(format!("{}/consumer/{name}:{secs}", stream.arn())),
        consumer_status: Some("ACTIVE".to_owned()),
        consumer_creation_timestamp: Some(seconds(consumer.created_micros)),
    }
}
