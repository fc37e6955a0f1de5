//! One shard being read: the position of its reader, and its iterator while it is valid.

use super::record::Record;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The position of a shard's reader.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Position {
    /// Before the oldest record that is kept.
    Oldest,
    /// Behind the newest record.
    Latest,
    /// At the first record since a time, in microseconds since the Unix epoch.
    Since(u64),
    /// Behind the record with this sequence number.
    After(String),
}

/// What the page was that was read last.
#[derive(Debug, Clone, Copy, PartialEq)]
enum LastPage {
    /// It had changes, or none was read.
    Filled,
    /// It was empty: the reader is where the writers are.
    Empty,
    /// It was the last of a shard that is closed.
    Last,
}

/// A shard being read.
#[derive(Debug)]
pub(super) struct Shard {
    pub(super) id: String,
    pub(super) position: Position,
    /// Where the next page begins. Iterators expire; a new one is made from the position.
    pub(super) iterator: Option<String>,
    /// Changes that were read and are not shown yet, the oldest first.
    pub(super) changes: VecDeque<Value>,
    last_page: LastPage,
    /// Records of earlier seconds are not wanted.
    since_seconds: u64,
}

impl Shard {
    pub(super) fn at(id: String, position: Position) -> Shard {
        let since_seconds = if let Position::Since(micros) = position { micros / 1_000_000 } else { 0 };
        let (iterator, changes, last_page) = (None, VecDeque::new(), LastPage::Filled);
        Shard { id, position, iterator, changes, last_page, since_seconds }
    }

    /// Begins at the oldest record, for a server that cannot begin at a time: what is older is not wanted.
    pub(super) fn begin_before(&mut self, micros: u64) {
        (self.position, self.since_seconds) = (Position::Oldest, micros / 1_000_000);
    }

    /// Whether it has been read to its end.
    pub(super) fn has_ended(&self) -> bool {
        self.last_page == LastPage::Last
    }

    /// Whether it may have a change that is no newer than those of others.
    pub(super) fn has_more(&self) -> bool {
        self.last_page == LastPage::Filled
    }

    /// Whether a record of it is wanted.
    pub(super) fn wants(&self, record: Record<'_>) -> bool {
        record.seconds() >= self.since_seconds
    }

    /// The request for an iterator.
    pub(super) fn iterator_input(&self, stream: &str) -> Value {
        let mut input = json!({"StreamArn": stream, "ShardId": self.id});
        match &self.position {
            Position::Oldest => input["ShardIteratorType"] = "TRIM_HORIZON".into(),
            Position::Latest => input["ShardIteratorType"] = "LATEST".into(),
            Position::Since(micros) => {
                input["ShardIteratorType"] = "AT_TIMESTAMP".into();
                input["Timestamp"] = json!((micros / 1_000) as f64 / 1_000.0);
            }
            Position::After(sequence_number) => {
                input["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER".into();
                input["SequenceNumber"] = sequence_number.as_str().into();
            }
        }
        input
    }

    /// Takes note of a page that was read at this time.
    pub(super) fn advance(&mut self, page: &Value, now_micros: u64) {
        let records = page["Records"].as_array().map(Vec::as_slice).unwrap_or_default();
        self.changes.extend(records.iter().cloned());
        match records.last().and_then(|record| Record::of(record).sequence_number()) {
            Some(last) => self.position = Position::After(last.to_owned()),
            // "Latest" is a different position at each request.
            None if self.position == Position::Latest => self.position = Position::Since(now_micros),
            None => {}
        }
        self.iterator = page["NextShardIterator"].as_str().map(str::to_owned);
        self.last_page = match (&self.iterator, records.is_empty()) {
            (None, _) => LastPage::Last,
            (Some(_), true) => LastPage::Empty,
            (Some(_), false) => LastPage::Filled,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_follows_what_was_read() {
        let mut shard = Shard::at("s".into(), Position::Latest);
        assert_eq!(shard.iterator_input("arn")["ShardIteratorType"], "LATEST");
        shard.advance(&json!({"Records": [], "NextShardIterator": "i"}), 1_500_000);
        assert_eq!((&shard.position, shard.iterator.as_deref()), (&Position::Since(1_500_000), Some("i")));
        assert_eq!(shard.iterator_input("arn")["Timestamp"], 1.5);
        let records = json!([{"dynamodb": {"SequenceNumber": "1"}}, {"dynamodb": {"SequenceNumber": "2"}}]);
        shard.advance(&json!({"Records": records}), 2_000_000);
        assert_eq!((&shard.position, &shard.iterator), (&Position::After("2".into()), &None));
        shard.advance(&json!({"Records": []}), 3_000_000);
        assert_eq!(shard.iterator_input("arn")["SequenceNumber"], "2");
    }
}
