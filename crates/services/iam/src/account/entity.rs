//! What users, groups and roles have in common.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A kind of entity that has policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A user.
    User,
    /// A group.
    Group,
    /// A role.
    Role,
}

impl Owner {
    /// As ARNs and texts have it.
    pub fn name(self) -> &'static str {
        match self {
            Owner::User => "user",
            Owner::Group => "group",
            Owner::Role => "role",
        }
    }

    /// The most bytes of all its inline policies, white space apart.
    pub fn inline_bytes_max(self) -> usize {
        match self {
            Owner::User => 2_048,
            Owner::Group => 5_120,
            Owner::Role => 10_240,
        }
    }

    /// The name of the quota of attached policies.
    pub fn attached_quota(self) -> &'static str {
        match self {
            Owner::User => "PoliciesPerUser",
            Owner::Group => "PoliciesPerGroup",
            Owner::Role => "PoliciesPerRole",
        }
    }
}

/// A user, a group or a role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entity {
    /// `/…/`.
    pub path: String,
    /// As it was given.
    pub name: String,
    /// Its unique id.
    pub id: String,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// Tags in the order in which they were given.
    pub tags: Vec<(String, String)>,
    /// Inline policies by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies.
    pub attached: BTreeSet<String>,
    /// The ARN of the permissions boundary.
    pub boundary: Option<String>,
}

impl Entity {
    /// Its ARN.
    pub fn arn(&self, owner: Owner, account: &str) -> String {
        format!("arn:aws:iam::{account}:{}{}{}", owner.name(), self.path, self.name)
    }
}
