//! What must survive of a lane.

use super::{Piece, Window};
use crate::place::Place;
use serde::{Deserialize, Serialize};

/// How far a lane has come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// Everything up to here is done or given up.
    pub after: Place,
    /// The batches behind it that are tried again, in order, without a gap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<Piece>,
    /// The tumbling window that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Whether the shard was read to its end, and all of it is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

impl Progress {
    /// Of a lane that begins behind a place.
    pub fn behind(after: Place) -> Progress {
        Progress { after, ..Progress::default() }
    }
}
