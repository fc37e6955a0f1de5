//! Where reading a shard begins: what requests say, and the place that it means.

use crate::describe::micros;
use crate::errors::{self, invalid_argument, store_error};
use crate::sequence_number;
use crate::stream::{Shard, Stream};
use crate::streams::Streams;
use model::ApiError;
use store::FeedCursor;

/// What a request says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Start {
    TrimHorizon,
    Latest,
    At(String),
    After(String),
    /// In microseconds since the Unix epoch.
    Time(u64),
}

impl Start {
    /// Of members that have been held against the model.
    pub(crate) fn of(
        kind: Option<&str>,
        number: Option<String>,
        timestamp: Option<f64>,
    ) -> Result<Start, ApiError> {
        let kind = kind.unwrap_or_default();
        let mismatch = |what: &str| {
            invalid_argument(format!(
                "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or \
                 (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified {kind} and {what}."
            ))
        };
        match (kind, number) {
            ("AT_SEQUENCE_NUMBER", Some(number)) => Ok(Start::At(number)),
            ("AFTER_SEQUENCE_NUMBER", Some(number)) => Ok(Start::After(number)),
            ("AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER", None) => {
                Err(mismatch("no StartingSequenceNumber"))
            }
            ("TRIM_HORIZON" | "LATEST", Some(_)) => Err(mismatch("also a StartingSequenceNumber")),
            ("TRIM_HORIZON", None) => Ok(Start::TrimHorizon),
            ("LATEST", None) => Ok(Start::Latest),
            _ => match timestamp {
                Some(seconds) => Ok(Start::Time(micros(seconds))),
                None => Err(invalid_argument(
                    "Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has \
                     no timestamp parameter.",
                )),
            },
        }
    }

    /// The place in a shard behind which reading begins.
    pub(crate) async fn place(
        &self,
        streams: &Streams,
        stream: &Stream,
        shard: &Shard,
        now_micros: u64,
    ) -> Result<FeedCursor, ApiError> {
        let behind = |number: &str| {
            let place = sequence_number::place_behind(shard, number);
            place.ok_or_else(|| errors::foreign_sequence_number(stream, &shard.id(), number))
        };
        match self {
            Start::TrimHorizon => Ok(FeedCursor::START),
            Start::Latest => Ok(FeedCursor::behind(streams.store().durable().position)),
            Start::After(number) => behind(number),
            Start::At(number) => behind(number).map(before),
            Start::Time(micros) if *micros > now_micros => Err(invalid_argument(format!(
                "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. \
                 timestampInMillis: {}, currentTimestampInMillis: {}",
                micros / 1_000,
                now_micros / 1_000
            ))),
            Start::Time(micros) => {
                streams.place_at(shard, *micros).await.map_err(|error| store_error(&error))
            }
        }
    }
}

/// The place before the record that a place lies behind.
fn before(FeedCursor { position, index }: FeedCursor) -> FeedCursor {
    match index.checked_sub(1) {
        Some(index) => FeedCursor { position, index },
        None => FeedCursor::behind(store::Position(position.0.saturating_sub(1))),
    }
}
