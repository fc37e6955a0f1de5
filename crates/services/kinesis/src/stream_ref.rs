//! How a request names a stream: by its name, or by its ARN.

use crate::errors::{invalid_argument, no_stream_named, store_error, stream_not_found};
use crate::service::{Kinesis, scope_of};
use crate::stream::{self, Stream};
use engine::Scope;
use model::ApiError;
use pipeline::{Access, Caller, Cx, Need};
use std::sync::Arc;

/// A stream that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRef {
    /// Its name.
    pub name: String,
    /// Region and account of its ARN, where it was named by one.
    place: Option<(String, String)>,
}

impl StreamRef {
    /// The stream of a request; its members have been held against their patterns.
    pub fn of(name: Option<String>, arn: Option<String>) -> Result<StreamRef, ApiError> {
        let by_arn = arn.as_deref().map(StreamRef::parse).transpose()?;
        match (name, by_arn) {
            (Some(name), Some(by_arn)) if name != by_arn.name => {
                Err(invalid_argument("StreamName and StreamARN do not name the same stream."))
            }
            (_, Some(by_arn)) => Ok(by_arn),
            (Some(name), None) => Ok(StreamRef { name, place: None }),
            (None, None) => Err(no_stream_named()),
        }
    }

    /// The stream of an ARN.
    pub fn parse(arn: &str) -> Result<StreamRef, ApiError> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, "kinesis", region, account, resource] = parts[..] else { return Err(no_arn(arn)) };
        let name = resource.strip_prefix("stream/").ok_or_else(|| no_arn(arn))?;
        Ok(StreamRef { name: name.to_owned(), place: Some((region.to_owned(), account.to_owned())) })
    }

    /// Whether its ARN is of this account and region.
    pub fn is_of(&self, scope: &Scope) -> bool {
        let place = self.place.as_ref();
        place.is_none_or(|(region, account)| *region == *scope.region && *account == *scope.account)
    }

    /// The ARN.
    pub fn arn(&self, caller: &Caller) -> String {
        match &self.place {
            Some((region, account)) => format!("arn:aws:kinesis:{region}:{account}:stream/{}", self.name),
            None => stream::arn(&scope_of(caller), &self.name),
        }
    }

    /// What an action on it needs.
    pub fn access(&self, cx: &Cx<'_, Kinesis>, action: &'static str) -> Access<'static> {
        Need::new(action, self.arn(cx.caller)).into()
    }

    /// The caller's account and region, if the stream is there: one of another place is not found.
    pub fn scope(&self, cx: &Cx<'_, Kinesis>) -> Result<Scope, ApiError> {
        let scope = scope_of(cx.caller);
        if self.is_of(&scope) { Ok(scope) } else { Err(stream_not_found(&scope, &self.name)) }
    }

    /// The stream as it is now.
    pub async fn find(&self, cx: &Cx<'_, Kinesis>) -> Result<Arc<Stream>, ApiError> {
        let scope = self.scope(cx)?;
        let found = cx.service.streams.find(&scope, &self.name).await.map_err(|error| store_error(&error))?;
        found.ok_or_else(|| stream_not_found(&scope, &self.name))
    }
}

fn no_arn(arn: &str) -> ApiError {
    invalid_argument(format!("{arn} is not the ARN of a stream."))
}
