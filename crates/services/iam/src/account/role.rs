//! Roles.

use super::Entity;
use serde::{Deserialize, Serialize};

/// A role.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// What all entities have.
    pub entity: Entity,
    /// Who may assume it: a policy.
    pub trust: String,
    /// What it is for.
    pub description: Option<String>,
    /// How long its sessions may last, in seconds.
    pub session_seconds_max: u64,
    /// The service that the role belongs to, of a service-linked role.
    pub service: Option<String>,
}
