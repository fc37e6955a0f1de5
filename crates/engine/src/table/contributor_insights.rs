//! Whether the keys that are accessed and throttled most are told of a table or a global index. The engine does not act
//! on it.

use serde::{Deserialize, Serialize};

/// How it stands with one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContributorInsights {
    /// The number of the index; 0 is the table.
    pub index: u16,
    /// Whether keys are ranked.
    pub state: InsightsState,
    /// Whether only throttled requests are ranked.
    pub is_of_throttles: bool,
    /// When it was enabled, in milliseconds since the Unix epoch; rules are named after it.
    pub enabled_millis: u64,
    /// When it was last changed, in microseconds since the Unix epoch.
    pub changed_micros: u64,
    /// Until when the last change shows as under way.
    pub shows_until_micros: u64,
}

/// Whether keys are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InsightsState {
    /// They are.
    Enabled,
    /// They are not.
    Disabled,
    /// They are not, because the account has too many rules.
    Failed,
}
