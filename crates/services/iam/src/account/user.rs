//! Users with their access keys, and groups.

use super::Entity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// What all entities have.
    pub entity: Entity,
    /// Its groups, by their names in lower case.
    pub groups: BTreeSet<String>,
    /// Its access keys.
    pub keys: Vec<AccessKey>,
}

/// A group.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// What all entities have.
    pub entity: Entity,
}

/// An access key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessKey {
    /// `AKIA…`.
    pub id: String,
    /// The secret, sealed for this key, in Base64.
    pub sealed: String,
    /// Whether it may be used.
    pub is_active: bool,
    /// Seconds since the Unix epoch.
    pub created: u64,
}
