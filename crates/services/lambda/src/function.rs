//! A function as it is kept: one document with its unpublished version, the published ones, and all that hangs on it,
//! so that each change of a function is one commit.

use crate::alias::Alias;
use crate::code::CodeRef;
use crate::errors;
use crate::event_invoke::EventInvokeConfig;
use crate::name::{Arn, LATEST};
use crate::permission::Policy;
use model::ApiError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::records::{RecordKey, RecordScope};

/// The newest format of the documents that this build writes.
pub(crate) const FORMAT: u32 = 1;
/// Under which name the documents of the service are kept.
pub(crate) const SERVICE: &str = "lambda";
const KIND: &str = "function";

/// A function.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What `$LATEST` is.
    pub latest: Version,
    /// The published versions.
    #[serde(default)]
    pub versions: BTreeMap<u64, Version>,
    /// The number of the newest version ever published: numbers are not used again.
    #[serde(default)]
    pub last_version: u64,
    /// Names for versions.
    #[serde(default)]
    pub aliases: BTreeMap<String, Alias>,
    /// Who may invoke it from elsewhere, by version or alias; by nothing for the function.
    #[serde(default)]
    pub policies: BTreeMap<String, Policy>,
    /// What is said of its events, by version or alias.
    #[serde(default)]
    pub event_invoke_configs: BTreeMap<String, EventInvokeConfig>,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How many calls may run at a time; `None` for as many as there is room for.
    #[serde(default)]
    pub reserved_concurrency: Option<u64>,
}

/// Code and configuration as they are together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Version {
    /// Changes with every change; also tells processes that run another one.
    pub revision_id: String,
    /// The package.
    pub code: CodeRef,
    /// Such as `python3.13`.
    pub runtime: String,
    /// The role's ARN, kept for clients.
    pub role: String,
    /// Where the runtime begins.
    pub handler: String,
    /// A text for people.
    #[serde(default)]
    pub description: String,
    /// How long a call may take.
    pub timeout_seconds: u64,
    /// How much memory a process may have.
    pub memory_mb: u64,
    /// The size of `/tmp`, kept for clients.
    pub ephemeral_storage_mb: u64,
    /// The function's own variables; `None` if none were given.
    #[serde(default)]
    pub environment: Option<BTreeMap<String, String>>,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `PassThrough` or `Active`, kept for clients.
    pub tracing_mode: String,
    /// Where what it prints goes, and how.
    pub logging: Logging,
    /// Where events go that were given up; kept for clients.
    #[serde(default)]
    pub dead_letter_target: Option<String>,
    /// When it was changed last.
    pub modified_micros: u64,
}

/// Where what a function prints goes, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Logging {
    /// The log group.
    pub group: String,
    /// `Text` or `JSON`.
    pub format: String,
    /// With JSON, from which level on lines of the function are kept.
    #[serde(default)]
    pub application_level: Option<String>,
    /// The same for lines of the platform.
    #[serde(default)]
    pub system_level: Option<String>,
}

impl Function {
    /// Refuses a change of another revision than the present one.
    pub(crate) fn check_revision(&self, given: Option<&str>) -> Result<(), ApiError> {
        match given.is_none_or(|given| given == self.latest.revision_id) {
            true => Ok(()),
            false => Err(errors::other_revision()),
        }
    }

    /// Refuses a version that is not there.
    pub(crate) fn check_number(&self, arn: &Arn, number: &str) -> Result<(), ApiError> {
        let is_there = number == LATEST || self.published(number).is_some();
        if is_there { Ok(()) } else { Err(errors::function_not_found(&arn.qualified(number))) }
    }

    /// Whether it has a version or alias of this name.
    pub(crate) fn has(&self, qualifier: &str) -> bool {
        qualifier == LATEST || self.aliases.contains_key(qualifier) || self.published(qualifier).is_some()
    }

    /// The published version of a number.
    pub(crate) fn published(&self, number: &str) -> Option<&Version> {
        self.versions.get(&number.parse().ok()?)
    }

    /// Publishes the unpublished version, unless it is what was published last; the number it has.
    pub(crate) fn publish(&mut self, description: Option<String>) -> u64 {
        let last = self.versions.get(&self.last_version);
        if last.is_some_and(|last| last.is_same_as(&self.latest)) {
            return self.last_version;
        }
        self.last_version += 1;
        let description = description.unwrap_or_else(|| self.latest.description.clone());
        self.versions.insert(self.last_version, Version { description, ..self.latest.clone() });
        self.last_version
    }

    /// Every package that some version of it has.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &CodeRef> {
        self.versions.values().chain([&self.latest]).map(|version| &version.code)
    }
}

impl Version {
    /// Gives it a new revision.
    pub(crate) fn touched(&mut self, revision_id: &str, now_micros: u64) {
        revision_id.clone_into(&mut self.revision_id);
        self.modified_micros = now_micros;
    }

    /// Whether nothing has changed between the two, but for what publishing changes.
    fn is_same_as(&self, other: &Version) -> bool {
        self.revision_id == other.revision_id
    }
}

/// Where the document of a function is.
pub(crate) fn key(account: &str, region: &str, name: &str) -> RecordKey {
    RecordKey::new(SERVICE, KIND, account, region, name)
}

/// All functions of an account in a region.
pub(crate) fn scope<'a>(account: &'a str, region: &'a str) -> RecordScope<'a> {
    RecordScope::Region { service: SERVICE, kind: KIND, account, region }
}
