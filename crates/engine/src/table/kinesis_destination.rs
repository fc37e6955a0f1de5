//! The Kinesis data streams that changes of a table go to.

use serde::{Deserialize, Serialize};

/// A stream that changes of the table go to, or went to lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KinesisDestination {
    /// The ARN of the stream.
    pub stream_arn: String,
    /// Whether changes go there.
    pub state: DestinationState,
    /// How exact the times of records are, where it was set.
    pub precision: Option<TimePrecision>,
    /// Changes up to this position are not for it.
    pub since_position: u128,
    /// When it was enabled, in microseconds since the Unix epoch.
    pub enabled_micros: u64,
    /// When the state or the precision was last changed.
    pub changed_micros: u64,
    /// Until when the last change shows as under way.
    #[serde(default)]
    pub shows_until_micros: u64,
}

/// Whether changes go to a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DestinationState {
    /// They do.
    Active,
    /// They do no longer, but not all that came before are there yet.
    Disabling,
    /// They do no longer.
    Disabled,
    /// They never did.
    Failed {
        /// Why not.
        description: String,
    },
}

/// How exact the times of records are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimePrecision {
    /// MILLISECOND
    Millisecond,
    /// MICROSECOND
    Microsecond,
}

impl KinesisDestination {
    /// Whether the last change was not the first.
    pub fn is_updated(&self) -> bool {
        self.changed_micros != self.enabled_micros
    }

    /// Whether changes go there, or some still have to.
    pub fn is_live(&self) -> bool {
        matches!(self.state, DestinationState::Active | DestinationState::Disabling)
    }
}
