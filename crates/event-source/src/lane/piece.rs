//! A batch that was formed, and that goes on until it is done or given up.

use crate::place::Place;
use serde::{Deserialize, Serialize};

/// The records behind what is done, or behind the piece before, up to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The place behind its last record.
    pub until: Place,
    /// How often the function was called with it. A half begins anew: a split is no retry.
    pub invocations: u32,
}

impl Piece {
    /// One that was not tried yet.
    pub(super) fn new(until: Place) -> Piece {
        Piece { until, invocations: 0 }
    }
}
