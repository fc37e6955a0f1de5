//! The stream that is followed: found by the name of its table or its own ARN, and described.

use super::caller::{Caller, Failure};
use super::end::End;
use super::lineage::Listed;
use super::trouble;
use crate::client::Api;
use serde_json::{Value, json};

const MISSING: &str = "ResourceNotFoundException";

/// A stream, without its shards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) arn: String,
    pub(super) table: String,
    /// `NEW_AND_OLD_IMAGES` and so on.
    pub(super) view: String,
    /// The names of the table's key attributes, the partition key first.
    pub(super) key_names: Vec<String>,
    /// Whether changes still go into it.
    pub(super) is_enabled: bool,
}

/// The ARN of the stream of a table, which may be given as an ARN of a stream.
pub(super) fn find(caller: &mut Caller<'_>, table: &str) -> Result<String, End> {
    if table.starts_with("arn:") && table.contains("/stream/") {
        return Ok(table.to_owned());
    }
    match latest(caller, table) {
        Ok(Some(arn)) => Ok(arn),
        Ok(None) => Err(End::Failed(trouble::no_stream(table, caller.client().place()))),
        Err(Failure::Call(error)) if error.code() == MISSING => left_behind(caller, table),
        Err(failure) => Err(caller.end(failure)),
    }
}

/// The newest stream of a table that is there.
pub(super) fn latest(caller: &mut Caller<'_>, table: &str) -> Result<Option<String>, Failure> {
    let described = caller.call(Api::DynamoDb, "DescribeTable", &json!({"TableName": table}))?;
    Ok(described["Table"]["LatestStreamArn"].as_str().map(str::to_owned))
}

/// The stream of a table that was deleted is readable for a day.
fn left_behind(caller: &mut Caller<'_>, table: &str) -> Result<String, End> {
    let listed = caller.call(Api::Streams, "ListStreams", &json!({"TableName": table}));
    let streams = listed.map(|listed| listed["Streams"].as_array().cloned().unwrap_or_default());
    let arn = |stream: &Value| stream["StreamArn"].as_str().map(str::to_owned);
    // Labels are times, so the greatest ARN is the newest.
    let newest = streams.unwrap_or_default().iter().filter_map(arn).max();
    newest.ok_or_else(|| End::Failed(trouble::no_table(table, caller.client().place())))
}

/// Describes a stream and all its shards, page by page.
pub(super) fn describe(caller: &mut Caller<'_>, arn: &str) -> Result<(Stream, Vec<Listed>), Failure> {
    let (mut shards, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({"StreamArn": arn, "Limit": 100});
        if !after.is_null() {
            input["ExclusiveStartShardId"] = after;
        }
        let page = caller.call(Api::Streams, "DescribeStream", &input)?;
        let description = &page["StreamDescription"];
        shards.extend(description["Shards"].as_array().into_iter().flatten().map(listed));
        after = description["LastEvaluatedShardId"].clone();
        if after.is_null() {
            return Ok((read(arn, description), shards));
        }
    }
}

fn read(arn: &str, description: &Value) -> Stream {
    let text = |member: &str| description[member].as_str().unwrap_or_default().to_owned();
    let names = description["KeySchema"].as_array().into_iter().flatten();
    Stream {
        arn: arn.to_owned(),
        table: text("TableName"),
        view: text("StreamViewType"),
        key_names: names.filter_map(|key| key["AttributeName"].as_str()).map(str::to_owned).collect(),
        is_enabled: description["StreamStatus"] != "DISABLED" && description["StreamStatus"] != "DISABLING",
    }
}

fn listed(shard: &Value) -> Listed {
    Listed {
        id: shard["ShardId"].as_str().unwrap_or_default().to_owned(),
        parent: shard["ParentShardId"].as_str().map(str::to_owned),
        is_closed: shard["SequenceNumberRange"]["EndingSequenceNumber"].is_string(),
    }
}
