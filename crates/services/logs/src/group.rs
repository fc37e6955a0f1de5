//! Groups and streams as they are kept: a document each.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::{RecordKey, RecordScope};

/// The newest format of the documents that this build writes.
pub(crate) const FORMAT: u32 = 1;
const SERVICE: &str = "logs";
const GROUP: &str = "group";
const STREAM: &str = "stream";

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the keys of its events have.
    pub id: u64,
    /// When it was made.
    pub created_millis: u64,
    /// After how many days events go; `None` for never.
    #[serde(default)]
    pub retention_days: Option<u64>,
    /// `STANDARD` and others, kept for clients.
    #[serde(default)]
    pub class: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A log stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What the keys of its events have.
    pub id: u64,
    /// When it was made.
    pub created_millis: u64,
}

/// Where things are in an account and a region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Region {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
}

impl Region {
    /// A region of an account.
    pub fn of(account: &str, region: &str) -> Self {
        Region { account: account.to_owned(), region: region.to_owned() }
    }

    pub(crate) fn group_key(&self, name: &str) -> RecordKey {
        RecordKey::new(SERVICE, GROUP, &self.account, &self.region, name)
    }

    pub(crate) fn groups(&self) -> RecordScope<'_> {
        RecordScope::Region { service: SERVICE, kind: GROUP, account: &self.account, region: &self.region }
    }

    /// The id of a stream's document has its group and its name, between which stands what no name has.
    pub(crate) fn stream_key(&self, group: u64, name: &str) -> RecordKey {
        RecordKey::new(SERVICE, STREAM, &self.account, &self.region, &format!("{group:016x}:{name}"))
    }

    pub(crate) fn streams(&self) -> RecordScope<'_> {
        RecordScope::Region { service: SERVICE, kind: STREAM, account: &self.account, region: &self.region }
    }

    pub(crate) fn group_arn(&self, name: &str) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{name}", self.region, self.account)
    }

    pub(crate) fn stream_arn(&self, group: &str, name: &str) -> String {
        format!("{}:log-stream:{name}", self.group_arn(group))
    }
}

/// All groups of all accounts.
pub(crate) fn all_groups() -> RecordScope<'static> {
    RecordScope::Kind { service: SERVICE, kind: GROUP }
}

/// The name of a stream by the id of its document.
pub(crate) fn stream_name(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, name)| name)
}
