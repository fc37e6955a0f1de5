//! The resource that tags belong to: a table, or a stream of one, by its ARN.

use crate::checks::table_name::is_name;
use crate::checks::table_ref::find_table;
use crate::checks::tags::Tags;
use crate::errors::{
    enveloped, foreign_resource, invalid_resource_arn, length_at_least, length_at_most, member_value,
    not_a_dynamodb_arn, not_an_arn, resource_arn_missing, resource_not_found, untaggable_resource,
};
use crate::service::{DynamoDb, scope_of};
use engine::Table;
use model::ApiError;
use pipeline::Cx;
use std::sync::Arc;

const ARN_CHARACTERS_MAX: usize = 1283;

/// A table or a stream as its ARN names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedResource {
    /// The whole ARN.
    pub arn: String,
    /// The table.
    pub table: String,
    /// The label of the stream, where it is one.
    pub stream: Option<String>,
    region: String,
    account: String,
}

impl TaggedResource {
    /// Reads the ARN of a request: present, of an allowed length, of DynamoDB, of a table or a stream.
    pub fn read(arn: Option<String>) -> Result<TaggedResource, ApiError> {
        let arn = arn.ok_or_else(resource_arn_missing)?;
        length(&arn)?;
        let rest = arn.strip_prefix("arn:").ok_or_else(|| not_an_arn(&arn))?;
        let parts: Vec<&str> = rest.splitn(5, ':').collect();
        if parts.get(1).is_some_and(|service| *service != "dynamodb") {
            return Err(not_a_dynamodb_arn(&arn));
        }
        let [_partition, _service, region, account, resource] = parts[..] else {
            return Err(invalid_resource_arn(&arn));
        };
        let (table, stream) = table_and_stream(resource).ok_or_else(|| untaggable_resource(&arn))?;
        if !(3..=255).contains(&table.len()) || !is_name(table) {
            return Err(invalid_resource_arn(&arn));
        }
        let (region, account) = (region.to_owned(), account.to_owned());
        let (table, stream) = (table.to_owned(), stream.map(str::to_owned));
        Ok(TaggedResource { arn, table, stream, region, account })
    }

    /// The table, where the resource is the caller's and exists. A table that is being created has no tags yet.
    pub async fn find(&self, cx: &Cx<'_, DynamoDb>) -> Result<Arc<Table>, ApiError> {
        let scope = scope_of(cx.caller);
        if *self.region != *scope.region {
            return Err(invalid_resource_arn(&self.arn));
        }
        if *self.account != *scope.account {
            return Err(foreign_resource());
        }
        let is_there = |table: &Arc<Table>| !table.settings.is_creating(cx.now_micros) && self.is_of(table);
        find_table(cx, &self.table).await?.filter(is_there).ok_or_else(|| resource_not_found(&self.arn))
    }

    /// The table, where it is known here; without a trace.
    pub fn look_up(&self, cx: &Cx<'_, DynamoDb>) -> Option<Arc<Table>> {
        let scope = scope_of(cx.caller);
        let is_own = *self.region == *scope.region && *self.account == *scope.account;
        if is_own { cx.service.engine.table(&scope, &self.table) } else { None }
    }

    /// Its tags, where it has any.
    pub fn tags<'a>(&self, table: &'a Table) -> Option<&'a Tags> {
        match &self.stream {
            None => Some(&table.settings.tags),
            Some(label) => table.settings.stream_tags.get(label),
        }
    }

    /// Replaces its tags. Those of removed streams are dropped with the next change.
    pub fn set_tags(&self, table: &mut Table, tags: Tags) {
        match &self.stream {
            None => table.settings.tags = tags,
            Some(label) => {
                let mut streams = std::mem::take(&mut table.settings.stream_tags);
                streams.insert(label.clone(), tags);
                streams.retain(|label, tags| !tags.is_empty() && has_stream(table, label));
                table.settings.stream_tags = streams;
            }
        }
    }

    fn is_of(&self, table: &Table) -> bool {
        self.stream.as_deref().is_none_or(|label| has_stream(table, label))
    }
}

fn has_stream(table: &Table, label: &str) -> bool {
    table.settings.stream.as_ref().is_some_and(|stream| stream.label == label)
}

fn length(arn: &str) -> Result<(), ApiError> {
    let constraint = match arn.chars().count() {
        0 => length_at_least(1),
        characters if characters > ARN_CHARACTERS_MAX => length_at_most(ARN_CHARACTERS_MAX),
        _ => return Ok(()),
    };
    Err(enveloped(member_value(arn, "resourceArn", constraint)))
}

/// `table/NAME` and `table/NAME/stream/LABEL`; nothing for other resources.
fn table_and_stream(resource: &str) -> Option<(&str, Option<&str>)> {
    let path = resource.strip_prefix("table/")?;
    match path.split_once('/') {
        None => Some((path, None)),
        Some((table, rest)) => rest.strip_prefix("stream/").map(|label| (table, Some(label))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let read = |arn: &str| TaggedResource::read(Some(arn.to_owned()));
        let stream = read("arn:aws:dynamodb:eu-west-1:000000000000:table/abc/stream/2026-01-01T00:00:00.000");
        let stream = stream.unwrap();
        assert_eq!((&*stream.table, stream.stream.as_deref()), ("abc", Some("2026-01-01T00:00:00.000")));
        assert_eq!(read("arn:aws:dynamodb:eu-west-1:000000000000:table/abc").unwrap().stream, None);
        for (arn, text) in [
            ("abc", "One or more parameter values were invalid: ARNs must start with 'arn:': abc"),
            ("arn:", "Invalid TableArn: Invalid ResourceArn provided as input arn:"),
            ("arn:aws:s3:::x", "One or more parameter values were invalid: Provided Arn is not a DynamoDB"),
            ("arn:aws:dynamodb:r:1:table/a", "Invalid TableArn: Invalid ResourceArn"),
            (
                "arn:aws:dynamodb:r:1:table/abc/index/i",
                "One or more parameter values were invalid: Invalid resource arn",
            ),
            (
                "arn:aws:dynamodb:r:1:global-table/abc",
                "One or more parameter values were invalid: Invalid resource arn",
            ),
            (
                "",
                "1 validation error detected: Value '' at 'resourceArn' failed to satisfy constraint: Member must have",
            ),
        ] {
            let message = read(arn).unwrap_err().message.unwrap();
            assert!(message.starts_with(text), "{arn}: {message}");
        }
    }
}
