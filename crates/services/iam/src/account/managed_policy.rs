//! Managed policies and their versions.

use serde::{Deserialize, Serialize};

/// A managed policy of the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ManagedPolicy {
    /// `/…/`.
    pub path: String,
    /// As it was given.
    pub name: String,
    /// Its unique id.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// When the newest version was made.
    pub updated: u64,
    /// Tags in the order in which they were given.
    pub tags: Vec<(String, String)>,
    /// Versions, the oldest first.
    pub versions: Vec<Version>,
    /// The number of the version that counts.
    pub default_version: u64,
    /// The number of the newest version that there ever was.
    pub last_version: u64,
}

/// A version of a managed policy.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// From 1, never used again.
    pub number: u64,
    /// The policy.
    pub document: String,
    /// Seconds since the Unix epoch.
    pub created: u64,
}

impl ManagedPolicy {
    /// Its ARN.
    pub fn arn(&self, account: &str) -> String {
        format!("arn:aws:iam::{account}:policy{}{}", self.path, self.name)
    }

    /// A version by its id, `v1`.
    pub fn version(&self, id: &str) -> Option<&Version> {
        let number: u64 = id.strip_prefix('v')?.parse().ok()?;
        self.versions.iter().find(|version| version.number == number)
    }

    /// The version that counts.
    pub fn document(&self) -> &str {
        let is_default = |version: &&Version| version.number == self.default_version;
        self.versions.iter().find(is_default).map_or("", |version| &version.document)
    }
}
