//! Identity providers that speak OpenID Connect.

use serde::{Deserialize, Serialize};

/// A provider. Its URL without `https://` is its key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Provider {
    /// Audiences that are taken.
    pub clients: Vec<String>,
    /// Thumbprints of its certificates: kept, not looked at.
    pub thumbprints: Vec<String>,
    /// Seconds since the Unix epoch.
    pub created: u64,
    /// Tags in the order in which they were given.
    pub tags: Vec<(String, String)>,
}
