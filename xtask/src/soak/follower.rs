//! Follows a stream as a consumer does: every shard from its beginning, once its parent was read to the end.

use super::changes::Changes;
use crate::api::{Connection, STREAMS};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How far a stream was read.
pub(super) struct Follower {
    connection: Connection,
    arn: Value,
    /// The iterators of the shards that are being read.
    reading: BTreeMap<String, Value>,
    finished: BTreeSet<String>,
    pub(super) changes: Changes,
    pub(super) records: u64,
    /// Shards that were seen to have two children.
    pub(super) splits: usize,
}

impl Follower {
    pub(super) fn of(url: &str, arn: &Value) -> Result<Follower, String> {
        Ok(Follower {
            connection: Connection::open(url)?,
            arn: arn.clone(),
            reading: BTreeMap::new(),
            finished: BTreeSet::new(),
            changes: Changes::default(),
            records: 0,
            splits: 0,
        })
    }

    /// How many shards there have been.
    pub(super) fn shards(&self) -> usize {
        self.reading.len() + self.finished.len()
    }

    /// A page of each shard that is being read; how many records they had.
    pub(super) fn read_on(&mut self) -> Result<usize, String> {
        let mut read = 0;
        for (shard, iterator) in std::mem::take(&mut self.reading) {
            let page = self.connection.ask(STREAMS, "GetRecords", &json!({"ShardIterator": iterator}))?;
            let records = page["Records"].as_array().map_or(&[][..], Vec::as_slice);
            for record in records {
                self.changes.take(record)?;
            }
            read += records.len();
            match page.get("NextShardIterator") {
                Some(next) => _ = self.reading.insert(shard, next.clone()),
                None => self.end(&shard)?,
            }
        }
        self.records += read as u64;
        Ok(read)
    }

    /// Looks for shards that can be begun: at first all that have no parent.
    pub(super) fn look_for_shards(&mut self) -> Result<(), String> {
        for shard in list(&mut self.connection, &self.arn)? {
            let parent = shard["ParentShardId"].as_str();
            if parent.is_none_or(|parent| self.finished.contains(parent)) {
                self.begin(&shard)?;
            }
        }
        Ok(())
    }

    fn begin(&mut self, shard: &Value) -> Result<(), String> {
        let id = shard["ShardId"].as_str().unwrap_or_default();
        if self.finished.contains(id) || self.reading.contains_key(id) {
            return Ok(());
        }
        let iterator = at_the_beginning(&mut self.connection, &self.arn, shard)?;
        self.reading.insert(id.to_owned(), iterator);
        Ok(())
    }

    /// A shard that is closed has children, unless the stream is disabled.
    fn end(&mut self, shard: &str) -> Result<(), String> {
        self.finished.insert(shard.to_owned());
        let filter = json!({"Type": "CHILD_SHARDS", "ShardId": shard});
        let request = json!({"StreamArn": self.arn, "ShardFilter": filter});
        let page = self.connection.ask(STREAMS, "DescribeStream", &request)?;
        let children = page["StreamDescription"]["Shards"].as_array().cloned().unwrap_or_default();
        if children.is_empty() {
            return Err(format!("{shard} is closed and has no child"));
        }
        self.splits += usize::from(children.len() == 2);
        children.iter().try_for_each(|child| self.begin(child))
    }
}

/// Reads each shard from the oldest record there is, as a consumer does that comes late. Returns how many records there
/// were, and how often a record became too old while it was read.
pub(super) fn read_late(url: &str, arn: &Value) -> Result<(u64, u64), String> {
    let mut connection = Connection::open(url)?;
    let (mut records, mut too_old) = (0, 0);
    for shard in list(&mut connection, arn)? {
        match read_shard(&mut connection, arn, &shard) {
            Ok(of_shard) => records += of_shard,
            Err(error) if error.contains("TrimmedDataAccess") || error.contains("ResourceNotFound") => {
                too_old += 1
            }
            Err(error) => return Err(error),
        }
    }
    Ok((records, too_old))
}

fn read_shard(connection: &mut Connection, arn: &Value, shard: &Value) -> Result<u64, String> {
    let (mut changes, mut count) = (Changes::default(), 0);
    let mut iterator = at_the_beginning(connection, arn, shard)?;
    loop {
        let page = connection.ask(STREAMS, "GetRecords", &json!({"ShardIterator": iterator}))?;
        let records = page["Records"].as_array().map_or(&[][..], Vec::as_slice);
        for record in records {
            changes.take(record)?;
        }
        count += records.len() as u64;
        match page.get("NextShardIterator") {
            Some(next) if !records.is_empty() => iterator = next.clone(),
            _ => return Ok(count),
        }
    }
}

fn at_the_beginning(connection: &mut Connection, arn: &Value, shard: &Value) -> Result<Value, String> {
    let begin = json!({"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
    Ok(connection.ask(STREAMS, "GetShardIterator", &begin)?["ShardIterator"].clone())
}

fn list(connection: &mut Connection, arn: &Value) -> Result<Vec<Value>, String> {
    let (mut shards, mut request) = (Vec::new(), json!({"StreamArn": arn}));
    loop {
        let page = connection.ask(STREAMS, "DescribeStream", &request)?["StreamDescription"].clone();
        shards.extend(page["Shards"].as_array().into_iter().flatten().cloned());
        match page.get("LastEvaluatedShardId") {
            Some(last) => request["ExclusiveStartShardId"] = last.clone(),
            None => return Ok(shards),
        }
    }
}
