//! The ARN of a stream: `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`.

use crate::checks::table_name::Arn;
use crate::errors::{invalid_stream_arn, store_error, stream_not_found};
use crate::service::{DynamoDbStreams, scope_of};
use engine::Scope;
use engine::stream::Stream;
use model::ApiError;
use pipeline::Cx;
use policy::Policy;
use std::sync::Arc;
use store::StoreError;

/// The parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamArn<'a> {
    /// Of the table.
    pub table: Arn<'a>,
    /// Of the stream.
    pub label: &'a str,
}

impl<'a> StreamArn<'a> {
    /// Reads an ARN of a stream, of any partition.
    pub fn parse(text: &'a str) -> Option<StreamArn<'a>> {
        let (table, label) = text.split_once("/stream/")?;
        let is_label =
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit() || b"-:.T".contains(&byte));
        Some(StreamArn { table: Arn::parse(table)?, label }).filter(|_| is_label)
    }
}

/// Refuses what is no ARN of a stream.
pub fn check(arn: Option<&str>) -> Result<(), ApiError> {
    match arn {
        Some(arn) if StreamArn::parse(arn).is_none() => Err(invalid_stream_arn()),
        _ => Ok(()),
    }
}

/// The stream of an ARN that has been checked, as it is now. One of another region is not found, and neither is
/// one that was disabled more than 24 hours ago.
pub async fn find(cx: &Cx<'_, DynamoDbStreams>, arn: &str) -> Result<Arc<Stream>, ApiError> {
    let (scope, StreamArn { table, label }) = resolve(cx, arn)?;
    let stream = cx.service.engine.current_stream(&scope, table.table, label).await;
    listed(cx, arn, stream)
}

/// The same for a read of records, which does not need its newest shards.
pub async fn find_to_read(cx: &Cx<'_, DynamoDbStreams>, arn: &str) -> Result<Arc<Stream>, ApiError> {
    let (scope, StreamArn { table, label }) = resolve(cx, arn)?;
    let stream = cx.service.engine.stream(&scope, table.table, label).await;
    listed(cx, arn, stream)
}

/// The policy of the stream that an ARN names, if it has one. It goes with the table.
pub fn policy(cx: &Cx<'_, DynamoDbStreams>, arn: &str) -> Option<Arc<Policy>> {
    let policies = Some(&cx.service.policies).filter(|policies| policies.are_there())?;
    let (scope, StreamArn { table, label }) = resolve(cx, arn).ok()?;
    let table = cx.service.engine.table(&scope, table.table)?;
    policies.of(&table, label)
}

/// An ARN of another account leads there once any table or stream has a policy: from then on the rights of every caller
/// are asked for.
fn resolve<'a>(cx: &Cx<'_, DynamoDbStreams>, arn: &'a str) -> Result<(Scope, StreamArn<'a>), ApiError> {
    let (own, parsed) = (scope_of(cx.caller), StreamArn::parse(arn).ok_or_else(invalid_stream_arn)?);
    let scope = match cx.service.policies.were_there(cx.now_micros) {
        true => Scope { account: parsed.table.account.into(), ..own },
        false => own,
    };
    let is_here = parsed.table.region == &*scope.region && parsed.table.account == &*scope.account;
    if is_here { Ok((scope, parsed)) } else { Err(stream_not_found(arn)) }
}

fn listed(
    cx: &Cx<'_, DynamoDbStreams>,
    arn: &str,
    stream: Result<Option<Arc<Stream>>, StoreError>,
) -> Result<Arc<Stream>, ApiError> {
    let stream = stream.map_err(|error| store_error(&error))?;
    let horizon = cx.service.engine.stream_horizon(cx.now_micros);
    stream.filter(|stream| stream.is_listed(horizon)).ok_or_else(|| stream_not_found(arn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_a_table_and_a_label() {
        let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/abc/stream/2026-01-31T23:59:59.123";
        let read = StreamArn::parse(arn).unwrap();
        assert_eq!(
            (read.table.table, read.table.region, read.label),
            ("abc", "eu-west-1", "2026-01-31T23:59:59.123")
        );
        for wrong in [&arn[..40], &arn.replace("/stream/", "/index/"), &arn.replace("2026", "x"), "abc", ""] {
            assert_eq!(StreamArn::parse(wrong), None, "{wrong}");
        }
    }
}
