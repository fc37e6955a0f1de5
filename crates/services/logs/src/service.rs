//! The service: what its operations run on.

use crate::errors;
use crate::group::{Group, Region};
use crate::logs::Logs;
use model::ApiError;
use pipeline::{Caller, Cx, Protocol, Service};
use std::collections::BTreeMap;

/// CloudWatch Logs over the logs of a server.
#[derive(Debug)]
pub struct CloudWatchLogs {
    /// The logs.
    pub logs: Logs,
}

impl CloudWatchLogs {
    /// The service on these logs.
    pub fn new(logs: Logs) -> Self {
        CloudWatchLogs { logs }
    }

    /// The group that a request names, by its name or its ARN.
    pub(crate) async fn named_group(
        &self,
        caller: &Caller,
        name: Option<&String>,
        identifier: Option<&String>,
    ) -> Result<(String, Group), ApiError> {
        let name = match (name, identifier) {
            (Some(_), Some(_)) => return Err(errors::name_and_identifier()),
            (Some(name), None) => name.as_str(),
            (None, Some(identifier)) => name_of(identifier),
            (None, None) => return Err(errors::no_name()),
        };
        let group = self.logs.group(&region(caller), name).await?;
        Ok((name.to_owned(), group))
    }
}

/// Where a caller's groups are.
pub(crate) fn region(caller: &Caller) -> Region {
    Region::of(&caller.account, &caller.region)
}

/// The name in an ARN of a group, `…:log-group:‹name›` or the same with `:*`; anything else is a name.
pub(crate) fn name_of(identifier: &str) -> &str {
    let name = identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name);
    name.split(':').next().unwrap_or(name)
}

impl Service for CloudWatchLogs {
    const TARGET_PREFIX: &'static str = model::logs::TARGET_PREFIX;
    const SIGNING_NAME: &'static str = "logs";
    const PROTOCOLS: &'static [Protocol] = &[Protocol::AwsJson11];
    const VERSION: &'static str = model::logs::VERSION;
    /// PutLogEvents takes one megabyte of events; JSON may be larger.
    const BODY_BYTES_MAX: Option<usize> = Some(8 * 1024 * 1024);
    const HAS_TAGS: bool = true;

    async fn tags_of(cx: &Cx<'_, Self>, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        Ok(cx.service.logs.group(&region(cx.caller), name_of(arn)).await?.tags)
    }
}
